package org.novabridge.driver.hypervisor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A bridge process in small, for {@link EmbedRestartTest}: {@code start ROOT UUID} leaves a running guest behind and
 * dies without closing anything; {@code take-over ROOT UUID} finds it and ends it.
 */
public final class EmbedRestart {
    private EmbedRestart() {}

    public static void main(String[] args) throws Exception {
        EmbedRoot root = EmbedRoot.prepare(Path.of(args[1]), "libvirt-qemu", "kvm");
        String uuid = args[2];
        LibvirtHypervisor hypervisor = LibvirtHypervisor.open(LibvirtSettings.of(root.uri()), Clock.systemUTC());
        if (args[0].equals("start")) {
            hypervisor.define(EmbedLab.guest(
                    uuid, "<serial type='pty'><log file='" + root.path() + "/console.log' append='off'/></serial>"));
            hypervisor.start(uuid, false);
            say(hypervisor, root, uuid);
            // As kill -9 would: no shutdown hook, no close.
            Runtime.getRuntime().halt(0);
        }
        say(hypervisor, root, uuid);
        hypervisor.pause(uuid);
        hypervisor.resume(uuid);
        hypervisor.destroy(uuid);
        hypervisor.undefine(uuid);
        hypervisor.close();
        System.out.println("left " + hypervisorAnswersAfterClose(hypervisor));
    }

    private static boolean hypervisorAnswersAfterClose(LibvirtHypervisor closed) {
        return closed.connected();
    }

    private static void say(LibvirtHypervisor hypervisor, EmbedRoot root, String uuid) throws Exception {
        Guest guest = hypervisor.find(uuid).orElseThrow();
        String pid = Files.readString(root.path().resolve("run/qemu/" + guest.name() + ".pid"))
                .strip();
        System.out.println("guest " + guest.state() + " " + guest.id() + " " + pid);
    }
}

package org.novabridge.driver.hypervisor;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt-qemu.h, a library of its own beside libvirt's: what only QEMU has. */
interface LibvirtQemuCalls extends Library {
    /**
     * Passes a command to the guest's agent. libvirt notes in the guest's log that somebody did (custom-ga-command).
     *
     * @param command JSON
     * @param seconds how long it may take
     * @return the answer in UTF-8 with a closing zero, which the caller frees; null on failure
     */
    @Nullable
    Pointer virDomainQemuAgentCommand(Pointer domain, String command, int seconds, int flags);
}

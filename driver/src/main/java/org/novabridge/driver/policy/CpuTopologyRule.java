package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestCpu.CpuTopology;

/**
 * Sockets, cores and threads from flavor and image (nova/virt/hardware.py 26.2.2,
 * get_best_cpu_topology): image limits may only lower the flavor's, any preference of the image replaces
 * all of the flavor's, and among the topologies that fit, the one that matches most preferences wins,
 * then many sockets, then few threads.
 */
final class CpuTopologyRule {
    private static final int NO_LIMIT = 65536;

    private CpuTopologyRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE when limits or preferences exclude each other
     */
    static CpuTopology decide(GuestContext guest) {
        CpuTopology flavorMax = ofFlavor(guest, "hw:cpu_max_");
        CpuTopology imageMax = ofImage(guest, "hw_cpu_max_");
        if (exceeds(flavorMax.sockets(), imageMax.sockets())
                || exceeds(flavorMax.cores(), imageMax.cores())
                || exceeds(flavorMax.threads(), imageMax.threads())) {
            throw refused("the image's limits " + text(imageMax) + " exceed the flavor's " + text(flavorMax));
        }
        CpuTopology max = new CpuTopology(
                limit(imageMax.sockets(), flavorMax.sockets()),
                limit(imageMax.cores(), flavorMax.cores()),
                limit(imageMax.threads(), flavorMax.threads()));
        CpuTopology wantedByFlavor = ofFlavor(guest, "hw:cpu_");
        if (beyond(wantedByFlavor, max)) {
            wantedByFlavor = new CpuTopology(0, 0, 0);
        }
        CpuTopology wantedByImage = ofImage(guest, "hw_cpu_");
        if (beyond(wantedByImage, max)) {
            throw refused("the image's wish " + text(wantedByImage) + " exceeds the limits " + text(max));
        }
        boolean imageWishes =
                wantedByImage.sockets() != 0 || wantedByImage.cores() != 0 || wantedByImage.threads() != 0;
        return best(guest.flavor().vcpus(), max, imageWishes ? wantedByImage : wantedByFlavor);
    }

    private static CpuTopology ofFlavor(GuestContext guest, String prefix) {
        return new CpuTopology(
                guest.extraNumber(prefix + "sockets"),
                guest.extraNumber(prefix + "cores"),
                guest.extraNumber(prefix + "threads"));
    }

    private static CpuTopology ofImage(GuestContext guest, String prefix) {
        return new CpuTopology(
                guest.image().number(prefix + "sockets"),
                guest.image().number(prefix + "cores"),
                guest.image().number(prefix + "threads"));
    }

    private static boolean exceeds(int flavorLimit, int imageLimit) {
        return flavorLimit != 0 && imageLimit > flavorLimit;
    }

    private static int limit(int image, int flavor) {
        if (image != 0) {
            return image;
        }
        return flavor != 0 ? flavor : NO_LIMIT;
    }

    private static boolean beyond(CpuTopology wanted, CpuTopology max) {
        return wanted.sockets() > max.sockets() || wanted.cores() > max.cores() || wanted.threads() > max.threads();
    }

    private static CpuTopology best(int vcpus, CpuTopology max, CpuTopology wanted) {
        List<CpuTopology> possible = new ArrayList<>();
        for (int sockets = 1; sockets <= Math.min(vcpus, max.sockets()); sockets++) {
            for (int cores = 1; vcpus % sockets == 0 && cores <= Math.min(vcpus, max.cores()); cores++) {
                int rest = vcpus / sockets;
                if (rest % cores == 0 && rest / cores <= max.threads()) {
                    possible.add(new CpuTopology(sockets, cores, rest / cores));
                }
            }
        }
        Comparator<CpuTopology> preference = Comparator.<CpuTopology>comparingInt(topology -> matches(topology, wanted))
                .thenComparingInt(topology -> topology.sockets() * topology.cores())
                .thenComparingInt(CpuTopology::sockets)
                .thenComparingInt(CpuTopology::threads);
        return possible.stream()
                .max(preference)
                .orElseThrow(() -> refused(vcpus + " vCPUs do not fit into the limits " + text(max)));
    }

    private static int matches(CpuTopology topology, CpuTopology wanted) {
        int score = 0;
        score += wanted.sockets() != 0 && topology.sockets() == wanted.sockets() ? 1 : 0;
        score += wanted.cores() != 0 && topology.cores() == wanted.cores() ? 1 : 0;
        score += wanted.threads() != 0 && topology.threads() == wanted.threads() ? 1 : 0;
        return score;
    }

    private static String text(CpuTopology topology) {
        return topology.sockets() + ":" + topology.cores() + ":" + topology.threads();
    }

    private static BridgeException refused(String why) {
        return new BridgeException(
                ErrorCode.INVALID_HARDWARE_VALUE,
                "CPU topology (sockets:cores:threads): " + why,
                "Correct hw:cpu_… of the flavor or hw_cpu_… of the image.");
    }
}

package org.novabridge.driver.host.tuning;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.hypervisor.GuestDriver;
import org.novabridge.driver.model.BridgeException;

/**
 * How old the virtio drivers of running Windows guests are, as their agents tell ({@code guest-get-devices}, QEMU 5.2).
 *
 * <p>The guides say "keep them new" and no more: {@link #OLD} is ours. What a guest says of itself can be wrong and be meant
 * to be, so it is never worse than a note.
 */
final class WindowsDriversCheck implements TuningCheck {
    private static final String NAME = "guests";
    private static final String SOURCE = "QEMU qga/qapi-schema.json guest-get-devices; virtio-win";
    private static final String WANTED = "virtio drivers of the last three years";
    private static final Duration OLD = Duration.ofDays(3 * 365);
    private static final int SHOWN = 4;

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        for (QemuProcess guest : host.guests()) {
            if (guest.windows()) {
                findings.add(finding(host, guest));
            }
        }
        return findings;
    }

    private static Finding finding(ObservedHost host, QemuProcess guest) {
        Finding.Draft draft =
                Finding.about(NAME, "guest " + guest.guest(), SOURCE).wanted(WANTED);
        String uuid = guest.uuid();
        if (uuid == null) {
            return draft.unknown("it seems to be Windows, and its command line has no uuid to ask its agent by");
        }
        List<GuestDriver> virtio;
        try {
            virtio = host.drivers().of(uuid).stream()
                    .filter(driver -> driver.vendor() == GuestDriver.VIRTIO)
                    .toList();
        } catch (BridgeException e) {
            return draft.unknown("it seems to be Windows, and its drivers are known to it alone: " + e.getMessage());
        }
        List<GuestDriver> dated = virtio.stream()
                .filter(driver -> driver.released() != null && driver.released().isBefore(host.now()))
                .toList();
        if (dated.isEmpty()) {
            return draft.unknown(
                    virtio.isEmpty()
                            ? "its agent names no driver of a virtio device"
                            : "its agent gives no date of a virtio driver that can be one");
        }
        Instant limit = host.now().minus(OLD);
        List<GuestDriver> old = dated.stream()
                .filter(driver -> driver.released() != null && driver.released().isBefore(limit))
                .toList();
        return old.isEmpty()
                ? draft.found(dated.size() + " drivers, none older").as(Severity.OK)
                : draft.found(described(old))
                        .why(
                                "Old drivers lack discard, queues and repairs. The age is ours; the guest itself says this.")
                        .remedy("install a newer virtio-win in it")
                        .as(Severity.NOTE);
    }

    /** Disks and their controllers of the same driver say the same. */
    private static String described(List<GuestDriver> old) {
        TreeSet<String> all = new TreeSet<>();
        old.forEach(driver -> all.add(day(driver.released()) + " " + driver.name()
                + (driver.version() == null ? "" : " " + driver.version())));
        return all.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (all.size() > SHOWN ? " and " + (all.size() - SHOWN) + " more" : "");
    }

    private static LocalDate day(@Nullable Instant released) {
        return LocalDate.ofInstant(Objects.requireNonNull(released), ZoneOffset.UTC);
    }
}

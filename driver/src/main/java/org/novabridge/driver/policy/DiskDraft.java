package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.DiskTuning;
import org.novabridge.driver.model.Provenance;
import org.novabridge.driver.model.VolumeSecret;

/**
 * A disk while the rules fill it in. An attribute is written once; a rule that must change what
 * another one wrote says why with {@link #override}.
 */
public final class DiskDraft {
    private static final String NOT_SET = "(not set)";

    private final DiskRole role;
    private final String name;
    private final @Nullable BlockDevice blockDevice;
    private final Map<DiskAttribute, Object> values = new EnumMap<>(DiskAttribute.class);
    private final Map<DiskAttribute, Provenance> provenance = new EnumMap<>(DiskAttribute.class);

    /** Stands for an attribute that was decided to be absent: EnumMap keeps no null. */
    private enum Absent {
        ABSENT
    }

    DiskDraft(DiskRole role, String name, @Nullable BlockDevice blockDevice) {
        this.role = role;
        this.name = name;
        this.blockDevice = blockDevice;
    }

    public DiskRole role() {
        return role;
    }

    public String name() {
        return name;
    }

    /** Nova's entry for it; null when the flavor asked for the disk. */
    public @Nullable BlockDevice blockDevice() {
        return blockDevice;
    }

    boolean volume() {
        return role == DiskRole.VOLUME;
    }

    /** The entry of a volume, which always has one. */
    BlockDevice connectedVolume() {
        if (blockDevice == null) {
            throw new IllegalStateException(name + " is no volume");
        }
        return blockDevice;
    }

    void decide(DiskRule rule, DiskAttribute attribute, Decision<?> decision) {
        decide(rule.id(), attribute, decision);
    }

    void decide(String rule, DiskAttribute attribute, Decision<?> decision) {
        Provenance before = provenance.get(attribute);
        if (before != null) {
            throw new IllegalStateException(attribute + " of " + name + " was decided by " + before.rule()
                    + " and is written again by " + rule + " without a reason");
        }
        write(rule, attribute, decision);
    }

    /** Changes what another rule decided; the sentence of the decision is the reason. */
    void override(DiskRule rule, DiskAttribute attribute, Decision<?> decision) {
        if (!provenance.containsKey(attribute)) {
            throw new IllegalStateException(attribute + " of " + name + " is not decided yet");
        }
        write(rule.id(), attribute, decision);
    }

    private void write(String rule, DiskAttribute attribute, Decision<?> decision) {
        Object value = decision.value();
        values.put(attribute, value == null ? Absent.ABSENT : value);
        provenance.put(attribute, provenance(rule, attribute, decision));
    }

    /** A decision as it is explained. */
    static Provenance provenance(String rule, DiskAttribute attribute, Decision<?> decision) {
        return new Provenance(attribute, display(decision.value()), rule, decision.origins(), decision.sentence());
    }

    private static String display(@Nullable Object value) {
        if (value == null || value instanceof Map<?, ?> map && map.isEmpty()) {
            return NOT_SET;
        }
        if (value instanceof DiskSource source) {
            return display(source);
        }
        if (value instanceof DiskDefinition.DriveAddress address) {
            return "controller " + address.controller() + " unit " + address.unit();
        }
        if (value instanceof DiskDefinition.Auth auth) {
            return auth.type() + " user " + auth.username();
        }
        if (value instanceof VolumeSecret secret) {
            return "luks, secret " + secret.uuid();
        }
        if (value instanceof BlockSizes sizes) {
            return Stream.of(named("logical", sizes.logical()), named("physical", sizes.physical()))
                    .flatMap(Optional::stream)
                    .collect(Collectors.joining(" "));
        }
        if (value instanceof Map<?, ?> map) {
            List<String> parts = new ArrayList<>();
            map.forEach((k, v) -> parts.add(k + "=" + v));
            return String.join(" ", parts);
        }
        if (value instanceof Boolean flag) {
            return flag ? "yes" : "no";
        }
        return value.toString();
    }

    private static Optional<String> named(String name, @Nullable String value) {
        return Optional.ofNullable(value).map(text -> name + " " + text);
    }

    private static String display(DiskSource source) {
        if (source instanceof DiskSource.FileSource file) {
            return file.path().toString();
        }
        if (source instanceof DiskSource.BlockSource block) {
            return block.device().toString();
        }
        if (source instanceof DiskSource.NotConnected) {
            return "not connected";
        }
        DiskSource.NetworkSource network = (DiskSource.NetworkSource) source;
        return network.protocol() + ":" + network.name();
    }

    /** The text value of a decided attribute; null when it was decided to be absent. */
    @Nullable
    String text(DiskAttribute attribute) {
        return value(attribute, String.class);
    }

    /** The decided source. */
    DiskSource source() {
        DiskSource source = value(DiskAttribute.SOURCE, DiskSource.class);
        if (source == null) {
            throw new IllegalStateException(name + " has no source");
        }
        return source;
    }

    /** The decided limits, by libvirt's names. */
    @SuppressWarnings("unchecked")
    Map<String, String> limits() {
        Map<String, String> limits = value(DiskAttribute.IOTUNE, Map.class);
        return limits == null ? Map.of() : limits;
    }

    /** The decided size in bytes; null when it is the image's own. */
    @Nullable
    Long bytes() {
        return value(DiskAttribute.SIZE, Long.class);
    }

    /** The queues of the controller that the disk hangs on; null when the disk has its own, or nobody says. */
    @Nullable
    Integer queuesOfController() {
        DeviceNumber number = value(DiskAttribute.QUEUES, DeviceNumber.class);
        return number != null && number.ofController() ? number.value() : null;
    }

    private @Nullable Integer ofDevice(DiskAttribute attribute) {
        DeviceNumber number = value(attribute, DeviceNumber.class);
        return number == null || number.ofController() ? null : number.value();
    }

    /** The I/O threads that serve the disk or its controller; empty for none. */
    List<Integer> ioThreads() {
        DeviceThreads threads = value(DiskAttribute.IOTHREAD, DeviceThreads.class);
        return threads == null ? List.of() : threads.ids();
    }

    /** The I/O threads of the controller that the disk hangs on; empty when there is none. */
    List<Integer> threadsOfController() {
        DeviceThreads threads = value(DiskAttribute.IOTHREAD, DeviceThreads.class);
        return threads != null && threads.ofController() ? threads.ids() : List.of();
    }

    /** How many queues are decided for the disk's device or its controller; 0 when it is left to QEMU. */
    int queues() {
        DeviceNumber queues = value(DiskAttribute.QUEUES, DeviceNumber.class);
        return queues == null ? 0 : queues.value();
    }

    private DiskTuning tuning() {
        return new DiskTuning(
                threadsOfController().isEmpty() ? ioThreads() : List.of(),
                ofDevice(DiskAttribute.QUEUES),
                value(DiskAttribute.QUEUE_SIZE, Integer.class),
                text(DiskAttribute.DETECT_ZEROES),
                text(DiskAttribute.ERROR_POLICY),
                value(DiskAttribute.DISCARD_NO_UNREF, Boolean.class),
                value(DiskAttribute.METADATA_CACHE, Long.class),
                value(DiskAttribute.ROTATION_RATE, Integer.class));
    }

    /** The profile that holds for the disk. */
    Optional<IoProfile> profile() {
        return Optional.ofNullable(value(DiskAttribute.PROFILE, IoProfile.class));
    }

    boolean flag(DiskAttribute attribute) {
        return Boolean.TRUE.equals(value(attribute, Boolean.class));
    }

    /** The text value of an attribute that is never absent. */
    String needText(DiskAttribute attribute) {
        String text = text(attribute);
        if (text == null) {
            throw new IllegalStateException(attribute + " of " + name + " is absent");
        }
        return text;
    }

    private <T> @Nullable T value(DiskAttribute attribute, Class<T> type) {
        Object value = values.get(attribute);
        if (value == null) {
            throw new IllegalStateException(attribute + " of " + name + " is read before it is decided");
        }
        return value == Absent.ABSENT ? null : type.cast(value);
    }

    DiskDefinition finish() {
        BlockSizes sizes = value(DiskAttribute.BLOCK_SIZE, BlockSizes.class);
        return new DiskDefinition(
                role,
                name,
                needText(DiskAttribute.BACKEND),
                value(DiskAttribute.SIZE, Long.class),
                text(DiskAttribute.FILESYSTEM),
                label(),
                source(),
                needText(DiskAttribute.DEVICE),
                text(DiskAttribute.DRIVER),
                text(DiskAttribute.FORMAT),
                text(DiskAttribute.CACHE),
                text(DiskAttribute.IO),
                text(DiskAttribute.DISCARD),
                needText(DiskAttribute.TARGET),
                needText(DiskAttribute.BUS),
                text(DiskAttribute.SERIAL),
                limits(),
                sizes == null ? null : sizes.logical(),
                sizes == null ? null : sizes.physical(),
                flag(DiskAttribute.READ_ONLY),
                flag(DiskAttribute.SHAREABLE),
                value(DiskAttribute.BOOT, Integer.class),
                value(DiskAttribute.ADDRESS, DiskDefinition.DriveAddress.class),
                value(DiskAttribute.AUTH, DiskDefinition.Auth.class),
                secret(),
                tuning(),
                List.copyOf(provenance.values()));
    }

    private @Nullable String secret() {
        VolumeSecret secret = value(DiskAttribute.ENCRYPTION, VolumeSecret.class);
        return secret == null ? null : secret.uuid();
    }

    /** Nova's labels: {@code disk.local} and {@code disk.eph0} are both {@code ephemeral0}. */
    private @Nullable String label() {
        if (role != DiskRole.EPHEMERAL) {
            return null;
        }
        return name.equals("disk.local") ? "ephemeral0" : "ephemeral" + name.substring("disk.eph".length());
    }

    /** Block sizes a volume reports to the guest, in bytes. */
    record BlockSizes(@Nullable String logical, @Nullable String physical) {}
}

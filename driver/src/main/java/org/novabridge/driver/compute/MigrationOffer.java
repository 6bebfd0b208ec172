package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.InstanceSpecReader;
import org.novabridge.driver.model.InstanceSpecWriter;
import org.novabridge.driver.storage.DiskNames;
import org.novabridge.driver.transfer.Frame;

/**
 * An instance that another host wants to bring.
 *
 * @param protocol version of what the two bridges say to each other
 * @param migration uuid of the migration, new for each
 * @param token the secret of the migration
 * @param instance its uuid
 * @param owner {@code nova} or {@code operator}, as on the other host
 * @param ran whether the guest ran on the other host
 * @param held whether Nova's compute service starts it here, and not the bridge
 * @param dryRun only whether it would be taken
 * @param disks those that are brought, in the order in which they come; none when all are volumes
 * @param spec of the instance, as it is to be here
 */
public record MigrationOffer(
        int protocol,
        String migration,
        String token,
        String instance,
        String owner,
        boolean ran,
        boolean held,
        @JsonProperty("dry_run") boolean dryRun,
        List<Disk> disks,
        JsonNode spec) {
    /**
     * Version of frames and words. There are two forms of it, told apart by their words: {@code ran} and {@code held}, and in
     * that of a release before {@code run} in their place. Whoever changes words again takes a number.
     */
    static final int PROTOCOL = Frame.VERSION;

    /** The same with disks that come encrypted: a bridge that knew only the former would take them for plain ones. */
    static final int WITH_ENCRYPTED = 2;

    /** For whatever one of two bridges says and the other does not read. */
    public static final String SAME_RELEASE = "run the same release of nova-bridge on both hosts";

    /**
     * What the releases before this one advise of a document that they cannot read: with them that of a bridge was anybody's.
     */
    private static final List<String> UNREAD =
            List.of("Send one JSON object", "correct the document; nothing was done with it");

    private static final String RUN = "run";

    /** A petabyte: what is larger is no disk of a guest. */
    private static final long MOST = 1L << 50;

    private static final int MOST_WORDS = 2;
    private static final Pattern WORD = Pattern.compile("[a-z0-9=:+._-]{1,128}");

    /**
     * A disk.
     *
     * @param size in bytes, as the sender has it
     * @param encryption how its bytes are encrypted; null or empty when they are the guest's own
     */
    public record Disk(String name, long size, @Nullable List<String> encryption) {
        List<String> words() {
            return encryption == null ? List.of() : encryption;
        }
    }

    /** What this bridge offers, as it is said to the other one. */
    static RemoteBridge.Stream of(GuestMigration.Job job, boolean dryRun) {
        ObjectNode offer = StateJson.MAPPER.createObjectNode();
        boolean encrypted =
                job.disks().stream().anyMatch(disk -> !disk.encryption().isEmpty());
        offer.put("protocol", encrypted ? WITH_ENCRYPTED : PROTOCOL)
                .put("migration", job.migration())
                .put("token", job.token())
                .put("instance", job.made().uuid())
                .put("owner", job.made().owner().word())
                .put("ran", job.ran())
                .put("held", job.held() != null)
                .put("dry_run", dryRun);
        ArrayNode disks = offer.putArray("disks");
        for (GuestMigration.Going disk : job.disks()) {
            ObjectNode one = disks.addObject().put("name", disk.name()).put("size", disk.size());
            if (!disk.encryption().isEmpty()) {
                disk.encryption().forEach(one.putArray("encryption")::add);
            }
        }
        offer.set("spec", InstanceSpecWriter.write(job.spec()));
        byte[] request = offer.toString().getBytes(StandardCharsets.UTF_8);
        return to -> to.write(request);
    }

    /**
     * An offer as it has come, in the words of today: to be asked before it is read, since another release has others. Where the
     * one before said only that the guest is to run here, it ran; where it is not, it was off, or Nova starts it: its bridge
     * does nothing then, as it does of one that did not run.
     *
     * @throws BridgeException RESIZE_REFUSED for another protocol
     */
    public static JsonNode inTodaysWords(JsonNode said) {
        demandSpoken(said.path("protocol").asInt(-1));
        if (!said.has(RUN) || said.has("ran") || said.has("held")) {
            return said;
        }
        ObjectNode today = said.deepCopy();
        today.set("ran", today.remove(RUN));
        return today.put("held", false);
    }

    private static void demandSpoken(int protocol) {
        if (protocol != PROTOCOL && protocol != WITH_ENCRYPTED) {
            throw new BridgeException(
                    ErrorCode.RESIZE_REFUSED,
                    "this bridge speaks protocols " + PROTOCOL + " and " + WITH_ENCRYPTED
                            + " of migrations, and the other host " + (protocol < 0 ? "none of them" : protocol),
                    SAME_RELEASE);
        }
    }

    /**
     * The refusal of an offer, with the remedy of one that the other bridge could not read: what we say is right by our own
     * rules. One of the guest itself has its own.
     */
    static BridgeException refusal(BridgeException there) {
        String remedy = there.remedy();
        return there.code() == ErrorCode.INVALID_REQUEST
                        && remedy != null
                        && UNREAD.stream().anyMatch(remedy::startsWith)
                ? new BridgeException(there.code(), String.valueOf(there.getMessage()), SAME_RELEASE, there)
                : there;
    }

    /**
     * The same, when it can be believed.
     *
     * @throws BridgeException RESIZE_REFUSED for another protocol; INVALID_REQUEST
     */
    MigrationOffer checked() {
        demandSpoken(protocol);
        Uuids.canonical(String.valueOf(instance));
        Uuids.canonical(String.valueOf(migration));
        if (token == null || !MigrationToken.wellFormed(token)) {
            throw invalid("token is none of a migration");
        }
        if (!InstanceOwner.NOVA.word().equals(owner)
                && !InstanceOwner.OPERATOR.word().equals(owner)) {
            throw invalid("owner must be nova or operator");
        }
        if (disks == null || disks.size() > Frame.MAX_DISKS) {
            throw invalid("disks must name " + Frame.MAX_DISKS + " at most");
        }
        Set<String> names = new HashSet<>();
        for (Disk disk : disks) {
            DiskNames.check(instance, String.valueOf(disk.name()));
            if (!names.add(disk.name()) || disk.size() < 1 || disk.size() > MOST) {
                throw invalid("disks: each has a name of its own and a size");
            }
            if (disk.words().size() > MOST_WORDS
                    || (protocol == PROTOCOL && !disk.words().isEmpty())
                    || disk.words().stream()
                            .anyMatch(
                                    word -> word == null || !WORD.matcher(word).matches())) {
                throw invalid("disks: encryption is none of protocol " + protocol);
            }
        }
        return this;
    }

    InstanceSpec instanceSpec() {
        InstanceSpec read;
        try {
            read = InstanceSpecReader.read(String.valueOf(spec).getBytes(StandardCharsets.UTF_8));
        } catch (BridgeException e) {
            throw new BridgeException(e.code(), String.valueOf(e.getMessage()), SAME_RELEASE, e);
        }
        if (!read.instance().uuid().equals(instance)) {
            throw invalid("spec is another instance's");
        }
        if (ran && !held && !read.blockDeviceInfo().volumes().isEmpty()) {
            throw new BridgeException(
                    ErrorCode.RESIZE_REFUSED,
                    "the instance has volumes, and is to run before anybody connects them here");
        }
        return read;
    }

    InstanceOwner ownerHere() {
        return InstanceOwner.NOVA.word().equals(owner) ? InstanceOwner.NOVA : InstanceOwner.OPERATOR;
    }

    private static BridgeException invalid(String what) {
        return new BridgeException(ErrorCode.INVALID_REQUEST, what, SAME_RELEASE);
    }

    /** Without token and spec. */
    @Override
    public String toString() {
        return "MigrationOffer[" + protocol + ", " + migration + ", " + instance + ", " + disks + "]";
    }
}

package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.DiskState;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;

/** The command lines of encrypted disks, in order, and what happens when one of them fails. */
class EncryptedBackendTest {
    private static final byte[] KEY = "a key of more than 128 bits".getBytes(StandardCharsets.US_ASCII);
    private static final String HEX = "61206b6579206f66206d6f7265207468616e203132382062697473";
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final String DEVICE = "/dev/nova/" + VOLUME;
    private static final String MAPPING = "/dev/mapper/" + VOLUME + "-dmcrypt";
    private static final String OPEN_PLAIN = "cryptsetup --batch-mode open --type=plain --cipher=aes-xts-plain64"
            + " --key-size=512 --hash=ripemd160 --keyfile-size=54 --key-file=- " + DEVICE + " " + VOLUME + "-dmcrypt";
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final String CLOSE = "cryptsetup --batch-mode close " + VOLUME + "-dmcrypt";
    private static final long MIB = Recorded.MIB;
    private static final CachedImage IMAGE = new CachedImage("i", Path.of("/n/_base/abc"), "qcow2", 10 * MIB + 512);

    @TempDir
    Path state;

    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> filled = new ArrayList<>();
    private final Set<Path> mappings = new HashSet<>();
    private final DiskKeys keys = new DiskKeys(Clock.systemUTC());
    private final Cryptsetup cryptsetup = new Cryptsetup(executor, Duration.ofSeconds(60), mappings::contains);

    @BeforeEach
    void mappingsComeAndGo() {
        executor.doing("cryptsetup --batch-mode close", command -> mappings.clear());
        bring(KEY);
    }

    private void bring(byte[] bytes) {
        try (DiskKey key = DiskKey.of(bytes)) {
            keys.bring(Recorded.UUID, null, key);
        }
    }

    private void opening() {
        executor.doing("cryptsetup --batch-mode open", command -> mappings.add(Path.of(MAPPING)));
    }

    private EncryptedBackend thick(CryptFormat.Kind kind, LvmSettings settings) {
        return new EncryptedBackend(
                new LvmBackend(executor, settings, this::fill, new Eraser(executor, settings), cryptsetup),
                () -> new CryptFormat(kind, 512, "aes-xts-plain64"),
                keys);
    }

    private EncryptedBackend plain() {
        return thick(CryptFormat.Kind.PLAIN, Recorded.settings());
    }

    private EncryptedBackend thin() {
        return new EncryptedBackend(
                new ThinBackend(
                        executor,
                        Recorded.settings(),
                        ThinPoolSettings.of(ConfigSnapshot.builder().build(), "nova"),
                        Recorded.contents(this::fill),
                        new BaseTimes(state),
                        cryptsetup),
                () -> new CryptFormat(CryptFormat.Kind.PLAIN, 512, "aes-xts-plain64"),
                keys);
    }

    private void fill(
            DiskContent content, Path device, org.novabridge.driver.storage.QemuImg.Before before, Progress progress) {
        filled.add(content.getClass().getSimpleName() + " on " + device + " that holds " + before);
    }

    private void group(String... volumes) {
        executor.printing("vgs", Recorded.group(8L << 30, "", 0)).printing("lvs", Recorded.volumes(volumes));
    }

    /** The commands, the salted check of the key made equal. */
    private List<String> changes() {
        return Recorded.changes(executor).stream()
                .map(line -> line.replaceAll("nb-key-check=[0-9a-f]{32}-[0-9a-f]{32}", "nb-key-check=X"))
                .toList();
    }

    private static void code(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static String tags(byte[] key) {
        try (DiskKey made = DiskKey.of(key)) {
            return "nb-crypt=plain:512:aes-xts-plain64," + KeyCheck.tag(made);
        }
    }

    @Test
    void aRootDiskIsZeroedAndFilledThroughItsMapping() {
        opening();
        group();
        plain().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 64 * MIB), Progress.NONE);
        assertThat(changes())
                .containsExactly(
                        "lvcreate --yes --wipesignatures y --zero y --type linear --size 67108864b --name " + VOLUME
                                + " nova --addtag nova-bridge --addtag nb-crypt=plain:512:aes-xts-plain64 --addtag nb-key-check=X",
                        OPEN_PLAIN,
                        "blkdiscard --zeroout --offset 10485760 --length 56623104 " + MAPPING);
        assertThat(filled).containsExactly("FromImage on " + MAPPING + " that holds UNKNOWN");
        assertThat(executor.commands().stream().filter(c -> c.program().equals("cryptsetup")))
                .isNotEmpty()
                .allMatch(c -> c.effect() == Effect.MUST_FINISH);
    }

    @Test
    void luks2HasRoomForItsHeaderAndItsKeyDerivationHasBounds() {
        opening();
        group();
        thick(CryptFormat.Kind.LUKS2, Recorded.settings())
                .create(Recorded.UUID, "disk", new DiskContent.Blank(64 * MIB), Progress.NONE);
        assertThat(changes())
                .containsExactly(
                        "lvcreate --yes --wipesignatures y --zero y --type linear --size 83886080b --name " + VOLUME
                                + " nova --addtag nova-bridge --addtag nb-crypt=luks2:512:aes-xts-plain64 --addtag nb-key-check=X",
                        "cryptsetup --batch-mode luksFormat --type=luks2 --cipher=aes-xts-plain64 --key-size=512"
                                + " --sector-size=512 --pbkdf=argon2id --pbkdf-memory=65536 --pbkdf-parallel=1"
                                + " --pbkdf-force-iterations=4 --keyfile-size=54 --key-file=- " + DEVICE,
                        "cryptsetup --batch-mode open --type=luks2 --disable-keyring --keyfile-size=54 --key-file=- "
                                + DEVICE + " " + VOLUME + "-dmcrypt",
                        "blkdiscard --zeroout --offset 0 --length 67108864 " + MAPPING);
    }

    @Test
    void aThinRootDiskIsNoCloneOfItsImageAndIsNotZeroed() {
        opening();
        executor.printing("lvs", Recorded.pool(""));
        thin().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 64 * MIB), Progress.NONE);
        assertThat(changes())
                .containsExactly(
                        "lvcreate --yes --type thin --virtualsize 67108864b --thinpool nova-pool --name " + VOLUME
                                + " nova --addtag nova-bridge --addtag nb-crypt=plain:512:aes-xts-plain64 --addtag nb-key-check=X",
                        OPEN_PLAIN);
        assertThat(filled).containsExactly("FromImage on " + MAPPING + " that holds UNKNOWN");
    }

    @Test
    void withoutTheKeyNothingIsMade() {
        group();
        keys.forget(Recorded.UUID);
        assertThatThrownBy(() -> plain().create(Recorded.UUID, "disk", new DiskContent.Blank(MIB), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
                    assertThat(e.remedy()).contains("nova-bridge instance key " + Recorded.UUID + " --stdin");
                });
        assertThat(changes()).isEmpty();
    }

    @Test
    void aFailureWhileFillingClosesTheMappingBeforeTheVolumeGoes() {
        opening();
        executor.failing("blkdiscard", 1, "blkdiscard: BLKZEROOUT ioctl failed: Input/output error");
        group();
        code(
                ErrorCode.VOLUME_GROUP_UNUSABLE,
                () -> plain().create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE));
        assertThat(changes()).endsWith(CLOSE, "lvremove --yes --force nova/" + VOLUME);
    }

    @Test
    void aCryptsetupThatFailsLeavesNothing() {
        executor.failing("cryptsetup --batch-mode open", 1, "device-mapper: reload ioctl failed: Invalid argument");
        group();
        code(
                ErrorCode.STORAGE_FAILED,
                () -> plain().create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE));
        assertThat(changes()).last().isEqualTo("lvremove --yes --force nova/" + VOLUME);
    }

    @Test
    void aDiskIsOpenedAgainAsItWasMadeWhateverTodaysOptionsAre() {
        group(VOLUME, "8388608", tags(KEY), "-wi-------");
        EncryptedBackend today = thick(CryptFormat.Kind.LUKS2, Recorded.settings());
        today.demandKey(Recorded.UUID, "disk");
        assertThat(changes()).isEmpty();
        today.unlock(Recorded.UUID, "disk");
        assertThat(changes()).containsExactly("lvchange --yes --activate y nova/" + VOLUME, OPEN_PLAIN);
        mappings.add(Path.of(MAPPING));
        executor.clear();
        today.unlock(Recorded.UUID, "disk");
        assertThat(executor.commands()).isEmpty();
        assertThat(today.open(Recorded.UUID, "disk")).isTrue();
    }

    @Test
    void anotherKeyDoesNotOpenAPlainDisk() {
        group(VOLUME, "8388608", tags("another key of many bits".getBytes(StandardCharsets.US_ASCII)), "-wi-a-----");
        code(ErrorCode.DISK_KEY_REFUSED, () -> plain().demandKey(Recorded.UUID, "disk"));
        code(ErrorCode.DISK_KEY_REFUSED, () -> plain().unlock(Recorded.UUID, "disk"));
        assertThat(changes()).isEmpty();
    }

    @Test
    void aKeyThatTheHeaderDoesNotKnowIsRefusedAsSuch() {
        executor.failing("cryptsetup --batch-mode open", 2, "No key available with this passphrase.");
        group(VOLUME, "8388608", "nb-crypt=luks2:512:aes-xts-plain64", "-wi-a-----");
        code(ErrorCode.DISK_KEY_REFUSED, () -> plain().unlock(Recorded.UUID, "disk"));
    }

    @Test
    void aDiskWhoseTagIsLostIsNotGuessedAt() {
        group(VOLUME, "8388608", "", "-wi-a-----");
        assertThatThrownBy(() -> plain().unlock(Recorded.UUID, "disk"))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.remedy()).contains("lvchange --addtag nb-crypt="));
        assertThat(changes()).isEmpty();
    }

    private static final String RESIZE = "cryptsetup --batch-mode resize " + VOLUME + "-dmcrypt";

    @Test
    void anOpenDiskGrowsBelowThenItsMappingThenIsZeroedThroughIt() {
        mappings.add(Path.of(MAPPING));
        keys.forget(Recorded.UUID);
        String luks = "nb-crypt=luks2:512:aes-xts-plain64";
        RememberedGroup group = new RememberedGroup(1L << 33);
        group.thick(VOLUME, 24 * MIB, "old").tags.add(luks);
        EncryptedBackend backend = new EncryptedBackend(
                new LvmBackend(
                        group.executor,
                        Recorded.settings(),
                        group,
                        new Eraser(group.executor, Recorded.settings()),
                        new Cryptsetup(group.executor, Duration.ofSeconds(60), mappings::contains)),
                () -> new CryptFormat(CryptFormat.Kind.PLAIN, 512, "aes-xts-plain64"),
                keys);
        backend.grow(Recorded.UUID, "disk", 20 * MIB, Progress.NONE);
        // Offsets of the mapping, which begins behind the header; the note has those of the volume.
        assertThat(Recorded.changes(group.executor))
                .containsExactly(
                        "lvchange --yes --addtag nb-clean-to=25165824 nova/" + VOLUME,
                        "lvextend --yes --size 37748736b nova/" + VOLUME,
                        RESIZE,
                        "blkdiscard --zeroout --offset 8388608 --length 12582912 " + MAPPING,
                        "lvchange --yes --deltag nb-clean-to=25165824 nova/" + VOLUME);
    }

    /** By hand somebody has opened it with the key in a keyring: cryptsetup asks for it again. */
    @Test
    void aKeyThatIsHereIsOfferedToTheGrowth() {
        mappings.add(Path.of(MAPPING));
        group(VOLUME, "8388608", tags(KEY), "-wi-ao----");
        plain().grow(Recorded.UUID, "disk", 0, Progress.NONE);
        assertThat(changes())
                .containsExactly(
                        "cryptsetup --batch-mode resize --keyfile-size=54 --key-file=- " + VOLUME + "-dmcrypt");
    }

    @Test
    void aGrowthThatWasInterruptedIsFinishedToItsMapping() {
        mappings.add(Path.of(MAPPING));
        keys.forget(Recorded.UUID);
        group(VOLUME, "16777216", tags(KEY) + ",nb-clean-to=8388608", "-wi-ao----");
        assertThat(plain().state(Recorded.UUID, "disk")).isEqualTo(DiskState.GROWING);
        plain().grow(Recorded.UUID, "disk", 0, Progress.NONE);
        assertThat(changes())
                .containsExactly(
                        RESIZE,
                        "blkdiscard --zeroout --offset 8388608 --length 8388608 " + MAPPING,
                        "lvchange --yes --deltag nb-clean-to=8388608 nova/" + VOLUME);
    }

    /** After a restart of the host: nobody may read what lay there, and nobody has the key. */
    @Test
    void aClosedDiskIsZeroedBelow() {
        keys.forget(Recorded.UUID);
        group(VOLUME, "16777216", tags(KEY) + ",nb-clean-to=8388608", "-wi-a-----");
        plain().grow(Recorded.UUID, "disk", 0, Progress.NONE);
        assertThat(changes())
                .containsExactly(
                        "blkdiscard --zeroout --offset 8388608 --length 8388608 " + DEVICE,
                        "lvchange --yes --deltag nb-clean-to=8388608 nova/" + VOLUME);
    }

    @Test
    void aMappingThatDoesNotGrowLeavesTheNote() {
        mappings.add(Path.of(MAPPING));
        executor.failing("cryptsetup --batch-mode resize", 1, "device-mapper: reload ioctl failed");
        group(VOLUME, "16777216", tags(KEY) + ",nb-clean-to=8388608", "-wi-ao----");
        code(ErrorCode.STORAGE_FAILED, () -> plain().grow(Recorded.UUID, "disk", 0, Progress.NONE));
        assertThat(changes()).noneMatch(line -> line.contains("--deltag"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsKeptSaysHowItIsEncryptedAndComesBackClosed(boolean thin) {
        mappings.add(Path.of(MAPPING));
        EncryptedBackend backend = thin ? thin() : plain();
        if (thin) {
            String row = Recorded.thinRow(VOLUME, 8 * MIB, "Vwi-aotz--")
                    .replace("\"lv_tags\":\"\"", "\"lv_tags\":\"" + tags(KEY) + "\"");
            executor.printing("lvs", "{\"report\": [ {\"lv\": [" + row.substring(1) + "]} ]}");
        } else {
            group(VOLUME, "8388608", tags(KEY), "-wi-ao----");
        }
        KeptDisks kept = backend.kept().orElseThrow();
        kept.keep(Recorded.UUID, "disk", Progress.NONE);
        assertThat(changes().get(0))
                .startsWith("lvcreate")
                .endsWith("--addtag nb-crypt=plain:512:aes-xts-plain64 --addtag nb-key-check=X");
        assertThat(mappings).isNotEmpty();
        executor.clear();
        kept.setAside(Recorded.UUID, "disk");
        assertThat(changes()).containsExactly(CLOSE, "lvrename --yes nova " + VOLUME + " nb-keep-" + VOLUME);
    }

    @Test
    void theWayBackClosesWhatLiesOnTheGrownVolume() {
        mappings.add(Path.of(MAPPING));
        group("nb-keep-" + VOLUME, "8388608", tags(KEY), "-wi-a-----", VOLUME, "16777216", tags(KEY), "-wi-a-----");
        plain().kept().orElseThrow().restore(Recorded.UUID, "disk", Progress.NONE);
        assertThat(changes()).startsWith(CLOSE).contains("lvrename --yes nova nb-keep-" + VOLUME + " " + VOLUME);
    }

    /** A disk of 8 MiB on a volume of 24: what is asked for is the disk's. */
    @Test
    void roomIsCountedWithTheHeader() {
        String luks = "nb-crypt=luks2:512:aes-xts-plain64";
        executor.printing("vgs", Recorded.group(40 * MIB, "", 0))
                .printing("lvs", Recorded.volumes(VOLUME, "25165824", luks, "-wi-a-----"));
        KeptDisks kept = plain().kept().orElseThrow();
        kept.demandRoom(Recorded.UUID, List.of(new KeptDisks.Demand("disk", KeptDisks.Way.BESIDE, 24 * MIB)));
        code(
                ErrorCode.STORAGE_FULL,
                () -> kept.demandRoom(
                        Recorded.UUID, List.of(new KeptDisks.Demand("disk", KeptDisks.Way.BESIDE, 28 * MIB))));
    }

    @Test
    void aRemovalClosesTheMappingAndWipesBelowIt() {
        mappings.add(Path.of(MAPPING));
        group(VOLUME, "8388608", tags(KEY), "-wi-a-----");
        plain().remove(Recorded.UUID, "disk", Progress.NONE);
        List<String> changes = changes();
        assertThat(changes.get(0)).isEqualTo(CLOSE);
        assertThat(changes.get(2)).startsWith("blkdiscard --zeroout --offset 0 --length 8388608 /dev/nova/nb-wipe-");
        assertThat(changes).last().asString().startsWith("lvremove");
    }

    @Test
    void aMappingThatStockNovaHasMadeIsClosedToo() {
        mappings.add(Path.of(MAPPING));
        group(VOLUME, "8388608", "", "-wi-a-----");
        new LvmBackend(executor, Recorded.settings(), this::fill, new Eraser(executor, Recorded.settings()), cryptsetup)
                .remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(changes()).first().isEqualTo(CLOSE);
    }

    @Test
    void aMappingInUseKeepsItsVolumeAndTheWayToItsHolderIsTold() {
        RecordingExecutor busy = new RecordingExecutor().failing("cryptsetup", 5, "Device x is still in use.");
        LvmBackend backend = new LvmBackend(
                busy,
                Recorded.settings(),
                this::fill,
                new Eraser(busy, Recorded.settings()),
                new Cryptsetup(busy, Duration.ofSeconds(60), path -> true));
        assertThatThrownBy(() -> backend.remove(Recorded.UUID, "disk", Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.VOLUMES_NOT_REMOVED);
                    assertThat(e.remedy()).contains("fuser -v " + MAPPING);
                });
        assertThat(busy.lines()).allMatch(line -> line.startsWith("cryptsetup"));
    }

    @Test
    void theKeyIsInNoCommandLineAndInNoMessage() {
        executor.failing("cryptsetup --batch-mode open", 1, "device-mapper: reload ioctl failed");
        group();
        assertThatThrownBy(() -> plain().create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE))
                .satisfies(e -> {
                    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                        assertThat(cause.toString()).doesNotContain(HEX, "a key of more");
                    }
                });
        for (Command command : executor.commands()) {
            assertThat(command.argv().toString() + command).doesNotContain(HEX, "a key of more");
        }
        assertThat(tags(KEY)).doesNotContain(HEX, "a key of more");
    }

    @Test
    void theCheckOfAKeyHasAnotherTextEachTime() {
        try (DiskKey key = DiskKey.of(KEY);
                DiskKey other = DiskKey.of(Arrays.copyOf(KEY, KEY.length - 1))) {
            String tag = KeyCheck.tag(key);
            assertThat(KeyCheck.tag(key)).isNotEqualTo(tag);
            assertThat(KeyCheck.matches(List.of(tag), key)).contains(true);
            assertThat(KeyCheck.matches(List.of(tag), other)).contains(false);
            assertThat(KeyCheck.matches(List.of("nb-key-check=", "x"), key)).isEmpty();
        }
    }

    @Test
    void formatsAreWrittenAsTagsAndOnlyOnesThatAre() {
        for (CryptFormat format : List.of(
                new CryptFormat(CryptFormat.Kind.PLAIN, 512, "aes-xts-plain64"),
                new CryptFormat(CryptFormat.Kind.LUKS2, 256, "aes-cbc-essiv:sha256"))) {
            assertThat(CryptFormat.of(List.of("other", format.tag()))).contains(format);
        }
        assertThat(CryptFormat.of(List.of("nb-crypt=plain:512:--help x", "nb-crypt=new:1:x")))
                .isEmpty();
    }

    @Test
    void theyAreWhereNovaHasThem() {
        assertThat(plain().locate(Recorded.UUID, "disk.eph0"))
                .isEqualTo(new DiskSource.BlockSource(Path.of("/dev/mapper/" + Recorded.UUID + "_disk.eph0-dmcrypt")));
        assertThat(plain().name() + " " + thin().name()).isEqualTo("lvm-crypt lvm-thin-crypt");
    }

    private static DiskSnapshots pictures(EncryptedBackend backend) {
        return backend.snapshots().orElseThrow();
    }

    @Test
    void aPictureIsTakenBelowTheMappingAndReadThroughOneOfItsOwn() {
        String picture = "nb-snap-" + ID;
        executor.doing(
                "cryptsetup --batch-mode open",
                command -> mappings.add(Path.of("/dev/mapper/" + picture + "-dmcrypt")));
        mappings.add(Path.of(MAPPING));
        String itself = Recorded.volumes(VOLUME, "16777216", tags(KEY), "-wi-ao----");
        String itsPicture = Recorded.volumes(picture, "20971520", "", "sri-a-s---");
        executor.printing("vgs", Recorded.group(8L << 30, "", 0)).on("lvs", command -> {
            boolean asked = String.join(" ", command.argv()).contains(picture);
            return RecordingExecutor.result(command, 0, asked ? itsPicture : itself, "");
        });
        String reason = pictures(plain()).choose(Recorded.UUID, "disk", choice -> {
            Objects.requireNonNull(choice.taking()).take(ID);
            return choice.reason();
        });
        assertThat(reason).contains("room for a snapshot", "with the disk's key");
        assertThat(executor.lines())
                .containsSubsequence(
                        "sync --data " + MAPPING,
                        "lvcreate --yes --snapshot --permission r --size 20971520b --name " + picture + " nova/"
                                + VOLUME);

        executor.clear();
        for (int twice = 0; twice < 2; twice++) {
            assertThat(pictures(plain()).open(Recorded.UUID, "disk", ID))
                    .isEqualTo(Path.of("/dev/mapper/" + picture + "-dmcrypt"));
        }
        assertThat(changes())
                .containsExactly("cryptsetup --batch-mode open --readonly --type=plain --cipher=aes-xts-plain64"
                        + " --key-size=512 --hash=ripemd160 --keyfile-size=54 --key-file=- /dev/nova/" + picture + " "
                        + picture + "-dmcrypt");

        executor.clear();
        pictures(plain()).remove(ID, Progress.NONE);
        assertThat(changes())
                .startsWith(
                        "cryptsetup --batch-mode close " + picture + "-dmcrypt",
                        "lvconvert --yes --splitsnapshot nova/" + picture);
    }

    @Test
    void withoutTheKeyNoPictureIsTakenAndWithAnotherNothingIsTried() {
        group(VOLUME, "16777216", tags(KEY), "-wi-ao----");
        keys.forget(Recorded.UUID);
        DiskSnapshots.Choice choice = pictures(plain()).choose(Recorded.UUID, "disk", Function.identity());
        assertThat(choice.taking()).isNull();
        assertThat(choice.reason()).contains("encrypted", "nova-bridge instance key");
        bring("another key of many bits".getBytes(StandardCharsets.US_ASCII));
        code(ErrorCode.DISK_KEY_REFUSED, () -> pictures(plain()).choose(Recorded.UUID, "disk", Function.identity()));
        assertThat(changes()).isEmpty();
    }
}

package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Sha256;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;
import org.novabridge.driver.storage.Progress;

class BaseChecksumTest {
    private static final int PIECE = BaseChecksum.PIECE;
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    /** The definition, once more and at leisure. */
    static String expected(byte[] held) {
        var digest = Sha256.begin();
        for (int piece = 0; piece * PIECE < held.length; piece++) {
            byte[] bytes = Arrays.copyOfRange(held, piece * PIECE, (piece + 1) * PIECE);
            if (!Arrays.equals(bytes, new byte[PIECE])) {
                digest.update(ByteBuffer.allocate(Long.BYTES).putLong(piece).array());
                digest.update(bytes);
            }
        }
        return Sha256.hex(digest);
    }

    private static final Duration STALL = Duration.ofSeconds(1);

    private String checksum(byte[] held) throws IOException {
        return checksum(held, Allocation.everywhere(held.length), Progress.NONE);
    }

    /** Read as a device is. */
    private String checksum(byte[] held, Allocation where, Progress progress) throws IOException {
        Path file = Files.write(folder.resolve("device"), held);
        return new BaseReader(new ProcessExecutor(), STALL).checksum(file, where, progress);
    }

    private static byte[] data(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4096, PIECE - 1, PIECE, PIECE + 1, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB + 512})
    void isAsDefinedForEachSize(int length) throws IOException {
        byte[] held = data(length);
        assertThat(checksum(held)).isEqualTo(expected(held)).hasSize(64);
        Arrays.fill(held, length / 3, length / 2, (byte) 0);
        assertThat(checksum(held)).isEqualTo(expected(held));
    }

    /** Bases of all sizes of an image have one checksum. */
    @Test
    void zerosBehindTheDataChangeNothing() throws IOException {
        byte[] held = data(MIB + 512);
        assertThat(checksum(Arrays.copyOf(held, 3 * MIB)))
                .isEqualTo(checksum(held))
                .isEqualTo(checksum(Arrays.copyOf(held, 11 * MIB)));
    }

    /** Where an image has holes the device is not read: it was made of zeros. */
    @Test
    void whatIsNotReadCountsAsZeros() throws IOException {
        byte[] held = new byte[133 * MIB];
        byte[] data = data(PIECE);
        List<Range> ranges = List.of(
                new Range(0, 1),
                new Range(4 * MIB - 1, 4 * MIB + 1),
                new Range(16 * MIB + 512, 20 * MIB),
                new Range(132 * MIB, 133 * MIB));
        for (Range range : ranges) {
            System.arraycopy(data, 0, held, (int) range.from(), (int) Math.min(range.length(), PIECE));
        }
        // Nobody has said that something is there.
        byte[] other = held.clone();
        other[109 * MIB] = 1;
        for (byte[] device : List.of(held, other)) {
            assertThat(checksum(device, new Allocation(held.length, ranges), Progress.NONE))
                    .isEqualTo(expected(held));
            assertThat(checksum(device, new Allocation(held.length, List.of()), Progress.NONE))
                    .isEqualTo(expected(new byte[0]));
        }
    }

    /** Each range is a program of its own. */
    @Test
    void smallHolesAreReadToo() {
        long hole = BaseChecksum.HOLE;
        List<Range> ranges = List.of(new Range(1, 2), new Range(hole, hole + 1), new Range(3 * hole, 3 * hole + 5));
        assertThat(BaseChecksum.reads(3 * hole + 5, new Allocation(4 * hole, ranges)))
                .containsExactly(new Range(0, hole + BaseChecksum.READ), new Range(3 * hole, 3 * hole + 5));
        // An image whose file is larger than its disk is.
        assertThat(BaseChecksum.reads(hole, new Allocation(4 * hole, ranges))).containsExactly(new Range(0, 4 * MIB));
    }

    @Test
    void oneBitOrAnotherPlaceOfTheSameDataChangesIt() throws IOException {
        byte[] held = Arrays.copyOf(data(PIECE), 4 * PIECE);
        String before = checksum(held);
        byte[] moved = new byte[held.length];
        System.arraycopy(held, 0, moved, PIECE, PIECE);
        assertThat(checksum(moved)).isNotEqualTo(before);
        held[PIECE + 1] ^= 1;
        assertThat(checksum(held)).isNotEqualTo(before);
        held[PIECE + 1] ^= 1;
        assertThat(checksum(held)).isEqualTo(before);
    }

    @Test
    void nobodyReadsOnForACallerWhoHasGone() {
        Progress cancelled = new Progress() {
            @Override
            public void report(String phase, double percent) {
                throw new AssertionError("it reads on");
            }

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        assertThatThrownBy(() -> checksum(data(PIECE), Allocation.everywhere(PIECE), cancelled))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void whatEndsBeforeItsSizeIsNoBase() throws IOException {
        Path file = Files.write(folder.resolve("device"), data(4 * MIB));
        CommandExecutor shortened = command -> new ProcessExecutor()
                .run(Command.of(Tool.DD, "if=" + file, "bs=1M", "count=3")
                        .withOutput(Objects.requireNonNull(command.output())));
        assertThatThrownBy(() -> new BaseReader(shortened, STALL).checksum(file, Progress.NONE))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("before its size of " + 4 * MIB);
    }

    /** As one does whose requests are queued for a path that never comes back; who opens a pipe waits for its writer. */
    @Test
    void aDeviceThatDoesNotAnswerIsGivenUp() throws Exception {
        Path silent = folder.resolve("silent");
        assertThat(new ProcessBuilder("mkfifo", silent.toString()).start().waitFor())
                .isZero();
        BaseReader reader = new BaseReader(new ProcessExecutor(), STALL);
        assertThatThrownBy(() -> reader.read(silent, new Range(0, PIECE), new ByteArrayOutputStream(), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED);
                    assertThat(e).hasMessageContaining(silent + " has given nothing for 1 s");
                    // This one could be killed.
                    assertThat(BaseReader.left(e)).isFalse();
                });
    }

    @Test
    void whatCannotBeReadIsSaidByTheReader() throws IOException {
        Path file = Files.write(folder.resolve("device"), data(PIECE));
        RecordingExecutor broken =
                new RecordingExecutor().failing("dd", 1, "dd: error reading '" + file + "': Input/output error");
        assertThatThrownBy(() -> new BaseReader(broken, STALL).checksum(file, Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e).hasMessageContaining("Input/output error");
                    assertThat(e.remedy()).isNotNull();
                });
    }
}

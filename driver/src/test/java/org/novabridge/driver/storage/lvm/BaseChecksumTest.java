package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    private String checksum(byte[] held) throws IOException {
        Path file = folder.resolve("device");
        Files.write(file, held);
        try (FileChannel channel = FileChannel.open(file)) {
            return BaseChecksum.of(channel, channel.size(), Allocation.everywhere(channel.size()), Progress.NONE);
        }
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
        byte[] held = new byte[33 * MIB];
        byte[] data = data(PIECE);
        List<Range> ranges = List.of(
                new Range(0, 1),
                new Range(4 * MIB - 1, 4 * MIB + 1),
                new Range(16 * MIB + 512, 20 * MIB),
                new Range(32 * MIB, 33 * MIB));
        for (Range range : ranges) {
            System.arraycopy(data, 0, held, (int) range.from(), (int) Math.min(range.length(), PIECE));
        }
        Path file = Files.write(folder.resolve("device"), held);
        // Nobody has said that something is there.
        held[9 * MIB] = 1;
        Files.write(folder.resolve("other"), held);
        held[9 * MIB] = 0;
        for (Path device : List.of(file, folder.resolve("other"))) {
            try (FileChannel channel = FileChannel.open(device)) {
                assertThat(BaseChecksum.of(channel, held.length, new Allocation(held.length, ranges), Progress.NONE))
                        .isEqualTo(expected(held));
                assertThat(BaseChecksum.of(channel, held.length, new Allocation(held.length, List.of()), Progress.NONE))
                        .isEqualTo(expected(new byte[0]));
            }
        }
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
    void nobodyReadsOnForACallerWhoHasGone() throws IOException {
        Path file = folder.resolve("device");
        Files.write(file, data(PIECE));
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
        try (FileChannel channel = FileChannel.open(file)) {
            assertThatThrownBy(() -> BaseChecksum.of(channel, PIECE, Allocation.everywhere(PIECE), cancelled))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        }
    }

    @Test
    void aDeviceThatEndsBeforeItsSizeIsNoBase() throws IOException {
        Path file = folder.resolve("device");
        Files.write(file, data(PIECE));
        try (FileChannel channel = FileChannel.open(file)) {
            assertThatThrownBy(
                            () -> BaseChecksum.of(channel, 2 * PIECE, Allocation.everywhere(2 * PIECE), Progress.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("before its size of " + 2 * PIECE);
        }
    }
}

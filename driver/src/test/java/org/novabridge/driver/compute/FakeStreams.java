package org.novabridge.driver.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.Progress;

/** The disks of a {@link FakeHost} as bytes: what is written on one is the text at its start. */
record FakeStreams(FakeHost host, CrashPoint crashPoint, boolean encrypted) implements DiskStreams {
    static final int SIZE = 200_000;
    static final int HEADER = 4096;
    private static final String HOW = "nb-crypt=plain:512:aes-xts-plain64";

    private Path file(String instanceUuid, String diskName) throws IOException {
        Path folder = Files.createDirectories(host.root.resolve("bytes"));
        return folder.resolve(instanceUuid + "_" + diskName);
    }

    /** The text on a disk that has come. */
    static String text(FakeHost host, String instanceUuid, String diskName) throws IOException {
        byte[] bytes = Files.readAllBytes(new FakeStreams(host, CrashPoint.NONE, false).file(instanceUuid, diskName));
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8).replace("\0", "");
    }

    static long length(FakeHost host, String instanceUuid, String diskName) throws IOException {
        return Files.size(new FakeStreams(host, CrashPoint.NONE, false).file(instanceUuid, diskName));
    }

    @Override
    public long size(String instanceUuid, String diskName) {
        return SIZE;
    }

    @Override
    public List<String> encryption(String instanceUuid, String diskName) {
        return encrypted ? List.of(HOW) : List.of();
    }

    @Override
    public DiskStreams taking(List<String> encryption) {
        if (encryption.isEmpty() == encrypted) {
            throw new BridgeException(ErrorCode.NOT_SUPPORTED, "not the same encryption");
        }
        return this;
    }

    @Override
    public long size(long diskBytes) {
        return encrypted ? diskBytes + HEADER : diskBytes;
    }

    @Override
    public Allocation allocation(String instanceUuid, String diskName) {
        host.call(crashPoint, "look at " + diskName, () -> {});
        return new Allocation(SIZE, List.of(new Range(0, 100_000)));
    }

    @Override
    public DiskBytes open(String instanceUuid, String diskName) {
        if (host.running.containsKey(instanceUuid)) {
            throw new AssertionError("a running guest's disk is read");
        }
        if (host.readsHang) {
            return new Hanging(host, instanceUuid, new CountDownLatch(1));
        }
        try {
            byte[] text = String.valueOf(host.written.get(instanceUuid + "/" + diskName))
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            Path file = Files.write(file(instanceUuid, diskName), Arrays.copyOf(text, SIZE));
            return DiskBytes.of(FileChannel.open(file, StandardOpenOption.READ));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void demandRoom(List<Long> bytes) {
        if (!host.roomToKeep) {
            throw new BridgeException(ErrorCode.STORAGE_FULL, "no room for " + bytes);
        }
    }

    @Override
    public void createZero(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        host.call(crashPoint, "make room for " + diskName, () -> {
            if (host.disks.putIfAbsent(instanceUuid + "/" + diskName, new DiskContent.Blank(sizeBytes)) != null) {
                throw new BridgeException(ErrorCode.STORAGE_FAILED, "exists");
            }
        });
        if (host.zeroesSlowly) {
            Instant end = Instant.now().plusSeconds(5);
            while (Instant.now().isBefore(end)) {
                if (progress.cancelled()) {
                    host.disks.remove(instanceUuid + "/" + diskName);
                    throw new BridgeException(ErrorCode.CANCELLED, "cancelled while making room");
                }
                LockSupport.parkNanos(200_000);
            }
        }
        try {
            Files.write(file(instanceUuid, diskName), new byte[SIZE]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public DiskBytes openToFill(String instanceUuid, String diskName) {
        try {
            return DiskBytes.of(FileChannel.open(file(instanceUuid, diskName), StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Hanging(FakeHost host, String instanceUuid, CountDownLatch abandoned) implements DiskBytes {
        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            host.hanging.countDown();
            try {
                if (!abandoned.await(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("nobody has abandoned the disk");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("abandoned");
        }

        @Override
        public int write(ByteBuffer from, long at) {
            throw new AssertionError("nobody writes here");
        }

        @Override
        public void flush() {}

        @Override
        public void abandon() {
            abandoned.countDown();
        }

        @Override
        public void close() {
            LockSupport.parkNanos(300_000_000);
            host.offWhenLeft = !host.running.containsKey(instanceUuid);
        }
    }
}

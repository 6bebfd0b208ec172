package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * As much of a Linux kernel as a loader wants to see (Documentation/arch/x86/boot.rst, protocol 2.02): it writes its command
 * line to the first serial port, and rests.
 */
final class PrintingKernel {
    private static final int SECTOR = 512;
    private static final int SETUP_SECTORS = 0x1F1;
    private static final int CODE = 0x268;

    private PrintingKernel() {}

    static Path write(Path file) throws IOException {
        ByteBuffer kernel = ByteBuffer.allocate(3 * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        kernel.put(SETUP_SECTORS, (byte) 1);
        kernel.putShort(0x1FE, (short) 0xAA55);
        // Entered here in real mode, it jumps over the header.
        kernel.put(0x200, (byte) 0xEB).put(0x201, (byte) (CODE - 0x202));
        kernel.position(0x202);
        kernel.put("HdrS".getBytes(StandardCharsets.US_ASCII));
        kernel.putShort(0x206, (short) 0x0202);
        // LOADED_HIGH: then QEMU puts the command line at 0x20000.
        kernel.put(0x211, (byte) 1);
        kernel.putInt(0x214, 0x100000);
        kernel.position(CODE);
        byte[] code = {
            (byte) 0xB8,
            0x00,
            0x20, // mov ax, 0x2000
            (byte) 0x8E,
            (byte) 0xD8, // mov ds, ax
            0x31,
            (byte) 0xF6, // xor si, si
            (byte) 0xBA,
            (byte) 0xF8,
            0x03, // mov dx, 0x3f8
            (byte) 0xAC, // lodsb
            (byte) 0x84,
            (byte) 0xC0, // test al, al
            0x74,
            0x03, // jz out
            (byte) 0xEE, // out dx, al
            (byte) 0xEB,
            (byte) 0xF8, // jmp lodsb
            (byte) 0xB0,
            '\n', // mov al, end of line
            (byte) 0xEE, // out dx, al
            (byte) 0xF4, // hlt
            (byte) 0xEB,
            (byte) 0xFD, // jmp hlt
        };
        kernel.put(code);
        return Files.write(file, kernel.array());
    }
}

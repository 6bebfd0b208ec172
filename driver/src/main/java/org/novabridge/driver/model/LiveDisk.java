package org.novabridge.driver.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A disk as libvirt's document of an existing guest has it. Null means the document does not say.
 *
 * @param device disk, cdrom, floppy, lun
 * @param type libvirt's source type: file, block, network …
 * @param source path of file or device, or {@code pool/image} of a network disk
 * @param target name in the guest's naming scheme ({@code vda})
 * @param format driver type: raw, qcow2
 * @param ioTune limits by libvirt's element name ({@code read_bytes_sec})
 * @param tuning how QEMU's device serves it
 * @param scsiUnit unit on a SCSI controller
 * @param secret UUID of the secret by which QEMU decrypts it
 */
public record LiveDisk(
        String device,
        String type,
        @Nullable String source,
        String target,
        @Nullable String bus,
        @Nullable String format,
        @Nullable String cache,
        @Nullable String io,
        @Nullable String discard,
        @Nullable String serial,
        boolean readOnly,
        boolean shareable,
        @Nullable String logicalBlockSize,
        @Nullable String physicalBlockSize,
        Map<String, String> ioTune,
        DiskTuning tuning,
        @Nullable Integer scsiUnit,
        @Nullable String secret) {
    public LiveDisk {
        ioTune = Collections.unmodifiableMap(new LinkedHashMap<>(ioTune));
    }
}

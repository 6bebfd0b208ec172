package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.SpiceOptions;
import org.novabridge.conf.VncOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice;

/** Remote displays and the video card that goes with them (driver.py 26.2.2, _guest_add_video_device). */
final class VideoRule {
    private VideoRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE when the image wants more video memory than the flavor allows
     */
    static List<GuestDevice> decide(GuestContext guest) {
        List<GuestDevice> devices = new ArrayList<>();
        boolean spice = guest.config().get(SpiceOptions.ENABLED);
        if (guest.config().get(VncOptions.ENABLED)) {
            devices.add(new GuestDevice.Graphics("vnc", guest.config().get(VncOptions.SERVER_LISTEN)));
        }
        if (spice) {
            devices.add(new GuestDevice.Graphics("spice", guest.config().get(SpiceOptions.SERVER_LISTEN)));
        }
        if (!devices.isEmpty()) {
            devices.add(new GuestDevice.Video(model(guest), vram(guest)));
        }
        return devices;
    }

    /** The card, also of a guest that has no display (_get_video_type). */
    static String model(GuestContext guest) {
        return guest.image().find("hw_video_model").orElse(guest.config().get(SpiceOptions.ENABLED) ? "qxl" : "virtio");
    }

    private static @Nullable Integer vram(GuestContext guest) {
        int wanted = guest.image().number("hw_video_ram");
        int most = guest.extraNumber("hw_video:ram_max_mb");
        if (wanted > most) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "Image property hw_video_ram asks for " + wanted + " MiB; the flavor allows " + most,
                    "Raise hw_video:ram_max_mb of the flavor, or lower hw_video_ram of the image.");
        }
        return most != 0 && wanted != 0 ? wanted * 1024 : null;
    }
}

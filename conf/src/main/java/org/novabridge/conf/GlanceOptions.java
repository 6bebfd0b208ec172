package org.novabridge.conf;

import org.novabridge.conf.Option.Actor;

/** {@code [glance]}, only what bears on disks (Nova: conf/glance.py, Zed); images are fetched by the shim. */
public final class GlanceOptions {
    static final OptionSection SECTION = new OptionSection("glance", "Images from Glance.");

    public static final Option<Integer> NUM_RETRIES = SECTION.integer("num_retries", 3, 0)
            .actedOnBy(Actor.SHIM, "How often a failed call to Glance is tried again.");
    public static final Option<Boolean> VERIFY_GLANCE_SIGNATURES =
            SECTION.bool("verify_glance_signatures", false).actedOnBy(Actor.SHIM, "Check the signature of images.");
    public static final Option<Boolean> ENABLE_RBD_DOWNLOAD =
            SECTION.bool("enable_rbd_download", false).actedOnBy(Actor.SHIM, "Read images from Ceph directly.");

    private GlanceOptions() {}
}

package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.ValueOrigin;

/**
 * Architecture and machine type of a guest, as the disk rules need them.
 *
 * <p>Source: nova/virt/libvirt/utils.py 26.2.2, get_arch, get_machine_type, get_default_machine_type.
 */
final class Machine {
    private static final Map<String, String> DEFAULTS = Map.of(
            "armv7l", "virt",
            "aarch64", "virt",
            "ppc64le", "pseries",
            "s390", "s390-ccw-virtio",
            "s390x", "s390-ccw-virtio",
            "i686", "pc",
            "x86_64", "pc");

    private Machine() {}

    static String arch(DiskContext context) {
        String property = context.imageProperty("hw_architecture");
        return property != null ? property : context.facts().text(HostFact.ARCH);
    }

    static ValueOrigin archOrigin(DiskContext context) {
        return context.imageProperty("hw_architecture") != null
                ? Origins.imageProperty("hw_architecture")
                : Origins.fact(context.facts(), HostFact.ARCH);
    }

    static @Nullable String type(DiskContext context) {
        String property = context.imageProperty("hw_machine_type");
        if (property != null) {
            return property;
        }
        String arch = arch(context);
        String configured = configured(context, arch);
        return configured != null ? configured : DEFAULTS.get(arch);
    }

    static ValueOrigin typeOrigin(DiskContext context) {
        if (context.imageProperty("hw_machine_type") != null) {
            return Origins.imageProperty("hw_machine_type");
        }
        return configured(context, arch(context)) != null
                ? Origins.option(context.config(), LibvirtOptions.HW_MACHINE_TYPE)
                : Origins.rule("default machine type of " + arch(context));
    }

    private static @Nullable String configured(DiskContext context, String arch) {
        List<String> entries =
                context.config().find(LibvirtOptions.HW_MACHINE_TYPE).orElse(List.of());
        for (String entry : entries) {
            int equal = entry.indexOf('=');
            // Nova warns about an entry without a machine and goes on.
            if (equal > 0
                    && equal < entry.length() - 1
                    && entry.substring(0, equal).equals(arch)) {
                return entry.substring(equal + 1);
            }
        }
        return null;
    }
}

package org.novabridge.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.Option;
import org.novabridge.conf.OptionRegistry;

/**
 * What the declarations say of themselves is true: an option that is "not acted on yet" is read by no code, and every
 * other one is. The declaration is changed in the same commit as the code that begins to read it.
 */
class OptionStatusTest {
    /** Read inside other values ({@code $pybasedir}) or by the checks of the configuration itself. */
    private static final Set<String> READ_WHILE_LOADING =
            Set.of("[DEFAULT]pybasedir", "[DEFAULT]state_path", "[DEFAULT]ram_allocation_ratio");

    /** Read by the shim alone, through Nova's own volume drivers. */
    private static final Set<String> READ_BY_THE_SHIM = Set.of(
            "[libvirt]volume_use_multipath",
            "[libvirt]num_volume_scan_tries",
            "[libvirt]iscsi_iface",
            "[libvirt]num_iser_scan_tries",
            "[libvirt]iser_use_multipath",
            "[libvirt]num_nvme_discover_tries",
            "[libvirt]nfs_mount_options");

    @Test
    void statusIsTrue() {
        Set<String> read = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.novabridge.driver", "org.novabridge.bridge")) {
            for (JavaFieldAccess access : type.getFieldAccessesFromSelf()) {
                if (access.getTarget().getRawType().isEquivalentTo(Option.class)) {
                    read.add(access.getTargetOwner().getSimpleName() + "."
                            + access.getTarget().getName());
                }
            }
        }
        Set<String> activeButUnread = new TreeSet<>();
        Set<String> notYetButRead = new TreeSet<>();
        for (Option<?> option : OptionRegistry.all()) {
            boolean isRead = read.contains(constant(option))
                    || READ_WHILE_LOADING.contains(option.display())
                    || READ_BY_THE_SHIM.contains(option.display());
            if (option.notYet().isEmpty() && !isRead) {
                activeButUnread.add(option.display());
            }
            if (option.notYet().isPresent() && isRead) {
                notYetButRead.add(option.display());
            }
        }
        assertThat(activeButUnread)
                .as("declared as acted on, but read by nobody")
                .isEmpty();
        assertThat(notYetButRead).as("declared as not acted on yet, but read").isEmpty();
    }

    private static String constant(Option<?> option) {
        StringBuilder owner = new StringBuilder();
        String written = option.group().replaceFirst(":NAME$", "");
        String group = written.equals("DEFAULT") ? "default" : written;
        for (String part : group.equals("nova_bridge") ? new String[] {"bridge"} : group.split("_")) {
            owner.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
        }
        return owner + "Options." + option.name().toUpperCase(java.util.Locale.ROOT);
    }
}

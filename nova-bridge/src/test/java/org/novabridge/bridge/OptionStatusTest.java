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
 * What the declarations say of themselves is true: an option that the bridge acts on is read by its code, and no
 * other one is. The declaration is changed in the same commit as the code that begins to read it.
 */
class OptionStatusTest {
    /** Read inside other values ({@code $pybasedir}) or by the checks of the configuration itself. */
    private static final Set<String> READ_WHILE_LOADING =
            Set.of("[DEFAULT]pybasedir", "[DEFAULT]state_path", "[DEFAULT]ram_allocation_ratio");

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
        Set<String> otherwiseButRead = new TreeSet<>();
        for (Option<?> option : OptionRegistry.all()) {
            boolean isRead = read.contains(constant(option)) || READ_WHILE_LOADING.contains(option.display());
            boolean active = option.status() instanceof Option.Status.Active;
            if (active && !isRead) {
                activeButUnread.add(option.display());
            }
            if (!active && isRead) {
                otherwiseButRead.add(option.display());
            }
        }
        assertThat(activeButUnread)
                .as("declared as acted on, but read by nobody")
                .isEmpty();
        assertThat(otherwiseButRead)
                .as("declared as a matter of somebody else or of nobody, but read")
                .isEmpty();
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

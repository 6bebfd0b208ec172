package org.novabridge.conf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DirectionsTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.novabridge");

    @Test
    void confKnowsNothingOfOurs() {
        noClasses()
                .that()
                .resideInAPackage("org.novabridge.conf..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.novabridge.driver..", "org.novabridge.bridge..")
                .because("everybody reads options, so options read nobody")
                .check(CLASSES);
    }

    @Test
    void theLibraryIsKnownToTheTreeAlone() {
        noClasses()
                .that()
                .doNotHaveSimpleName("OsloConfiguration")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.commons.configuration2..")
                .because("its own parsing, splitting and look-ups would change values silently")
                .check(CLASSES);
    }
}

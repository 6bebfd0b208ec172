package org.novabridge.bridge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions of the house: which room may know which, and which room alone may use a library. */
@AnalyzeClasses(packages = "org.novabridge", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {
    private static final String OURS = "org.novabridge..";
    private static final String CONF = "org.novabridge.conf..";
    private static final String MODEL = "org.novabridge.driver.model..";
    private static final String POLICY = "org.novabridge.driver.policy..";
    private static final String XML = "org.novabridge.driver.xml..";
    private static final String EXEC = "org.novabridge.driver.exec..";
    private static final String STORAGE = "org.novabridge.driver.storage..";
    private static final String HYPERVISOR = "org.novabridge.driver.hypervisor..";
    private static final String HOST = "org.novabridge.driver.host..";
    private static final String TRANSFER = "org.novabridge.driver.transfer..";
    private static final String COMPUTE = "org.novabridge.driver.compute..";
    private static final String REST = "org.novabridge.bridge.rest..";
    private static final String CLI = "org.novabridge.bridge.cli..";

    @ArchTest
    static final ArchRule conf_knows_nothing_of_ours = knowsOnly(CONF, CONF);

    @ArchTest
    static final ArchRule model_knows_nothing_of_ours = knowsOnly(MODEL, MODEL);

    @ArchTest
    static final ArchRule exec_knows_nothing_of_ours = knowsOnly(EXEC, EXEC);

    @ArchTest
    static final ArchRule policy_knows_model_and_conf = knowsOnly(POLICY, POLICY, MODEL, CONF);

    @ArchTest
    static final ArchRule xml_knows_model = knowsOnly(XML, XML, MODEL);

    @ArchTest
    static final ArchRule storage_knows_model_exec_conf = knowsOnly(STORAGE, STORAGE, MODEL, EXEC, CONF);

    @ArchTest
    static final ArchRule transfer_knows_model_and_storage = knowsOnly(TRANSFER, TRANSFER, MODEL, STORAGE);

    @ArchTest
    static final ArchRule hypervisor_knows_model_and_xml = knowsOnly(HYPERVISOR, HYPERVISOR, MODEL, XML);

    @ArchTest
    static final ArchRule host_knows_model_exec_conf_storage_and_asks_the_hypervisor_port =
            knowsOnly(HOST, HOST, MODEL, EXEC, CONF, STORAGE, HYPERVISOR, XML);

    @ArchTest
    static final ArchRule compute_knows_the_driver_and_nothing_above = noClasses()
            .that()
            .resideInAPackage(COMPUTE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(REST, CLI);

    @ArchTest
    static final ArchRule rest_does_not_know_the_command_line = noClasses()
            .that()
            .resideInAPackage(REST)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLI);

    @ArchTest
    static final ArchRule rooms_have_no_circles =
            slices().matching("org.novabridge.driver.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_hypervisor_uses_libvirt = onlyIn("org.libvirt..", HYPERVISOR);

    @ArchTest
    static final ArchRule only_who_calls_the_system_uses_jna = onlyIn("com.sun.jna..", HYPERVISOR, HOST, STORAGE, EXEC);

    @ArchTest
    static final ArchRule only_conf_uses_commons_configuration = onlyIn("org.apache.commons.configuration2..", CONF);

    @ArchTest
    static final ArchRule only_xml_uses_jaxb = onlyIn("jakarta.xml.bind..", XML);

    @ArchTest
    static final ArchRule only_the_binder_uses_hk2 = noClasses()
            .that()
            .resideInAPackage(OURS)
            .and()
            .doNotHaveSimpleName("BridgeBinder")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.glassfish.hk2..", "org.glassfish.jersey.inject.hk2..");

    @ArchTest
    static final ArchRule only_exec_starts_processes = noClasses()
            .that()
            .resideInAPackage(OURS)
            .and()
            .resideOutsideOfPackage(EXEC)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class);

    @ArchTest
    static final ArchRule clocks_are_injected = noClasses()
            .that()
            .resideInAnyPackage(POLICY, STORAGE, COMPUTE)
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule rules_are_final = classes()
            .that()
            .resideInAPackage(POLICY)
            .and()
            .haveSimpleNameEndingWith("Rule")
            .and()
            .areNotInterfaces()
            .and(DescribedPredicate.not(DescribedPredicate.describe(
                    "abstract",
                    (JavaClass c) ->
                            c.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT))))
            .should()
            .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);

    @ArchTest
    static final ArchRule names_say_what_things_are =
            noClasses().that().resideInAPackage(OURS).should().haveNameMatching(".*(Manager|Utils?|Helper|Impl)");

    @ArchTest
    static final ArchRule nothing_relies_on_finalizers =
            methods().that().areDeclaredInClassesThat().resideInAPackage(OURS).should(notBeNamed("finalize"));

    private static ArchRule knowsOnly(String room, String... known) {
        return noClasses()
                .that()
                .resideInAPackage(room)
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage(OURS)
                        .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(known))));
    }

    private static ArchRule onlyIn(String library, String... rooms) {
        return noClasses()
                .that()
                .resideInAPackage(OURS)
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(rooms)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    private static com.tngtech.archunit.lang.ArchCondition<JavaMethod> notBeNamed(String name) {
        return new com.tngtech.archunit.lang.ArchCondition<>("not be named " + name) {
            @Override
            public void check(JavaMethod method, com.tngtech.archunit.lang.ConditionEvents events) {
                if (method.getName().equals(name)) {
                    events.add(com.tngtech.archunit.lang.SimpleConditionEvent.violated(
                            method, method.getFullName() + " is named " + name));
                }
            }
        };
    }
}

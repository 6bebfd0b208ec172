package org.novabridge.driver.model;

/** A feature of the virtual machine, {@code <features>} in libvirt's document. */
public sealed interface GuestFeature {

    /** A feature that is only there or not: acpi, apic, vmcoreinfo. */
    record Plain(String name) implements GuestFeature {}

    /**
     * Paravirtual help for Windows.
     *
     * @param spoofVendor show another vendor than Microsoft's, for drivers that refuse to run in a guest
     */
    record HyperV(int spinlockRetries, boolean spoofVendor) implements GuestFeature {}

    /** The guest is not told that it runs under KVM. */
    record KvmHidden() implements GuestFeature {}

    /** The performance monitoring unit. */
    record Pmu(boolean on) implements GuestFeature {}

    /** The I/O APIC and who emulates it. */
    record IoApic(String driver) implements GuestFeature {}
}

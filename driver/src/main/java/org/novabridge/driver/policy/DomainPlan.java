package org.novabridge.driver.policy;

import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.DomainDefinition;

/** A domain decided in full: the definition for the hypervisor, and the disks with all that makes them. */
public record DomainPlan(DomainDefinition definition, DiskPlan disks) {}

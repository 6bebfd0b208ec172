package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.DiskAttribute;

/**
 * The format QEMU reads the disk as: what was recorded when the disk was made; else qcow2 for the qcow2 backend and
 * raw for all others; the format of an NFS volume is in its connection. It is never probed from what a guest wrote.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2; volume/nfs.py. OSSA-2014-009.
 */
public final class FormatRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.FORMAT);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The recorded format of an existing disk; else qcow2 for the qcow2 backend, raw for all others; an NFS volume names its own.",
                List.of("record format", "connection format"),
                "nova/virt/libvirt/imagebackend.py 26.2.2; volume/nfs.py");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.FORMAT, format(context, draft));
    }

    private static Decision<String> format(DiskContext context, DiskDraft draft) {
        if (draft.volume()) {
            return VolumeKind.of(draft.connectedVolume()).format(draft.connectedVolume());
        }
        String backend = draft.needText(DiskAttribute.BACKEND);
        return context.recorded(draft.name())
                .map(r -> Decision.of(
                        r.format(), "The format was recorded when the disk was made.", Origins.record("format")))
                .orElseGet(() -> Decision.of(
                        backend.equals("qcow2") ? "qcow2" : "raw",
                        "Disks of backend " + backend + " have this format.",
                        Origins.rule("backend " + backend)));
    }
}

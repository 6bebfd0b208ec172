package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition.Auth;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/**
 * How QEMU proves itself to the storage cluster: rbd_user and rbd_secret_uuid for the disks that Nova makes on rbd; for
 * rbd volumes what Cinder says, with Nova's options where Cinder leaves the secret out. The key itself is libvirt's.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2, Rbd.libvirt_info; volume/net.py _set_auth_config_rbd.
 */
public final class AuthRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.AUTH);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "rbd_user and rbd_secret_uuid for disks on rbd; what Cinder says for rbd volumes.",
                List.of(
                        "[libvirt]rbd_user",
                        "[libvirt]rbd_secret_uuid",
                        "connection auth_enabled",
                        "connection auth_username",
                        "connection secret_uuid",
                        "connection secret_type"),
                "nova/virt/libvirt/imagebackend.py 26.2.2 Rbd; volume/net.py");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.AUTH, auth(context, draft));
    }

    private static Decision<Auth> auth(DiskContext context, DiskDraft draft) {
        if (!(draft.source() instanceof DiskSource.NetworkSource network)) {
            return Decision.of(null, "Only network disks authenticate.", Origins.rule("default"));
        }
        if (!draft.volume()) {
            return own(context);
        }
        return network.protocol().equals("rbd")
                ? volume(context, draft.connectedVolume().connectionData())
                : Decision.of(null, "Only rbd volumes authenticate here.", Origins.rule("default"));
    }

    private static Decision<Auth> own(DiskContext context) {
        String user = context.config().find(LibvirtOptions.RBD_USER).orElse(null);
        String secret = context.config()
                .find(LibvirtOptions.RBD_SECRET_UUID)
                .filter(s -> !s.isEmpty())
                .orElse(null);
        if (user == null && secret == null) {
            return Decision.of(
                    null,
                    "Neither rbd_user nor rbd_secret_uuid is set.",
                    Origins.option(context.config(), LibvirtOptions.RBD_USER));
        }
        if (user == null || secret == null) {
            // Nova fails with a TypeError when it writes the document.
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION_RETRY,
                    LibvirtOptions.RBD_USER.display() + " and " + LibvirtOptions.RBD_SECRET_UUID.display()
                            + " go together, and one is not set",
                    "set both, or neither");
        }
        return Decision.of(
                new Auth(user, "ceph", secret),
                "rbd_user authenticates with the secret that libvirt keeps.",
                Origins.option(context.config(), LibvirtOptions.RBD_USER),
                Origins.option(context.config(), LibvirtOptions.RBD_SECRET_UUID));
    }

    private static Decision<Auth> volume(DiskContext context, Map<String, Object> data) {
        boolean enabled = VolumeKind.truthy(data.get("auth_enabled"));
        String configured = context.config()
                .find(LibvirtOptions.RBD_SECRET_UUID)
                .filter(s -> !s.isEmpty())
                .orElse(null);
        if (!enabled && configured == null) {
            return Decision.of(null, "The connection does not authenticate.", Origins.connection("auth_enabled"));
        }
        String type = String.valueOf(data.get("secret_type"));
        if (enabled && data.get("secret_uuid") != null) {
            return Decision.of(
                    new Auth(String.valueOf(data.get("auth_username")), type, String.valueOf(data.get("secret_uuid"))),
                    "Cinder names user and secret.",
                    Origins.connection("auth_username"),
                    Origins.connection("secret_uuid"));
        }
        return Decision.of(
                new Auth(context.config().find(LibvirtOptions.RBD_USER).orElse(null), type, configured),
                "Cinder names no secret, so Nova's options stand in.",
                Origins.option(context.config(), LibvirtOptions.RBD_USER),
                Origins.option(context.config(), LibvirtOptions.RBD_SECRET_UUID));
    }
}

package org.novabridge.driver.xml;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.NovaMetadata;
import org.novabridge.driver.model.NovaMetadata.MetadataFlavor;
import org.novabridge.driver.model.NovaMetadata.MetadataIp;
import org.novabridge.driver.model.NovaMetadata.MetadataOwner;
import org.novabridge.driver.model.NovaMetadata.MetadataPort;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Nova's metadata and its element. */
final class MetadataMapper {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private MetadataMapper() {}

    /** Null when it is somebody else's. */
    static @Nullable NovaMetadata fromElement(Element element) {
        if (!MetadataBeans.NAMESPACE.equals(element.getNamespaceURI()) || !"instance".equals(element.getLocalName())) {
            return null;
        }
        Element flavor = child(element, "flavor");
        Element user = child(child(element, "owner"), "user");
        Element project = child(child(element, "owner"), "project");
        Element root = child(element, "root");
        return new NovaMetadata(
                attribute(child(element, "package"), "version"),
                text(child(element, "name")),
                time(text(child(element, "creationTime"))),
                flavor == null
                        ? null
                        : new MetadataFlavor(
                                attribute(flavor, "name"),
                                number(flavor, "memory"),
                                number(flavor, "disk"),
                                number(flavor, "swap"),
                                number(flavor, "ephemeral"),
                                number(flavor, "vcpus")),
                user == null || project == null
                        ? null
                        : new MetadataOwner(
                                attribute(user, "uuid"),
                                user.getTextContent(),
                                attribute(project, "uuid"),
                                project.getTextContent()),
                root != null && root.hasAttribute("uuid") ? root.getAttribute("uuid") : null,
                children(child(element, "ports"), "port").stream()
                        .map(port -> new MetadataPort(
                                attribute(port, "uuid"),
                                children(port, "ip").stream()
                                        .map(ip -> new MetadataIp(
                                                attribute(ip, "type"),
                                                attribute(ip, "address"),
                                                attribute(ip, "ipVersion")))
                                        .toList()))
                        .toList());
    }

    private static List<Element> children(@Nullable Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node child = parent == null ? null : parent.getFirstChild();
                child != null;
                child = child.getNextSibling()) {
            if (child instanceof Element element
                    && MetadataBeans.NAMESPACE.equals(element.getNamespaceURI())
                    && name.equals(element.getLocalName())) {
                found.add(element);
            }
        }
        return found;
    }

    private static @Nullable Element child(@Nullable Element parent, String name) {
        return children(parent, name).stream().findFirst().orElse(null);
    }

    private static String attribute(@Nullable Element element, String name) {
        return element == null ? "" : element.getAttribute(name);
    }

    private static @Nullable String text(@Nullable Element element) {
        return element == null ? null : element.getTextContent();
    }

    /** 0 for what is no number: nothing depends on it. */
    private static int number(Element parent, String name) {
        String text = text(child(parent, name));
        try {
            return text == null ? 0 : Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    static MetadataBeans.Instance toBean(NovaMetadata metadata) {
        MetadataBeans.Instance bean = new MetadataBeans.Instance();
        bean.novaPackage = new MetadataBeans.NovaPackage();
        bean.novaPackage.version = metadata.packageVersion();
        bean.name = metadata.name();
        Instant time = metadata.creationTime();
        bean.creationTime = time == null ? null : TIME.format(time.atOffset(ZoneOffset.UTC));
        MetadataFlavor flavor = metadata.flavor();
        if (flavor != null) {
            bean.flavor = new MetadataBeans.Flavor();
            bean.flavor.name = flavor.name();
            bean.flavor.memory = flavor.memoryMb();
            bean.flavor.disk = flavor.diskGb();
            bean.flavor.swap = flavor.swapMb();
            bean.flavor.ephemeral = flavor.ephemeralGb();
            bean.flavor.vcpus = flavor.vcpus();
        }
        MetadataOwner owner = metadata.owner();
        if (owner != null) {
            bean.owner = new MetadataBeans.Owner();
            bean.owner.user = named(owner.userId(), owner.userName());
            bean.owner.project = named(owner.projectId(), owner.projectName());
        }
        if (metadata.rootImage() != null) {
            bean.root = new MetadataBeans.Root();
            bean.root.type = "image";
            bean.root.uuid = metadata.rootImage();
        }
        for (MetadataPort port : metadata.ports()) {
            MetadataBeans.Port portBean = new MetadataBeans.Port();
            portBean.uuid = port.uuid();
            for (MetadataIp ip : port.ips()) {
                MetadataBeans.Ip ipBean = new MetadataBeans.Ip();
                ipBean.type = ip.type();
                ipBean.address = ip.address();
                ipBean.ipVersion = ip.version();
                portBean.ip.add(ipBean);
            }
            bean.ports.add(portBean);
        }
        return bean;
    }

    private static MetadataBeans.Named named(String uuid, String name) {
        MetadataBeans.Named named = new MetadataBeans.Named();
        named.uuid = uuid;
        named.name = name;
        return named;
    }

    private static @Nullable Instant time(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return LocalDateTime.parse(text.strip(), TIME).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}

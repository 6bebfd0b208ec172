package org.novabridge.driver.xml;

import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.NovaMetadata;
import org.novabridge.driver.model.NovaMetadata.MetadataFlavor;
import org.novabridge.driver.model.NovaMetadata.MetadataIp;
import org.novabridge.driver.model.NovaMetadata.MetadataOwner;
import org.novabridge.driver.model.NovaMetadata.MetadataPort;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Nova's metadata and its element. It is a document of its own inside the domain, so that its namespace
 * is declared on it and on nothing else, as Nova does.
 */
final class MetadataMapper {
    private static final JAXBContext CONTEXT = DomainXml.context(MetadataBeans.Instance.class);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private MetadataMapper() {}

    static Element toElement(NovaMetadata metadata) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            Document document = factory.newDocumentBuilder().newDocument();
            CONTEXT.createMarshaller().marshal(toBean(metadata), document);
            return prefixed(document);
        } catch (JAXBException | ParserConfigurationException e) {
            throw new BridgeException(ErrorCode.INTERNAL, "Nova's metadata could not be written", null, e);
        }
    }

    static @Nullable NovaMetadata fromElement(Element element) {
        if (!MetadataBeans.NAMESPACE.equals(element.getNamespaceURI()) || !"instance".equals(element.getLocalName())) {
            return null;
        }
        try {
            return fromBean(CONTEXT.createUnmarshaller()
                    .unmarshal(element, MetadataBeans.Instance.class)
                    .getValue());
        } catch (JAXBException e) {
            throw new BridgeException(ErrorCode.INVALID_REQUEST, "Nova's metadata of a guest cannot be read", null, e);
        }
    }

    /** Nova's own prefix, for people who read the document. */
    private static Element prefixed(Document document) {
        rename(document, document.getDocumentElement());
        return document.getDocumentElement();
    }

    private static void rename(Document document, Element element) {
        Element renamed =
                (Element) document.renameNode(element, MetadataBeans.NAMESPACE, "nova:" + element.getLocalName());
        for (var child = renamed.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element childElement) {
                rename(document, childElement);
            }
        }
    }

    private static MetadataBeans.Instance toBean(NovaMetadata metadata) {
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

    private static NovaMetadata fromBean(MetadataBeans.Instance bean) {
        List<MetadataPort> ports = bean.ports.stream()
                .map(port -> new MetadataPort(
                        text(port.uuid),
                        port.ip.stream()
                                .map(ip -> new MetadataIp(text(ip.type), text(ip.address), text(ip.ipVersion)))
                                .toList()))
                .toList();
        MetadataBeans.Flavor flavor = bean.flavor;
        MetadataBeans.Owner owner = bean.owner;
        MetadataBeans.Named user = owner == null ? null : owner.user;
        MetadataBeans.Named project = owner == null ? null : owner.project;
        return new NovaMetadata(
                bean.novaPackage == null ? "" : text(bean.novaPackage.version),
                bean.name,
                time(bean.creationTime),
                flavor == null
                        ? null
                        : new MetadataFlavor(
                                text(flavor.name),
                                flavor.memory,
                                flavor.disk,
                                flavor.swap,
                                flavor.ephemeral,
                                flavor.vcpus),
                user == null || project == null
                        ? null
                        : new MetadataOwner(text(user.uuid), text(user.name), text(project.uuid), text(project.name)),
                bean.root == null ? null : bean.root.uuid,
                ports);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
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

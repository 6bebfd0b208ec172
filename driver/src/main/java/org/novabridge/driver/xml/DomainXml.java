package org.novabridge.driver.xml;

import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBElement;
import jakarta.xml.bind.JAXBException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import javax.xml.namespace.QName;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.util.StreamReaderDelegate;
import org.glassfish.jaxb.runtime.api.JAXBRIContext;
import org.glassfish.jaxb.runtime.v2.runtime.MarshallerImpl;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DomainDefinition;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.LiveDevice;
import org.novabridge.driver.model.LiveDomain;

/**
 * Writes libvirt's domain documents and reads those of existing guests.
 *
 * <p>Reading is for documents that a hostile guest or tenant may have influenced (OSSA-2013-004): a
 * document type declaration is refused, external entities are never fetched, and size is bounded.
 */
public final class DomainXml {
    /** libvirt's documents are some kilobytes; a thousand disks fit into this. */
    private static final int MAX_CHARS = 4 << 20;

    /** The beans' texts are of the type that is declared; looking for another one would read each of them twice. */
    private static final Map<String, ?> AS_DECLARED = Map.of(JAXBRIContext.IMPROVED_XSI_TYPE_HANDLING, false);

    /** Made once: the slow part of JAXB. Contexts are safe for use by several threads, marshallers are not. */
    private static final JAXBContext CONTEXT = context(DomainBean.class);

    private DomainXml() {}

    /** Makes now what the first document would wait for. */
    public static void prepare() {
        try {
            CONTEXT.createMarshaller();
        } catch (JAXBException e) {
            throw new IllegalStateException("No document can be written", e);
        }
    }

    static JAXBContext context(Class<?> root) {
        try {
            return JAXBContext.newInstance(new Class<?>[] {root}, AS_DECLARED);
        } catch (JAXBException e) {
            throw new IllegalStateException("The beans of the domain document do not fit together", e);
        }
    }

    /**
     * The document for {@code virDomainDefineXML}.
     *
     * @throws BridgeException INVALID_REQUEST when a text has a character that XML cannot carry
     */
    public static String write(DomainDefinition domain) {
        return text(
                CONTEXT,
                DomainMapper.toBean(domain),
                "instance " + domain.uuid(),
                "Look at display_name, the flavor's name, and the names of owner and project.");
    }

    /** @param remedy where such a text comes from */
    static String text(JAXBContext context, Object bean, String whose, String remedy) {
        DocumentText text = new DocumentText();
        try {
            ((MarshallerImpl) context.createMarshaller()).marshal(bean, text);
        } catch (JAXBException e) {
            throw new BridgeException(
                    ErrorCode.INTERNAL, "The document of " + whose + " could not be written", null, e);
        }
        if (!text.clean()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "A text of " + whose + " has a control character that XML cannot carry",
                    remedy);
        }
        return text.text();
    }

    /**
     * The parts of an existing guest's document that nova-bridge looks at.
     *
     * @throws BridgeException INVALID_REQUEST when it is not a domain document, or not a harmless one
     */
    public static LiveDomain read(String xml) {
        return LiveDomainMapper.toLive(bean(xml));
    }

    /**
     * Where the disks and interfaces of an existing guest are, in the order of its document.
     *
     * @throws BridgeException as {@link #read}
     */
    public static List<LiveDevice> devices(String xml) {
        return LiveDeviceMapper.devices(bean(xml));
    }

    private static DomainBean bean(String xml) {
        if (xml.length() > MAX_CHARS) {
            throw unreadable("it is longer than " + MAX_CHARS + " characters", null);
        }
        try {
            XMLStreamReader reader = new NoDocumentType(inputFactory().createXMLStreamReader(new StringReader(xml)));
            return CONTEXT.createUnmarshaller()
                    .unmarshal(reader, DomainBean.class)
                    .getValue();
        } catch (JAXBException | XMLStreamException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw unreadable(String.valueOf(cause.getMessage()), e);
        }
    }

    /**
     * The element of a disk alone, for {@code virDomainAttachDeviceFlags}.
     *
     * @throws BridgeException as {@link #write(DomainDefinition)}
     */
    public static String write(DiskDefinition disk) {
        return write(DiskMapper.toBean(disk));
    }

    /**
     * The element of a disk of an existing guest, for {@code virDomainDetachDeviceFlags}, which looks at its target; empty
     * when the guest has none there.
     *
     * @param target its name in the guest: vdb
     * @throws BridgeException as {@link #read}
     */
    public static Optional<String> diskElement(String xml, String target) {
        return device(xml, DiskBeans.Disk.class, disk -> disk.target != null && target.equals(disk.target.dev))
                .map(disk -> {
                    // Of an address we read only what our own have.
                    disk.address = null;
                    disk.alias = null;
                    return write(disk);
                });
    }

    /**
     * The element of an interface of a guest, for attaching and detaching it alone; empty when the guest has none with the
     * address.
     *
     * @throws BridgeException as {@link #read}
     */
    public static Optional<String> interfaceElement(String xml, String mac) {
        return device(
                        xml,
                        InterfaceBeans.Interface.class,
                        one -> one.mac != null && mac.equalsIgnoreCase(one.mac.address))
                .map(one -> {
                    one.address = null;
                    return write("interface", InterfaceBeans.Interface.class, one);
                });
    }

    private static <T> Optional<T> device(String xml, Class<T> type, Predicate<T> wanted) {
        DevicesBean devices = bean(xml).devices;
        return devices == null
                ? Optional.empty()
                : devices.list.stream()
                        .filter(type::isInstance)
                        .map(type::cast)
                        .filter(wanted)
                        .findFirst();
    }

    private static String write(DiskBeans.Disk disk) {
        return write("disk", DiskBeans.Disk.class, disk);
    }

    private static <T> String write(String name, Class<T> type, T device) {
        return text(
                CONTEXT,
                new JAXBElement<>(new QName(name), type, device),
                "the device",
                "Look at the connection of the volume, or at the port.");
    }

    private static XMLInputFactory inputFactory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("it refers to something outside itself");
        });
        return factory;
    }

    private static BridgeException unreadable(String why, @Nullable Throwable cause) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST,
                "The domain document cannot be read: " + why,
                "Look at the document with virsh dumpxml.",
                cause);
    }

    /** Stops at a document type declaration, before anything in it can be expanded. */
    private static final class NoDocumentType extends StreamReaderDelegate {
        NoDocumentType(XMLStreamReader reader) throws XMLStreamException {
            super(reader);
            check(reader.getEventType());
        }

        @Override
        public int next() throws XMLStreamException {
            return check(super.next());
        }

        private static int check(int event) throws XMLStreamException {
            if (event == DTD || event == ENTITY_REFERENCE) {
                throw new XMLStreamException("it has a document type declaration or an entity, which is refused");
            }
            return event;
        }
    }
}

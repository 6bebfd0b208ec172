package org.novabridge.driver.host;

import java.io.StringWriter;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** libvirt's {@code <cpu>}, as far as it names a processor: architecture, model, and what it has beyond its model. */
public record LibvirtCpu(String arch, String model, List<String> features) {
    public LibvirtCpu {
        features = List.copyOf(features);
    }

    public String xml() {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter to = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            to.writeStartElement("cpu");
            to.writeStartElement("arch");
            to.writeCharacters(arch);
            to.writeEndElement();
            to.writeStartElement("model");
            to.writeCharacters(model);
            to.writeEndElement();
            for (String feature : features) {
                to.writeEmptyElement("feature");
                to.writeAttribute("name", feature);
            }
            to.writeEndElement();
            to.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    /**
     * The features that such an element names.
     *
     * @throws org.novabridge.driver.model.BridgeException HYPERVISOR_FAILED when it is none
     */
    public static List<String> features(String xml) {
        return LibvirtDocument.parse(xml).texts("/cpu/feature[not(@policy) or @policy='require']/@name");
    }
}

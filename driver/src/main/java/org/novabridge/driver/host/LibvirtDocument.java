package org.novabridge.driver.host;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A capabilities document of libvirt's, asked by XPath. */
final class LibvirtDocument {
    private final Document document;

    private LibvirtDocument(Document document) {
        this.document = document;
    }

    static LibvirtDocument parse(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return new LibvirtDocument(factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml))));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new BridgeException(
                    ErrorCode.HYPERVISOR_FAILED, "libvirt's capabilities are not XML: " + e.getMessage(), null, e);
        }
    }

    /** Every text that the expression selects, in document order. */
    List<String> texts(String expression) {
        try {
            NodeList nodes = (NodeList)
                    XPathFactory.newInstance().newXPath().evaluate(expression, document, XPathConstants.NODESET);
            List<String> found = new ArrayList<>(nodes.getLength());
            for (int i = 0; i < nodes.getLength(); i++) {
                found.add(nodes.item(i).getTextContent().strip());
            }
            return found;
        } catch (XPathExpressionException e) {
            throw new IllegalArgumentException(expression, e);
        }
    }

    Optional<String> text(String expression) {
        return texts(expression).stream().filter(text -> !text.isEmpty()).findFirst();
    }
}

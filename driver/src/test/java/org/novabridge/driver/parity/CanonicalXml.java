package org.novabridge.driver.parity;

import java.io.StringReader;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/**
 * A domain document as lines that can be compared: every element in its order, its attributes sorted, its
 * text, its namespace; without indentation, and with the time and the package version masked.
 */
final class CanonicalXml {
    private CanonicalXml() {}

    static String of(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            Element root = factory.newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)))
                    .getDocumentElement();
            StringBuilder out = new StringBuilder();
            write(root, 0, out);
            return out.toString();
        } catch (Exception e) {
            throw new AssertionError("not XML: " + xml, e);
        }
    }

    private static void write(Element element, int depth, StringBuilder out) {
        out.append("  ".repeat(depth)).append(element.getLocalName());
        if (element.getNamespaceURI() != null) {
            out.append(" in ").append(element.getNamespaceURI());
        }
        Map<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            Node attribute = element.getAttributes().item(i);
            if (!"http://www.w3.org/2000/xmlns/".equals(attribute.getNamespaceURI())) {
                attributes.put(
                        attribute.getNodeName(), mask(element, attribute.getNodeName(), attribute.getNodeValue()));
            }
        }
        attributes.forEach((name, value) ->
                out.append(' ').append(name).append("=\"").append(value).append('"'));
        boolean children = false;
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            children |= child instanceof Element;
        }
        if (!children && !element.getTextContent().isEmpty()) {
            out.append(" = ").append(mask(element, "", element.getTextContent()));
        }
        out.append('\n');
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element childElement) {
                write(childElement, depth + 1, out);
            }
        }
    }

    private static String mask(Element element, String attribute, String value) {
        boolean time = "creationTime".equals(element.getLocalName());
        boolean version = "package".equals(element.getLocalName()) && attribute.equals("version");
        boolean sysinfo = "entry".equals(element.getLocalName())
                && attribute.isEmpty()
                && element.getAttribute("name").equals("version");
        return time || version || sysinfo ? "(masked)" : value;
    }
}

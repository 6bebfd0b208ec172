package org.novabridge.driver.xml;

import org.jspecify.annotations.Nullable;
import org.xml.sax.Attributes;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Writes what JAXB says as text, one element to a line. A third of what JAXB's own writer takes, which is most of a document's
 * time.
 *
 * <p>JAXB writes control characters as they are, and libvirt would then refuse the whole document: {@link #clean} tells.
 */
final class DocumentText extends DefaultHandler {
    private static final String INDENT = "    ";

    private final StringBuilder text = new StringBuilder(8192);
    private int depth;

    /** The start tag of an element ends with what comes next. */
    private boolean open;

    /** The element that ended last was a child of the one that ends next. */
    private boolean afterChild;

    private boolean clean = true;

    /** Whether XML 1.0 can carry every character. */
    boolean clean() {
        return clean;
    }

    String text() {
        return text.append('\n').toString();
    }

    @Override
    public void startPrefixMapping(String prefix, String uri) {
        if (!uri.isEmpty()) {
            // Nova's is an attribute of our beans.
            throw new IllegalStateException("no element that we write has a namespace of its own, but " + uri);
        }
    }

    @Override
    public void startElement(String uri, String localName, String name, Attributes attributes) {
        endStartTag();
        if (!text.isEmpty()) {
            newLine();
        }
        text.append('<').append(name);
        for (int i = 0; i < attributes.getLength(); i++) {
            text.append(' ').append(attributes.getQName(i)).append("=\"");
            append(attributes.getValue(i), true);
            text.append('"');
        }
        depth++;
        open = true;
        afterChild = false;
    }

    @Override
    public void characters(char[] characters, int start, int length) {
        if (length > 0) {
            endStartTag();
            append(new String(characters, start, length), false);
        }
    }

    @Override
    public void endElement(String uri, String localName, String name) {
        depth--;
        if (open) {
            text.append("/>");
            open = false;
        } else {
            if (afterChild) {
                newLine();
            }
            text.append("</").append(name).append('>');
        }
        afterChild = true;
    }

    private void endStartTag() {
        if (open) {
            text.append('>');
            open = false;
        }
    }

    private void newLine() {
        text.append('\n');
        for (int i = 0; i < depth; i++) {
            text.append(INDENT);
        }
    }

    private void append(String value, boolean attribute) {
        int plain = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > '>' && c < 0xD800) {
                continue;
            }
            String escaped = escaped(c, attribute);
            if (escaped != null) {
                text.append(value, plain, i).append(escaped);
                plain = i + 1;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                i++;
            } else if (!carried(c)) {
                clean = false;
            }
        }
        text.append(value, plain, value.length());
    }

    /** An end of line in an attribute would be read as a blank, a carriage return as an end of line. */
    private static @Nullable String escaped(char c, boolean attribute) {
        return switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '\r' -> "&#13;";
            case '"' -> attribute ? "&quot;" : null;
            case '\n' -> attribute ? "&#10;" : null;
            case '\t' -> attribute ? "&#9;" : null;
            default -> null;
        };
    }

    private static boolean carried(char c) {
        return c == '\t' || c == '\n' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD);
    }
}

package org.novabridge.driver.xml;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.glassfish.jaxb.runtime.v2.runtime.Name;
import org.glassfish.jaxb.runtime.v2.runtime.output.Pcdata;
import org.glassfish.jaxb.runtime.v2.runtime.output.XmlOutputAbstractImpl;
import org.jspecify.annotations.Nullable;

/**
 * Writes what JAXB says as text, one element to a line. A quarter of what JAXB's own writer takes, which is most of a document's
 * time: each piece is copied as bytes, once. With the first compiler alone, a string builder's append of one character costs
 * as much as that of a word. It takes JAXB's own calls and not those of SAX: between them each attribute is put into a list and
 * each text into an array of characters, a sixth of the document's time.
 *
 * <p>JAXB writes control characters as they are, and libvirt would then refuse the whole document: {@link #clean} tells.
 */
final class DocumentText extends XmlOutputAbstractImpl {
    private static final int NO_PREFIX = -1;
    private static final int INDENT = 4;
    private static final byte[] NEW_LINE = ("\n" + " ".repeat(INDENT * 32)).getBytes(StandardCharsets.ISO_8859_1);

    /**
     * A bit for each character below 64 that is not copied as it is: what is escaped, what XML cannot carry, and the
     * question mark, which is also what characters that Latin-1 lacks become.
     */
    private static final long LOOKED_AT = lookedAt();

    /** In UTF-8. */
    private byte[] text = new byte[4096];

    private int length;
    private int depth;

    /** The start tag of an element ends with what comes next. */
    private boolean open;

    /** The element that ended last was a child of the one that ends next. */
    private boolean afterChild;

    private boolean clean = true;
    private boolean ascii = true;

    private static long lookedAt() {
        long bits = 0xFFFF_FFFFL;
        for (char c : new char[] {'&', '<', '>', '"', '?'}) {
            bits |= 1L << c;
        }
        return bits;
    }

    /** Whether XML 1.0 can carry every character. */
    boolean clean() {
        return clean;
    }

    String text() {
        add('\n');
        // Latin-1 is a copy; UTF-8 would be read byte by byte.
        return new String(text, 0, length, ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }

    @Override
    public void beginStartTag(Name name) {
        if (!name.nsUri.isEmpty()) {
            // Nova's is an attribute of our beans.
            throw new IllegalStateException("no element that we write has a namespace of its own, but " + name.nsUri);
        }
        beginStartTag(NO_PREFIX, name.localName);
    }

    @Override
    public void beginStartTag(int prefix, String name) {
        closeStartTag();
        if (length > 0) {
            newLine();
        }
        add('<');
        add(name);
        depth++;
        open = true;
        afterChild = false;
    }

    @Override
    public void attribute(Name name, String value) {
        attribute(NO_PREFIX, name.localName, value);
    }

    @Override
    public void attribute(int prefix, String name, String value) {
        add(' ');
        add(name);
        add('=');
        add('"');
        add(value, true);
        add('"');
    }

    /** Nothing yet: what comes next decides how it ends. */
    @Override
    public void endStartTag() {}

    @Override
    public void text(Pcdata value, boolean separated) {
        text(value.toString(), separated);
    }

    @Override
    public void text(String value, boolean separated) {
        if (!value.isEmpty()) {
            closeStartTag();
            add(value, false);
        }
    }

    @Override
    public void endTag(Name name) {
        endTag(NO_PREFIX, name.localName);
    }

    @Override
    public void endTag(int prefix, String name) {
        depth--;
        if (open) {
            add('/');
            open = false;
        } else {
            if (afterChild) {
                newLine();
            }
            add('<');
            add('/');
            add(name);
        }
        add('>');
        afterChild = true;
    }

    private void closeStartTag() {
        if (open) {
            add('>');
            open = false;
        }
    }

    private void newLine() {
        add(NEW_LINE, Math.min(1 + depth * INDENT, NEW_LINE.length));
    }

    private void add(char ascii) {
        if (length == text.length) {
            text = Arrays.copyOf(text, 2 * length);
        }
        text[length++] = (byte) ascii;
    }

    /** A name of ours. */
    private void add(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        add(bytes, bytes.length);
    }

    private void add(byte[] bytes, int count) {
        if (length + count > text.length) {
            text = Arrays.copyOf(text, 2 * (length + count));
        }
        System.arraycopy(bytes, 0, text, length, count);
        length += count;
    }

    private void add(String value, boolean attribute) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        for (byte b : bytes) {
            if (b < 64 && (b < 0 || (LOOKED_AT >>> b & 1) != 0)) {
                bytes = escaped(value, attribute).getBytes(StandardCharsets.UTF_8);
                ascii = false;
                break;
            }
        }
        add(bytes, bytes.length);
    }

    private String escaped(String value, boolean attribute) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            String reference = reference(c, attribute);
            if (reference != null) {
                escaped.append(reference);
                continue;
            }
            escaped.append(c);
            if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                escaped.append(value.charAt(++i));
            } else if (!carried(c)) {
                clean = false;
            }
        }
        return escaped.toString();
    }

    /** An end of line in an attribute would be read as a blank, a carriage return as an end of line. */
    private static @Nullable String reference(char c, boolean attribute) {
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

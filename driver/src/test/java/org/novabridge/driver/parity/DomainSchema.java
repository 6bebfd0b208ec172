package org.novabridge.driver.parity;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;

/**
 * The schema of the installed libvirt; and, where that is older than what a test is about, the same with the few elements
 * that later releases have. These are written here after libvirt's formatdomain page (driver of a disk: discard_no_unref,
 * iothreads; driver of a controller: iothreads): it is our reading of that page and not libvirt's own schema.
 */
public final class DomainSchema {
    static final Path FILE = Path.of("/usr/share/libvirt/schemas/domain.rng");

    private static final String COMMON = "domaincommon.rng";
    private static final String ONE_THREAD = "<ref name=\"driverIOThread\"/>";
    private static final String SEVERAL_THREADS = "<choice>" + ONE_THREAD + """
            <element name="iothreads"><oneOrMore><element name="iothread">
              <attribute name="id"><ref name="positiveInteger"/></attribute>
              <zeroOrMore><element name="queue">
                <attribute name="id"><ref name="unsignedInt"/></attribute>
              </element></zeroOrMore>
            </element></oneOrMore></element></choice>
            """;
    private static final String NO_UNREF =
            "<optional><attribute name=\"discard_no_unref\"><ref name=\"virOnOff\"/></attribute></optional>";

    private final ValidationDriver driver;
    private final List<String> problems = new ArrayList<>();

    public DomainSchema() throws Exception {
        this(FILE);
    }

    /**
     * The schema of a later release.
     *
     * @param folder where its files may be written
     * @param libvirt major * 1,000,000 + minor * 1,000 + release
     */
    static DomainSchema of(Path folder, int libvirt) throws Exception {
        Path copy = Files.createDirectories(folder.resolve("schema-" + libvirt));
        try (Stream<Path> files = Files.list(FILE.getParent())) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        String common = Files.readString(copy.resolve(COMMON));
        int disk = common.indexOf("<define name=\"diskDriver\">");
        int controller = common.indexOf("<define name=\"controller\">");
        // Each of the two is the first reference behind the head of its definition. The later place first: the others
        // stay.
        if (libvirt >= 11_002_000) {
            common = later(common, controller, ONE_THREAD, SEVERAL_THREADS);
        }
        if (libvirt >= 10_000_000) {
            common = later(common, disk, ONE_THREAD, SEVERAL_THREADS);
        }
        if (libvirt >= 9_005_000 && !common.contains("discard_no_unref")) {
            common = later(
                    common,
                    disk,
                    "<optional>\n        <ref name=\"discard\"/>",
                    NO_UNREF + "<optional><ref name=\"discard\"/>");
        }
        Files.writeString(copy.resolve(COMMON), common);
        return new DomainSchema(copy.resolve(FILE.getFileName()));
    }

    private static String later(String text, int from, String old, String with) {
        int at = text.indexOf(old, from);
        if (from < 0 || at < 0) {
            throw new IllegalStateException("libvirt's schema is another one than this test knows: no " + old);
        }
        return text.substring(0, at) + with + text.substring(at + old.length());
    }

    private DomainSchema(Path file) throws Exception {
        PropertyMapBuilder properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new Collector());
        driver = new ValidationDriver(properties.toPropertyMap());
        if (!driver.loadSchema(ValidationDriver.uriOrFileInputSource(file.toString()))) {
            throw new IllegalStateException("libvirt's schema cannot be read: " + problems);
        }
    }

    static boolean installed() {
        return Files.isReadable(FILE);
    }

    /** What is wrong with the document; empty when it is valid. */
    public List<String> check(String xml) throws Exception {
        problems.clear();
        driver.validate(new InputSource(new StringReader(xml)));
        return List.copyOf(problems);
    }

    private final class Collector implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) {
            // Jing warns about nothing that concerns us.
        }

        @Override
        public void error(SAXParseException e) {
            problems.add(e.getLineNumber() + ": " + e.getMessage());
        }

        @Override
        public void fatalError(SAXParseException e) {
            problems.add(e.getLineNumber() + ": " + e.getMessage());
        }
    }
}

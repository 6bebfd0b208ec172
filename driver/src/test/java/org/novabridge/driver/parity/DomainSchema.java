package org.novabridge.driver.parity;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;

/** The schema of the installed libvirt. */
public final class DomainSchema {
    static final Path FILE = Path.of("/usr/share/libvirt/schemas/domain.rng");

    private final ValidationDriver driver;
    private final List<String> problems = new ArrayList<>();

    public DomainSchema() throws Exception {
        PropertyMapBuilder properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new Collector());
        driver = new ValidationDriver(properties.toPropertyMap());
        if (!driver.loadSchema(ValidationDriver.uriOrFileInputSource(FILE.toString()))) {
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

package org.novabridge.conf;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import org.apache.commons.configuration2.BaseHierarchicalConfiguration;
import org.apache.commons.configuration2.FileBasedConfiguration;
import org.apache.commons.configuration2.convert.DisabledListDelimiterHandler;
import org.apache.commons.configuration2.interpol.ConfigurationInterpolator;
import org.apache.commons.configuration2.tree.DefaultExpressionEngine;
import org.apache.commons.configuration2.tree.DefaultExpressionEngineSymbols;
import org.apache.commons.configuration2.tree.ImmutableNode;

/**
 * One oslo.config file as commons-configuration2's node tree: a node for each section (by its normal name), below it a
 * node for each assignment in the file's order, with {@code file} and {@code line} as attributes. The library's own
 * splitting of lists and its look-ups in system properties, environment and files are switched off: a value is text
 * here, and nothing in it is replaced.
 */
final class OsloConfiguration extends BaseHierarchicalConfiguration implements FileBasedConfiguration {
    static final String FILE = "file";
    static final String LINE = "line";
    /** Cannot occur in a section or key, so that dots are plain characters. */
    private static final String SEPARATOR = "\u0000/";

    private final String file;
    private final BiPredicate<String, String> keep;
    private final Problems.Collector problems;
    private List<OsloIniReader.Section> sections = List.of();
    private List<OsloIniReader.Key> undeclared = List.of();

    /**
     * @param file the name for origins
     * @param keep normal section name and key whose value may be kept
     */
    OsloConfiguration(String file, BiPredicate<String, String> keep, Problems.Collector problems) {
        this.file = file;
        this.keep = keep;
        this.problems = problems;
        setListDelimiterHandler(DisabledListDelimiterHandler.INSTANCE);
        setInterpolator(new ConfigurationInterpolator());
        setExpressionEngine(new DefaultExpressionEngine(
                new DefaultExpressionEngineSymbols.Builder(DefaultExpressionEngineSymbols.DEFAULT_SYMBOLS)
                        .setPropertyDelimiter(SEPARATOR)
                        .setEscapedDelimiter(SEPARATOR + SEPARATOR)
                        .setIndexStart("\u0000(")
                        .setIndexEnd(")\u0000")
                        .setAttributeStart("\u0000[@")
                        .setAttributeEnd("]\u0000")
                        .create()));
    }

    /** oslo.config's name of a section: lower case, except DEFAULT. */
    static String normal(String section) {
        return section.equals("DEFAULT") ? section : section.toLowerCase(Locale.ROOT);
    }

    @Override
    public void read(Reader in) throws IOException {
        OsloIniReader.Result result =
                new OsloIniReader(file, (section, key) -> keep.test(normal(section), key), problems).read(in);
        sections = result.sections();
        undeclared = result.undeclared();
        Map<String, ImmutableNode.Builder> bySection = new LinkedHashMap<>();
        sections.forEach(section -> bySection.computeIfAbsent(normal(section.name()), OsloConfiguration::node));
        for (IniEntry entry : result.entries()) {
            bySection
                    .computeIfAbsent(normal(entry.section()), OsloConfiguration::node)
                    .addChild(node(entry.key())
                            .value(entry.value())
                            .addAttribute(FILE, entry.origin().file())
                            .addAttribute(LINE, entry.origin().line())
                            .create());
        }
        ImmutableNode.Builder root = new ImmutableNode.Builder(bySection.size());
        bySection.values().forEach(section -> root.addChild(section.create()));
        getNodeModel().setRootNode(root.create());
    }

    private static ImmutableNode.Builder node(String name) {
        return new ImmutableNode.Builder().name(name);
    }

    /** Writes the kept values in a form that reads back the same; comments are lost. */
    @Override
    public void write(Writer out) throws IOException {
        for (ImmutableNode section :
                getNodeModel().getNodeHandler().getRootNode().getChildren()) {
            out.write("[" + section.getNodeName() + "]\n");
            for (ImmutableNode entry : section.getChildren()) {
                String value = String.valueOf(entry.getValue());
                int newline = value.indexOf('\n');
                String first = newline < 0 ? value : value.substring(0, newline);
                String rest = newline < 0 ? "" : value.substring(newline).replace("\n", "\n    ");
                out.write(entry.getNodeName() + " = \"" + first + "\"" + rest + "\n");
            }
            out.write("\n");
        }
    }

    /** All assignments of the key in the section, in the file's order. */
    List<IniEntry> entries(String section, String key) {
        List<IniEntry> found = new ArrayList<>();
        for (ImmutableNode head : getNodeModel().getNodeHandler().getRootNode().getChildren(section)) {
            for (ImmutableNode node : head.getChildren(key)) {
                Object line = node.getAttributes().get(LINE);
                Origin.FileLine origin = new Origin.FileLine(
                        String.valueOf(node.getAttributes().get(FILE)), line instanceof Integer number ? number : 0);
                found.add(new IniEntry(section, key, String.valueOf(node.getValue()), origin));
            }
        }
        return found;
    }

    /** Heads of sections as written, in the file's order. */
    List<OsloIniReader.Section> sections() {
        return sections;
    }

    /** Assignments of which only the names were kept. */
    List<OsloIniReader.Key> undeclared() {
        return undeclared;
    }

    String file() {
        return file;
    }
}

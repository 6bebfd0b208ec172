package org.novabridge.bridge.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the command line and the program's entry. */
@Command(
        name = "nova-bridge",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = NovaBridge.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = false,
        usageHelpWidth = 100)
@Subcommands({
    // Each command on a line of its own, in the order of the help; comments keep merges apart.
    // -- configuration: ConfigCommand
    ConfigCommand.class,

    // -- disks: DisksCommand
    DisksCommand.class,

    // -- I/O profiles: ProfileCommand
    ProfileCommand.class,

    // -- the service
    ServeCommand.class,

    // -- instances
    InstanceCommand.class,

    // -- guests that are not as configured: DriftCommand
    DriftCommand.class,
    // -- images of the cache
    ImageCommand.class,

    // -- operations
    OperationCommand.class,

    // -- events: EventsCommand
    EventsCommand.class,

    // -- migrations: TransferCommand
    TransferCommand.class,

    // -- host: HostCommand
    HostCommand.class,

    // -- volume groups: VgCommand
    VgCommand.class,

    // -- what does not fit: ReconcileCommand
    ReconcileCommand.class,
})
public final class NovaBridge implements Runnable {
    private static final String[] DESCRIPTION = {
        "",
        "Reads the nova-compute.conf that you have, turns its [libvirt] section into disk definitions in"
                + " which every value can be explained, and runs the guests through libvirt and QEMU.",
    };

    private static final String[] EXAMPLES = {
        "  What is wrong in my configuration, all at once, with file and line:",
        "    nova-bridge config check --config-file /etc/nova/nova-compute.conf",
        "  Which domain would this instance get, and why does vda have its cache mode:",
        "    nova-bridge disks render  --config-file nova-compute.conf --instance spec.json",
        "    nova-bridge disks explain --config-file nova-compute.conf --instance spec.json --disk vda",
        "  Run the bridge, and a guest on it:",
        "    nova-bridge serve --config-file nova-compute.conf",
        "    nova-bridge instance create --spec spec.json --image debian.qcow2",
        "",
        "Every command has its own --help.",
    };

    private static final Map<String, String> EXIT_CODES = new LinkedHashMap<>();

    static {
        EXIT_CODES.put("0", "done");
        EXIT_CODES.put("1", "failed");
        EXIT_CODES.put("2", "wrong usage");
        EXIT_CODES.put("3", "refused by a rule");
    }

    /** Set by the launcher when the standard error is a terminal. */
    private static final String TERMINAL_PROPERTY = "novabridge.terminal";

    /** Set by the launcher: whether the standard output is one. */
    static final String OUT_PROPERTY = "novabridge.terminal.out";

    @Option(
            names = "--output",
            order = 1,
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            description = "How to print results: ${COMPLETION-CANDIDATES} (default: table).")
    OutputFormat output = OutputFormat.TABLE;

    @Option(names = "--debug", order = 2, scope = ScopeType.INHERIT, description = "Print the stack of a failure.")
    boolean debug;

    @Spec
    CommandSpec spec;

    /** Where bytes go that are to stay as they are. */
    PrintStream bytes = System.out;

    public static void main(String[] args) {
        HeadStart.of(args);
        System.exit(commandLine(args).execute(args));
    }

    /**
     * The command line, ready to execute; the one used by the program and by tests.
     *
     * @param words what is going to be executed; none for whatever may come
     */
    static CommandLine commandLine(String... words) {
        Failures failures = new Failures();
        CommandLine line = CommandTree.of(new NovaBridge(), List.of(words));
        // Not in the annotation: it is inherited, and these texts are the root's only.
        line.getCommandSpec()
                .usageMessage()
                .header("A compute driver for OpenStack Nova whose purpose is guest disk I/O.")
                .description(DESCRIPTION)
                .footerHeading("%nExamples:%n")
                .footer(EXAMPLES)
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(EXIT_CODES);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    static boolean onTerminal() {
        return Boolean.getBoolean(TERMINAL_PROPERTY);
    }

    /** Without the launcher Java is asked, which knows only of both, input and output. */
    static boolean outOnTerminal() {
        String said = System.getProperty(OUT_PROPERTY);
        return said == null ? System.console() != null : Boolean.parseBoolean(said);
    }

    static @Nullable String environment(String variable) {
        return System.getenv(variable);
    }

    static String homeFolder() {
        return System.getProperty("user.home", "/");
    }

    /** The version of the jar; "development" when the classes were never packed. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = NovaBridge.class.getPackage().getImplementationVersion();
            return new String[] {"nova-bridge " + (version == null ? "development" : version)};
        }
    }
}

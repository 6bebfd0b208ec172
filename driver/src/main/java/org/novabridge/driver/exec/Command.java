package org.novabridge.driver.exec;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command to run: a program and its arguments as a list, never a shell line. Immutable; made by
 * {@link #of(Tool, String...)} and refined by the {@code with…} methods, each of which gives a copy.
 */
public final class Command {

    /** Deadline of a command that names none. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(2);

    /** Kept bytes of each output of a command that names no cap. */
    public static final int DEFAULT_OUTPUT_CAP = 1 << 20;

    static final String MASK = "***";

    private String program;
    private List<String> arguments;
    private Set<Integer> successCodes = Set.of(0);
    private Effect effect = Effect.READS;
    private @Nullable Duration deadline = DEFAULT_DEADLINE;
    private @Nullable Duration idleDeadline;
    private int outputCap = DEFAULT_OUTPUT_CAP;
    private byte @Nullable [] stdinBytes;
    private @Nullable Path stdinFile;
    private @Nullable StdinSource stdinSource;
    private boolean stdinSecret;
    private @Nullable Confinement confinement;
    private @Nullable Consumer<String> lineListener;
    private @Nullable OutputStream output;
    private BooleanSupplier cancelled = () -> false;
    private Path folder = Path.of("/");

    private Command(String program, List<String> arguments) {
        this.program = program;
        this.arguments = List.copyOf(arguments);
    }

    private Command(Command other) {
        this(other.program, other.arguments);
        successCodes = other.successCodes;
        effect = other.effect;
        deadline = other.deadline;
        idleDeadline = other.idleDeadline;
        outputCap = other.outputCap;
        stdinBytes = other.stdinBytes;
        stdinFile = other.stdinFile;
        stdinSource = other.stdinSource;
        stdinSecret = other.stdinSecret;
        confinement = other.confinement;
        lineListener = other.lineListener;
        output = other.output;
        cancelled = other.cancelled;
        folder = other.folder;
    }

    public static Command of(Tool tool, String... arguments) {
        return new Command(tool.program(), List.of(arguments));
    }

    public static Command of(Tool tool, List<String> arguments) {
        return new Command(tool.program(), arguments);
    }

    /** A program given by the operator ({@code virt_mkfs}). */
    public static Command ofProgram(Path absolute, List<String> arguments) {
        if (!absolute.isAbsolute()) {
            throw new IllegalArgumentException("the program needs an absolute path: " + absolute);
        }
        return new Command(absolute.toString(), arguments);
    }

    public Command with(String... more) {
        Command copy = new Command(this);
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        copy.arguments = List.copyOf(all);
        return copy;
    }

    /** The exit codes that are no failure; 0 alone when not said. */
    public Command accepting(Integer... codes) {
        Command copy = new Command(this);
        copy.successCodes = Set.of(codes);
        return copy;
    }

    public Command withEffect(Effect newEffect) {
        Command copy = new Command(this);
        copy.effect = newEffect;
        return copy;
    }

    /** Time from the start after which the command is ended (or the alarm raised); null for none. */
    public Command withDeadline(@Nullable Duration newDeadline) {
        Command copy = new Command(this);
        copy.deadline = newDeadline;
        return copy;
    }

    /**
     * Time without a sign of progress after which it is ended; null for none. A sign is any output, and any I/O of the
     * process; of one with a {@link StdinSource}, what it takes of that.
     */
    public Command withIdleDeadline(@Nullable Duration newIdleDeadline) {
        Command copy = new Command(this);
        copy.idleDeadline = newIdleDeadline;
        return copy;
    }

    /** Bytes kept of each output; the rest is read and dropped. */
    public Command withOutputCap(int bytes) {
        Command copy = new Command(this);
        copy.outputCap = bytes;
        return copy;
    }

    public Command withStdin(byte[] bytes) {
        Command copy = new Command(this);
        copy.stdinBytes = bytes.clone();
        copy.stdinFile = null;
        copy.stdinSource = null;
        return copy;
    }

    /** Bytes that are masked should the program echo them. */
    public Command withSecretStdin(byte[] bytes) {
        Command copy = withStdin(bytes);
        copy.stdinSecret = true;
        return copy;
    }

    public Command withStdin(Path file) {
        Command copy = new Command(this);
        copy.stdinFile = file;
        copy.stdinBytes = null;
        copy.stdinSource = null;
        return copy;
    }

    /** What is too much to be in memory at once, or is not there yet. */
    public Command withStdin(StdinSource source) {
        Command copy = new Command(this);
        copy.stdinSource = source;
        copy.stdinBytes = null;
        copy.stdinFile = null;
        return copy;
    }

    public Command confined(@Nullable Confinement newConfinement) {
        Command copy = new Command(this);
        copy.confinement = newConfinement;
        return copy;
    }

    /**
     * Receives each line of standard output as it comes, ended by newline or carriage return. Called on a
     * reading thread. Not served for {@link Effect#MUST_FINISH}.
     */
    public Command withLineListener(Consumer<String> listener) {
        Command copy = new Command(this);
        copy.lineListener = listener;
        return copy;
    }

    /**
     * Receives standard output as it comes, and nothing of it is kept. Written to on a reading thread, which may outlive the
     * command by a moment; a write that fails closes the pipe. Not served for {@link Effect#MUST_FINISH}.
     */
    public Command withOutput(OutputStream to) {
        Command copy = new Command(this);
        copy.output = to;
        return copy;
    }

    /** Asked several times a second; true ends the command, except one that must finish. */
    public Command withCancellation(BooleanSupplier supplier) {
        Command copy = new Command(this);
        copy.cancelled = supplier;
        return copy;
    }

    /**
     * The folder it starts in, entered before privileges are dropped: a confined program reaches files
     * there by relative names without search permission on the folders above. {@code /} when not said.
     */
    public Command in(Path absoluteFolder) {
        Command copy = new Command(this);
        copy.folder = absoluteFolder;
        return copy;
    }

    public Path folder() {
        return folder;
    }

    /** The name of a {@link Tool} or an absolute path. */
    public String program() {
        return program;
    }

    public List<String> arguments() {
        return arguments;
    }

    public Set<Integer> successCodes() {
        return successCodes;
    }

    public Effect effect() {
        return effect;
    }

    public @Nullable Confinement confinement() {
        return confinement;
    }

    /** Program and arguments, for logs, messages and journals. A secret is never an argument: it goes through stdin. */
    public List<String> argv() {
        List<String> argv = new ArrayList<>();
        argv.add(program);
        argv.addAll(arguments);
        return List.copyOf(argv);
    }

    /** One line for logs. */
    @Override
    public String toString() {
        return String.join(" ", argv());
    }

    @Nullable
    Duration deadline() {
        return deadline;
    }

    @Nullable
    Duration idleDeadline() {
        return idleDeadline;
    }

    int outputCap() {
        return outputCap;
    }

    byte @Nullable [] stdinBytes() {
        return stdinBytes;
    }

    /** Null when its input is known before, or there is none. */
    @Nullable
    StdinSource stdinSource() {
        return stdinSource;
    }

    @Nullable
    Path stdinFile() {
        return stdinFile;
    }

    /** Where standard output goes as it comes; null when it is kept. */
    public @Nullable OutputStream output() {
        return output;
    }

    @Nullable
    Consumer<String> lineListener() {
        return lineListener;
    }

    BooleanSupplier cancelled() {
        return cancelled;
    }

    /** Masks what a program may have echoed of the secrets it was given. */
    String mask(String text) {
        byte[] input = stdinBytes;
        if (!stdinSecret || input == null) {
            return text;
        }
        String secret = new String(input, StandardCharsets.UTF_8).strip();
        return secret.isEmpty() ? text : text.replace(secret, MASK);
    }
}

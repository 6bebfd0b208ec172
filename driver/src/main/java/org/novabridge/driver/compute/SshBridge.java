package org.novabridge.driver.compute;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Confinement;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.host.UserDatabase;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner;

/**
 * Another host's bridge through ssh: {@code nova-bridge transfer WORD} there, which speaks to that host's socket. What is
 * asked goes through standard input, secrets too; the answer is one line of JSON. ssh runs as the user of the migrations, without
 * the rights of the bridge.
 */
final class SshBridge implements RemoteBridge {
    private static final int ANSWER = 4 << 20;

    /** The exit of ssh itself when it has not come to the other host. */
    private static final int NO_CONNECTION = 255;

    private static final int NO_PROGRAM = 127;

    private final CommandExecutor executor;
    private final Supplier<ConfigSnapshot> config;

    SshBridge(CommandExecutor executor, Supplier<ConfigSnapshot> config) {
        this.executor = executor;
        this.config = config;
    }

    @Override
    public JsonNode call(String host, Word word, Stream request, BooleanSupplier cancelled) {
        HostName.check(host);
        Command command = command(host, word)
                .accepting(0, 1, 3)
                .withStdin(request::writeTo)
                .withOutputCap(ANSWER)
                .withCancellation(cancelled);
        CommandResult result;
        try {
            result = executor.run(command);
        } catch (CommandFailedException e) {
            throw unreachable(host, config.get().get(BridgeOptions.TRANSFER_USER), e);
        }
        return answer(host, result);
    }

    private Command command(String host, Word word) {
        ConfigSnapshot today = config.get();
        // First, since ssh takes the first value of an option: nobody is there to answer a question.
        List<String> arguments = new ArrayList<>(List.of("-T", "-o", "BatchMode=yes"));
        for (String option : today.get(BridgeOptions.TRANSFER_SSH_OPTIONS)) {
            arguments.add("-o");
            arguments.add(option);
        }
        String user = today.get(BridgeOptions.TRANSFER_USER);
        arguments.addAll(List.of("-l", user, "--", host, "nova-bridge", "transfer", word.command()));
        Duration patience = Duration.ofSeconds(today.get(BridgeOptions.TRANSFER_TIMEOUT));
        return Command.ofProgram(Path.of(today.get(BridgeOptions.TRANSFER_SSH)), arguments)
                .withEffect(Effect.WRITES)
                // No limit on the whole: the other host tells of its progress, and of large disks it has much to do.
                .withDeadline(null)
                .withIdleDeadline(patience)
                .confined(as(user));
    }

    /**
     * Null when the bridge has no rights to give up.
     *
     * @throws BridgeException INVALID_CONFIGURATION without such a user: ssh never runs with the rights of the bridge
     */
    private static @Nullable Confinement as(String user) {
        try {
            if (FileOwner.ownUid() != 0) {
                return null;
            }
            return UserDatabase.in(Path.of("/etc"))
                    .login(user)
                    .map(login -> new Confinement(login.uid(), login.gid(), null, null))
                    .orElseThrow(() -> noUser(user, null));
        } catch (IOException e) {
            throw noUser(user, e);
        }
    }

    private static BridgeException noUser(String user, @Nullable Exception cause) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "user " + user + ", as whom disks are brought to other hosts, is not in /etc/passwd",
                "set [nova_bridge] transfer_user to a user of this host",
                cause);
    }

    private static JsonNode answer(String host, CommandResult result) {
        JsonNode answer;
        try {
            answer = StateJson.MAPPER.readTree(result.stdout());
        } catch (JsonProcessingException e) {
            answer = StateJson.MAPPER.missingNode();
        }
        if (answer.path("protocol").asInt(-1) != MigrationOffer.PROTOCOL) {
            throw new BridgeException(
                    ErrorCode.RESIZE_REFUSED,
                    "what answers on " + host + " is no nova-bridge of protocol " + MigrationOffer.PROTOCOL
                            + " of migrations",
                    MigrationOffer.SAME_RELEASE);
        }
        JsonNode problem = answer.path("problem");
        if (problem.isObject()) {
            throw new BridgeException(
                    code(problem.path("type").asText()),
                    host + ": " + problem.path("detail").asText(),
                    problem.path("remedy").isTextual() ? problem.path("remedy").asText() : null);
        }
        return answer.path("result");
    }

    /** @param type of a problem: a path that ends in the word of a code */
    private static ErrorCode code(String type) {
        return ErrorCode.ofType(type.substring(type.lastIndexOf('/') + 1));
    }

    private static BridgeException unreachable(String host, String user, CommandFailedException e) {
        if (e.reason() == CommandFailedException.Reason.CANCELLED) {
            return new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller", null, e);
        }
        String why = switch (e.result().exitCode()) {
            case NO_CONNECTION -> "ssh does not come to " + host;
            case NO_PROGRAM -> "there is no nova-bridge on " + host;
            default -> "the bridge of " + host + " gave no answer";
        };
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                why + ": " + e.getMessage(),
                "try as user " + user + " on this host: ssh " + host + " nova-bridge --version",
                e);
    }
}

package org.novabridge.bridge.cli;

import java.util.stream.Collectors;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The configuration for a command that acts on it: without errors, or not at all. */
final class Configuration {
    private Configuration() {}

    /**
     * @throws BridgeException INVALID_CONFIGURATION with every error, each on a line with its file and line
     * @throws ParameterException when there is no configuration file at all
     */
    static ConfigSnapshot read(CommandSpec spec, ConfigFiles files) {
        LoadedConfig loaded = files.load(spec);
        if (loaded.problems().hasErrors()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the configuration has errors:"
                            + loaded.problems().errors().stream()
                                    .map(problem -> "\n  " + problem.oneLine())
                                    .collect(Collectors.joining()),
                    "correct them; nova-bridge config check shows warnings, too");
        }
        return loaded.snapshot();
    }
}

package org.novabridge.driver.exec;

import java.util.List;
import java.util.Set;

/** One command to run: a tool and its arguments as a list, never a shell line. The owner of this package extends it. */
public record Command(String program, List<String> arguments, Set<Integer> successCodes) {
    public Command {
        arguments = List.copyOf(arguments);
        successCodes = Set.copyOf(successCodes);
    }
}

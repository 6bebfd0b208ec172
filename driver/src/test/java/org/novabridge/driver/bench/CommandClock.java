package org.novabridge.driver.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandResult;

/** Takes the time of each command of one piece of work: where a driver's time goes. */
final class CommandClock implements CommandExecutor {
    private final CommandExecutor executor;
    private @Nullable Map<String, Double> seconds;

    CommandClock(CommandExecutor executor) {
        this.executor = executor;
    }

    /** Each command of the work in its order, its place among those of the same name added to it. */
    Map<String, Double> during(Runnable work) {
        Map<String, Double> taken = new LinkedHashMap<>();
        watch(taken);
        try {
            work.run();
        } finally {
            watch(null);
        }
        return taken;
    }

    private synchronized void watch(@Nullable Map<String, Double> where) {
        seconds = where;
    }

    @Override
    public CommandResult run(Command command) {
        long begin = System.nanoTime();
        try {
            return executor.run(command);
        } finally {
            ended(command.program(), (System.nanoTime() - begin) / 1e9);
        }
    }

    private synchronized void ended(String program, double took) {
        Map<String, Double> now = seconds;
        if (now != null) {
            int place = 1;
            while (now.containsKey(program + " " + place)) {
                place++;
            }
            now.put(program + " " + place, took);
        }
    }
}

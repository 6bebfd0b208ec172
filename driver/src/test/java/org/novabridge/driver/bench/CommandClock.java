package org.novabridge.driver.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandResult;

/** Takes the time of each command of one piece of work: where a driver's time goes. */
final class CommandClock implements CommandExecutor {
    private final CommandExecutor executor;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    CommandClock(CommandExecutor executor) {
        this.executor = executor;
    }

    @Override
    public CommandResult run(Command command) {
        long begin = System.nanoTime();
        try {
            return executor.run(command);
        } finally {
            record(command.program(), (System.nanoTime() - begin) / 1e9);
        }
    }

    private synchronized void record(String program, double took) {
        seconds.put(serial(program), took);
    }

    private String serial(String program) {
        AtomicInteger number = new AtomicInteger(1);
        while (seconds.containsKey(program + " " + number.get())) {
            number.incrementAndGet();
        }
        return program + " " + number.get();
    }

    /** Each command in its order, its place among those of the same name added to it; begins anew. */
    synchronized Map<String, Double> take() {
        Map<String, Double> taken = new LinkedHashMap<>(seconds);
        seconds.clear();
        return taken;
    }
}

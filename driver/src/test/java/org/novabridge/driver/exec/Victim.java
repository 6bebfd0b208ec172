package org.novabridge.driver.exec;

import java.nio.file.Path;
import org.novabridge.driver.exec.ChildObserver.Child;

/** A JVM that the tests kill with SIGKILL while it runs a command: {@code Victim EFFECT RUN_FOLDER [hold]}. */
final class Victim {
    private Victim() {}

    public static void main(String[] args) {
        boolean hold = args.length > 2;
        ChildObserver observer = new ChildObserver() {
            @Override
            public void started(Child child) {
                System.out.println(
                        "child " + child.pid() + " " + child.process().startTime());
                System.out.flush();
                while (hold) {
                    try {
                        Thread.sleep(1000);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }

            @Override
            public void ended(Child child) {
                System.out.println("ended");
            }
        };
        new ProcessExecutor(observer, Path.of(args[1]))
                .run(Command.ofProgram(Path.of("/bin/sleep"), java.util.List.of("60"))
                        .withEffect(Effect.valueOf(args[0])));
    }
}

package org.novabridge.bridge.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code instance …}: the guests of the running bridge. */
@Command(
        name = "instance",
        header = "Guests: list, show, create, change, delete, and see why their disks are as they are.",
        description = {
            "",
            "Speaks to the running bridge. What changes a guest is an operation: the command follows it to its end."
                    + " Guests owned by Nova are not rebooted, stopped, resized or deleted from here (exit 3).",
        },
        synopsisSubcommandLabel = "COMMAND")
@Subcommands({
    InstanceQueries.ListAll.class,
    InstanceQueries.Show.class,
    InstanceCreate.class,
    InstanceActions.Delete.class,
    InstanceActions.Reboot.class,
    InstanceActions.Start.class,
    InstanceActions.Stop.class,
    InstanceActions.Pause.class,
    InstanceActions.Unpause.class,
    InstanceActions.Suspend.class,
    InstanceActions.Resume.class,
    InstanceSnapshot.class,
    InstanceResize.Begin.class,
    InstanceResize.Confirm.class,
    InstanceResize.Revert.class,
    InstanceRescue.Begin.class,
    InstanceRescue.End.class,
    InstanceAdopt.class,
    InstanceMigrate.Begin.class,
    InstanceMigrate.Confirm.class,
    InstanceMigrate.Revert.class,
    InstanceKey.class,
    InstancePassword.class,
    InstanceActions.Quiesce.class,
    InstanceActions.Unquiesce.class,
    InstanceActions.CrashDump.class,
    InstanceQueries.ConsoleLog.class,
    InstanceQueries.Disks.class,
    InstanceQueries.Explain.class,
})
final class InstanceCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }
}

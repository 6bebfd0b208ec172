package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.BridgeOptions;

/** Services that set the same values at their own start, so that ours would not last: ksmtuned and TuneD. */
final class OtherTunersCheck implements TuningCheck {
    private static final String NAME = "persistence";
    private static final String UNITS = "/etc/systemd/system/multi-user.target.wants/";

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        boolean off = host.config().get(BridgeOptions.HOST_KSM).equals("off");
        for (String unit : List.of("ksm.service", "ksmtuned.service")) {
            if (off && host.tree().present(UNITS + unit)) {
                findings.add(Finding.about(NAME, unit, "qemu-kvm's ksmtuned.service; Linux ksm.rst")
                        .found("switched on")
                        .wanted("off, as " + BridgeOptions.HOST_KSM.display())
                        .why("It switches KSM on again.")
                        .remedy("systemctl disable --now " + unit + ", or write host_ksm = keep")
                        .as(Severity.WARNING));
            }
        }
        Optional<String> profile =
                host.tree().value("/etc/tuned/active_profile").filter(text -> !text.isEmpty());
        profile.filter(unused -> host.tree().present(UNITS + "tuned.service"))
                .ifPresent(name -> findings.add(Finding.about(NAME, "TuneD profile " + name, "tuned(8)")
                        .found("switched on")
                        .wanted("one place for each value")
                        .why("It sets schedulers, governors, huge pages and vm.* of its profile at every start, after"
                                + " our files were read.")
                        .remedy("where host check finds a value again after a boot, set it in a profile of yours")
                        .as(Severity.NOTE)));
        return findings;
    }
}

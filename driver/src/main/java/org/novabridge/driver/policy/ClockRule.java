package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import org.novabridge.driver.model.GuestClock;
import org.novabridge.driver.model.GuestClock.ClockTimer;

/** Clock and timers (driver.py 26.2.2, _set_clock): Windows keeps local time; timers only under kvm. */
final class ClockRule {
    private ClockRule() {}

    static GuestClock decide(GuestContext guest) {
        List<ClockTimer> timers = new ArrayList<>();
        if (guest.virtType().equals("kvm")) {
            timers.add(new ClockTimer("pit", "delay", null));
            timers.add(new ClockTimer("rtc", "catchup", null));
            timers.add(new ClockTimer(
                    "hpet", null, guest.image().flag("hw_time_hpet").orElse(false)));
            if (guest.windows()) {
                timers.add(new ClockTimer("hypervclock", null, true));
            }
        }
        return new GuestClock(guest.windows() ? "localtime" : "utc", timers);
    }
}

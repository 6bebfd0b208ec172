package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.List;

/** Counts places once armed, and halts at one of them. */
final class CrashPlaces implements CrashPoint {
    private static final int KILLED = 137;

    private final int at;
    private final List<String> reached = new ArrayList<>();
    private volatile boolean armed;

    CrashPlaces(int at) {
        this.at = at;
    }

    void arm(boolean now) {
        armed = now;
    }

    @Override
    public void reach(String where) {
        if (!armed) {
            return;
        }
        synchronized (reached) {
            reached.add(where);
            if (reached.size() == at) {
                System.out.println("halt at " + at + " " + where);
                System.out.flush();
                die();
            }
        }
    }

    private static void die() {
        if (Boolean.getBoolean(CrashPower.PROPERTY)) {
            CrashPower.cut();
        }
        Runtime.getRuntime().halt(KILLED);
    }

    void print() {
        synchronized (reached) {
            for (int i = 0; i < reached.size(); i++) {
                System.out.println("place " + (i + 1) + " " + reached.get(i));
            }
        }
    }
}

package org.novabridge.bridge.cli;

import sun.misc.Signal;

/**
 * The signals of the service. The JDK has no other way to hear SIGHUP than this class of {@code
 * jdk.unsupported}, which has been there since Java 9 and is the only place that knows it.
 */
final class Signals {
    private Signals() {}

    /** SIGTERM and SIGINT; instead of the end of the JVM. */
    static void onStop(Runnable action) {
        Signal.handle(new Signal("TERM"), signal -> action.run());
        Signal.handle(new Signal("INT"), signal -> action.run());
    }

    /** SIGHUP. */
    static void onReload(Runnable action) {
        Signal.handle(new Signal("HUP"), signal -> action.run());
    }
}

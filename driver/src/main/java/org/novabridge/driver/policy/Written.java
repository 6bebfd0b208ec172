package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.Option;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskFeature;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.ValueOrigin;

/**
 * A setting of disks that an operator may write in two places: in the profile that holds for a disk, which wins, and in
 * {@code [libvirt]}.
 *
 * @param ofProfile its key in {@code [io_profile:NAME]}
 * @param ofHost its option in {@code [libvirt]}
 */
record Written<T>(Option<T> ofProfile, Option<T> ofHost) {

    /** What is written; empty when nothing is. */
    Optional<Decision<T>> find(DiskContext context, Optional<IoProfile> profile) {
        Optional<Decision<T>> profiles = profile.flatMap(chosen -> chosen.says(ofProfile)
                .map(value -> new Decision<>(
                        value, chosen.origins(ofProfile), "The profile " + chosen.name() + " sets it.")));
        return profiles.or(() -> context.config()
                .find(ofHost)
                .map(value ->
                        Decision.of(value, ofHost.name() + " sets it.", Origins.option(context.config(), ofHost))));
    }

    /** That nothing is written, and so QEMU decides. */
    <R> Decision<R> absent(DiskContext context) {
        return Decision.of(
                null,
                ofHost.name() + " is not set, so QEMU's default stands.",
                Origins.option(context.config(), ofHost));
    }

    /** That the disk cannot have it. */
    static <R> Decision<R> unfit(String sentence, ValueOrigin origin) {
        return Decision.of(null, sentence, origin);
    }

    /** What is written, made into the value of the document. */
    static <T, R> Decision<R> as(Decision<T> written, Function<T, @Nullable R> value) {
        return new Decision<>(value.apply(written.get()), written.origins(), written.sentence());
    }

    /** The same with more to say. */
    static <R> Decision<R> resolved(Decision<?> written, @Nullable R value, String sentence, ValueOrigin... more) {
        List<ValueOrigin> origins = new ArrayList<>(written.origins());
        origins.addAll(List.of(more));
        return new Decision<>(value, origins, sentence);
    }

    /**
     * A written value that libvirt or QEMU of this host is too old for is an error; another host may have it.
     *
     * @return what is written
     * @throws BridgeException INVALID_CONFIGURATION_RETRY naming where it is written
     */
    static <R> Decision<R> demand(DiskContext context, Decision<R> written, DiskFeature feature) {
        demand(context, written, HostFact.LIBVIRT_VERSION, "libvirt", feature.libvirt());
        if (feature.qemu() > 0) {
            demand(context, written, HostFact.QEMU_VERSION, "QEMU", feature.qemu());
        }
        return written;
    }

    /** Whether libvirt and QEMU of this host are known to be new enough. */
    static boolean known(DiskContext context, DiskFeature feature) {
        return context.facts().has(HostFact.LIBVIRT_VERSION)
                && context.facts().number(HostFact.LIBVIRT_VERSION) >= feature.libvirt()
                && context.facts().has(HostFact.QEMU_VERSION)
                && context.facts().number(HostFact.QEMU_VERSION) >= feature.qemu();
    }

    private static void demand(DiskContext context, Decision<?> written, HostFact fact, String name, int oldest) {
        int here = context.facts().number(fact);
        if (here < oldest) {
            throw refused(
                    written,
                    "needs " + name + " " + version(oldest) + ", and this host has " + version(here),
                    "take it out, or update " + name);
        }
    }

    /** What was written and cannot be, with the place where it stands. */
    static BridgeException refused(Decision<?> written, String why, String remedy) {
        ValueOrigin origin = written.origins().get(0);
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION_RETRY, origin.describe() + " = " + written.value() + " " + why, remedy);
    }

    static String version(int number) {
        return number / 1_000_000 + "." + number / 1_000 % 1_000 + "." + number % 1_000;
    }
}

package org.novabridge.driver.policy;

import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.Option;
import org.novabridge.conf.Origin;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ValueOrigin;
import org.novabridge.driver.model.ValueOrigin.Kind;

/** Names of the things that rules decide from. */
final class Origins {
    private Origins() {}

    static ValueOrigin option(ConfigSnapshot config, Option<?> option) {
        return option(option, config.resolve(option).origin());
    }

    static ValueOrigin option(Option<?> option, Origin origin) {
        return new ValueOrigin(Kind.OPTION, option.display(), origin.describe());
    }

    static ValueOrigin fact(HostFacts facts, HostFact fact) {
        return new ValueOrigin(
                Kind.HOST_FACT,
                fact.key(),
                facts.find(fact).map(String::valueOf).orElse("unknown"));
    }

    static ValueOrigin extraSpec(String key) {
        return new ValueOrigin(Kind.EXTRA_SPEC, key, "");
    }

    static ValueOrigin imageProperty(String key) {
        return new ValueOrigin(Kind.IMAGE_PROPERTY, key, "");
    }

    static ValueOrigin image(String field) {
        return new ValueOrigin(Kind.IMAGE, field, "");
    }

    static ValueOrigin flavor(String field) {
        return new ValueOrigin(Kind.FLAVOR, field, "");
    }

    static ValueOrigin instance(String field) {
        return new ValueOrigin(Kind.INSTANCE, field, "");
    }

    static ValueOrigin blockDevice(String field) {
        return new ValueOrigin(Kind.BLOCK_DEVICE, field, "");
    }

    static ValueOrigin connection(String field) {
        return new ValueOrigin(Kind.CONNECTION, field, "");
    }

    static ValueOrigin record(String field) {
        return new ValueOrigin(Kind.RECORD, field, "");
    }

    static ValueOrigin rule(String words) {
        return new ValueOrigin(Kind.RULE, words, "");
    }
}

package org.novabridge.conf;

/** Where the value of an option comes from. */
public sealed interface Origin {

    /** One phrase for tables: {@code /etc/nova/nova-compute.conf:14}, {@code default}. */
    String describe();

    /** The default of the declaration. */
    record Default() implements Origin {
        @Override
        public String describe() {
            return "default";
        }
    }

    /**
     * A line of a configuration file.
     *
     * @param line counted from 1
     */
    record FileLine(String file, int line) implements Origin {
        @Override
        public String describe() {
            return file + ":" + line;
        }
    }

    /** An environment variable {@code OS_<GROUP>__<OPTION>}. */
    record Environment(String variable) implements Origin {
        @Override
        public String describe() {
            return "environment " + variable;
        }
    }

    /** Set by our own program or a test. */
    record Given(String by) implements Origin {
        @Override
        public String describe() {
            return by;
        }
    }
}

package org.novabridge.conf;

/**
 * One assignment of a file.
 *
 * @param section as written between the brackets
 * @param value its lines joined by newlines, one pair of quotes around the first line's value taken off
 */
record IniEntry(String section, String key, String value, Origin.FileLine origin) {}

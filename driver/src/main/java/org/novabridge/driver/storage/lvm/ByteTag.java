package org.novabridge.driver.storage.lvm;

import java.util.List;

/** A tag with a number of bytes behind it, which moves with the work: a crash loses no more than a part of it. */
final class ByteTag {
    private final LockedGroup group;
    private final LvmCommands commands;
    private final String volume;
    private final String prefix;
    private List<String> tags;

    ByteTag(LockedGroup group, LvmCommands commands, LogicalVolume volume, String prefix) {
        this.group = group;
        this.commands = commands;
        this.volume = volume.name();
        this.prefix = prefix;
        this.tags = volume.tags().stream().filter(tag -> tag.startsWith(prefix)).toList();
    }

    void moveTo(long bytes) {
        String tag = prefix + bytes;
        group.change(
                commands.replaceTags(group.name(), volume, tags, tag), "cannot tag " + group.name() + "/" + volume);
        tags = List.of(tag);
    }

    void remove() {
        tags.forEach(tag -> group.change(
                commands.removeTag(group.name(), volume, tag), "cannot untag " + group.name() + "/" + volume));
    }
}

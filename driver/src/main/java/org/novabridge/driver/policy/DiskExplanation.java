package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskPlan;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Provenance;
import org.novabridge.driver.model.ValueOrigin;

/** Why the disks of a guest are as they are: one line per attribute. For the command line, REST and support. */
public record DiskExplanation(List<Line> lines) {
    public DiskExplanation {
        lines = List.copyOf(lines);
    }

    /**
     * One attribute of one disk.
     *
     * @param disk name in the guest: vda
     * @param name Nova's name: disk.swap
     * @param rule class that decided
     * @param origins what it decided from, the decisive one first
     */
    public record Line(
            String disk,
            String name,
            DiskAttribute attribute,
            String value,
            String rule,
            List<ValueOrigin> origins,
            String sentence) {
        /** The origins in one phrase. */
        public String origin() {
            return origins.stream().map(ValueOrigin::describe).collect(Collectors.joining(", "));
        }
    }

    public static DiskExplanation of(DiskPlan plan) {
        List<Line> lines = new ArrayList<>();
        for (DiskDefinition disk : plan.disks()) {
            for (Provenance why : disk.provenance()) {
                lines.add(new Line(
                        disk.targetDev(),
                        disk.name(),
                        why.attribute(),
                        why.value(),
                        why.rule(),
                        why.origins(),
                        why.sentence()));
            }
        }
        return new DiskExplanation(lines);
    }

    /**
     * The lines of one disk, of one attribute, or both.
     *
     * @param disk name in the guest ({@code vda}, {@code /dev/vda}) or Nova's ({@code disk.swap}); null for all
     * @param attribute its key ({@code cache}); null for all
     * @throws BridgeException INVALID_REQUEST naming what there is, when there is no such disk or attribute
     */
    public DiskExplanation only(@Nullable String disk, @Nullable String attribute) {
        List<Line> found = lines;
        if (disk != null) {
            found = found.stream()
                    .filter(line ->
                            disk.equals(line.disk()) || disk.equals("/dev/" + line.disk()) || disk.equals(line.name()))
                    .toList();
            if (found.isEmpty()) {
                throw unknown(
                        "disk",
                        disk,
                        lines.stream()
                                .map(line -> line.disk() + " (" + line.name() + ")")
                                .distinct()
                                .collect(Collectors.joining(", ")));
            }
        }
        if (attribute != null) {
            found = found.stream()
                    .filter(line -> attribute.equals(line.attribute().key()))
                    .toList();
            if (found.isEmpty()) {
                throw unknown(
                        "attribute",
                        attribute,
                        Arrays.stream(DiskAttribute.values())
                                .map(DiskAttribute::key)
                                .collect(Collectors.joining(", ")));
            }
        }
        return new DiskExplanation(found);
    }

    private static BridgeException unknown(String what, String asked, String there) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST,
                "there is no " + what + " '" + Quoted.text(asked) + "'",
                "there are: " + there);
    }

    /** As plain maps and lists, for JSON. */
    public List<Map<String, Object>> toJson() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Line line : lines) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("disk", line.disk());
            one.put("name", line.name());
            one.put("attribute", line.attribute().key());
            one.put("value", line.value());
            one.put("rule", line.rule());
            List<Map<String, Object>> origins = new ArrayList<>();
            for (ValueOrigin origin : line.origins()) {
                Map<String, Object> from = new LinkedHashMap<>();
                from.put("kind", origin.kind().words());
                from.put("name", origin.name());
                from.put("place", origin.place());
                origins.add(from);
            }
            one.put("origins", origins);
            one.put("sentence", line.sentence());
            all.add(one);
        }
        return all;
    }
}

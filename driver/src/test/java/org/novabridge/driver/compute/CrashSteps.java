package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which of an action's places are taken. Many places belong to one step: before and after it, and again for the next
 * disk, which is no other step.
 */
final class CrashSteps {
    /** Steps of making and of removing an instance in which its disks have no part. */
    private static final Set<String> OF_MAKING = Set.of(
            "journal waiting",
            "journal starting",
            "journal check the request",
            "journal fetch the image",
            "child cp",
            "during convert image to raw",
            "journal create the instance folder",
            "folder create",
            "journal remember the instance",
            "record save",
            "console.log create",
            "journal define the guest",
            "hypervisor define",
            "journal start the guest",
            "hypervisor start",
            "journal done");

    private static final Set<String> OF_REMOVING = Set.of(
            "journal waiting",
            "journal starting",
            "journal stop the guest",
            "hypervisor destroy",
            "journal remove the instance folder",
            "folder removal",
            "folder in removal",
            "journal remove the definition",
            "hypervisor undefine",
            "journal forget the instance",
            "record removal",
            "journal done");

    private CrashSteps() {}

    /**
     * Steps that are the same whatever the disks lie on. The everyday run takes them with one kind of disk and makes
     * sure there that it does.
     */
    static Set<String> ofAnyDisk(CrashChild.Action action) {
        return switch (action) {
            case SPAWN, PREPARE -> OF_MAKING;
            case DESTROY, RELEASE -> OF_REMOVING;
            default -> Set.of();
        };
    }

    static Set<String> of(List<String> places) {
        return places.stream().map(CrashSteps::step).collect(Collectors.toSet());
    }

    /** What a place says, without its side, its disk, and the operation, which is that of the whole run. */
    private static String step(String place) {
        return place.replaceFirst(" (before|after) ", " ")
                .replaceFirst("^journal [a-z-]+ ", "journal ")
                .replaceFirst(" disk(\\.\\w+)?$", " disk");
    }

    static List<Integer> all(List<String> places, int from) {
        return IntStream.rangeClosed(from, places.size()).boxed().toList();
    }

    /**
     * Of each step one place: before and after in turn, so that both sides are seen over the run.
     *
     * @param elsewhere steps that another run takes
     */
    static List<Integer> eachOnce(List<String> places, Set<String> elsewhere) {
        Map<String, List<Integer>> steps = new LinkedHashMap<>();
        for (int i = 0; i < places.size(); i++) {
            steps.computeIfAbsent(step(places.get(i)), unused -> new ArrayList<>())
                    .add(i + 1);
        }
        steps.keySet().removeAll(elsewhere);
        List<Integer> chosen = new ArrayList<>();
        int turn = 0;
        for (List<Integer> step : steps.values()) {
            chosen.add(turn++ % 2 == 0 ? step.get(step.size() - 1) : step.get(0));
        }
        chosen.sort(null);
        return chosen;
    }

    /**
     * Of each step one place, and of each command that changes something both sides, once for every step of the
     * operation that runs it: one that makes a root disk from an image is another than one that makes swap. Other disks
     * than the root disk are one another's like.
     */
    static List<Integer> eachCommand(List<String> places) {
        Set<Integer> chosen = new TreeSet<>(eachOnce(places, Set.of()));
        Set<String> seen = new HashSet<>();
        String within = "";
        for (int i = 0; i < places.size(); i++) {
            String place = places.get(i);
            if (place.startsWith("journal ")) {
                within = place.replaceFirst("^journal (before|after) ", "")
                        .replaceFirst("\\bdisk\\.(?!rescue\\b)[\\w.]+", "disk.other");
            } else if ((place.startsWith("child ") || place.startsWith("hypervisor "))
                    && seen.add(within + ": " + place.replaceFirst(" disk\\.\\w+$", ""))) {
                chosen.add(i + 1);
            }
        }
        return List.copyOf(chosen);
    }

    /** Of those only the commands: what a disk holds when the power goes is changed by them. */
    static List<Integer> commandsAlone(List<String> places) {
        return eachCommand(places).stream()
                .filter(place -> places.get(place - 1).startsWith("child "))
                .toList();
    }

    /** So many of them, from the first to the last. */
    static List<Integer> spread(List<Integer> chosen, int most) {
        return chosen.size() <= most
                ? chosen
                : IntStream.range(0, most)
                        .mapToObj(i -> chosen.get(i * (chosen.size() - 1) / (most - 1)))
                        .toList();
    }
}

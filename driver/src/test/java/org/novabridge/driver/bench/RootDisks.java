package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/** Parts a and b: one root disk at a time, made and deleted by each contender in turn. */
final class RootDisks {
    private final List<Contender> contenders;
    private final List<SourceImage> images;
    private final long growth;
    private final Disk disk;
    private final Measured measured;
    private final BenchProgress progress;

    RootDisks(
            List<Contender> contenders,
            List<SourceImage> images,
            long growth,
            Disk disk,
            Measured measured,
            BenchProgress progress) {
        this.contenders = List.copyOf(contenders);
        this.images = List.copyOf(images);
        this.growth = growth;
        this.disk = disk;
        this.measured = measured;
        this.progress = progress;
    }

    /** Once each, unmeasured: the bases of the images, the classes of the JVM, the modules of Python, the programs. */
    void warmUp() {
        for (SourceImage image : images) {
            for (Contender contender : contenders) {
                boolean first = image.equals(images.get(0));
                if (first || contender.name().equals(Contender.THIN)) {
                    progress.say("warm up: " + contender.name() + ", " + image.size());
                    String uuid = UUID.randomUUID().toString();
                    contender.create(uuid, image, image.bytes() + growth);
                    contender.remove(uuid);
                }
            }
        }
    }

    /** All images, by all contenders; who begins changes with each repetition, so that nobody always has the same neighbour. */
    void repetition(int number) {
        List<Contender> order = new ArrayList<>(contenders);
        Collections.rotate(order, number);
        for (SourceImage image : images) {
            for (Contender contender : order) {
                String uuid = UUID.randomUUID().toString();
                image.forget();
                measure(
                        Measured.Work.CREATE,
                        image,
                        contender,
                        () -> contender.create(uuid, image, image.bytes() + growth));
                delete(image, contender, uuid);
            }
        }
    }

    /** Where nothing is left after the answer, both are the same. */
    private void delete(SourceImage image, Contender contender, String uuid) {
        List<Runnable> left = new ArrayList<>();
        Sample answer = disk.measure(() -> contender.answer(uuid).ifPresent(left::add));
        note(Measured.Work.ANSWER, image, contender, answer);
        Sample whole = left.stream()
                .map(disk::measure)
                .findFirst()
                .map(rest -> new Sample(answer.seconds() + rest.seconds(), answer.bytes() + rest.bytes()))
                .orElse(answer);
        note(Measured.Work.DELETE, image, contender, whole);
    }

    private void measure(Measured.Work work, SourceImage image, Contender contender, Runnable doing) {
        note(work, image, contender, disk.measure(doing));
    }

    private void note(Measured.Work work, SourceImage image, Contender contender, Sample sample) {
        Measured.Cell cell = new Measured.Cell(work, disk.limit(), image.size(), contender.name());
        measured.add(cell, sample);
        progress.measured(cell, sample);
    }
}

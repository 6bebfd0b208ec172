package org.novabridge.driver.bench;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Part e: many root disks of one image at once. */
record Lineup(int count, SourceImage image, long growth, Disk disk, Measured measured, BenchProgress progress) {

    void repetition(List<Contender> contenders) {
        for (Contender contender : contenders) {
            List<String> uuids = Stream.generate(() -> UUID.randomUUID().toString())
                    .limit(count)
                    .toList();
            image.forget();
            Measured.Cell cell = new Measured.Cell(
                    Measured.Work.PARALLEL, disk.limit(), count + " x " + image.size(), contender.name());
            Sample sample = disk.measure(() -> atOnce(uuids, contender));
            measured.add(cell, sample);
            progress.measured(cell, sample);
            uuids.forEach(contender::remove);
        }
    }

    private void atOnce(List<String> uuids, Contender contender) {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<?>> begun = uuids.stream()
                    .<Future<?>>map(uuid -> threads.submit(() -> contender.create(uuid, image, image.bytes() + growth)))
                    .toList();
            for (Future<?> one : begun) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(contender.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }
}

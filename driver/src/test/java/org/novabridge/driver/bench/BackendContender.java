package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.LaterWork;
import org.novabridge.driver.storage.Progress;

/** A backend of nova-bridge, called as its spawn calls it. */
record BackendContender(String name, ImageBackend backend) implements Contender {
    @Override
    public void create(String uuid, SourceImage image, long bytes) {
        CachedImage cached = new CachedImage(image.id(), image.file(), "raw", image.bytes());
        backend.create(uuid, "disk", new DiskContent.FromImage(cached, bytes), Progress.NONE);
    }

    @Override
    public void remove(String uuid) {
        backend.remove(uuid, "disk", Progress.NONE);
    }

    @Override
    public Optional<Runnable> answer(String uuid) {
        List<LaterWork> left = new ArrayList<>();
        backend.remove(uuid, "disk", new Progress() {
            @Override
            public void report(String phase, double percent) {
                // nobody looks
            }

            @Override
            public boolean cancelled() {
                return false;
            }

            @Override
            public boolean leave(LaterWork work) {
                return left.add(work);
            }
        });
        return left.stream().findFirst().map(wipe -> () -> {
            wipe.finish(Progress.NONE);
            wipe.over();
        });
    }
}

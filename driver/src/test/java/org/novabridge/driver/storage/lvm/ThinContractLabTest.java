package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageBackendContract;

/** What every backend promises, on thin volumes of a real pool whose blocks were another tenant's. */
@Tag("lab")
class ThinContractLabTest extends ImageBackendContract {
    private static final Path DISK = Lab.disk(2);

    private final ThinBackend backend =
            new ThinBackend(Lab.thinConfig(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost());

    @BeforeAll
    static void make() throws Exception {
        Lab.clean();
        Lab.fillWithPattern(DISK);
        Lab.initThin(DISK);
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @AfterEach
    void removeAll() {
        Lab.removeThin();
    }

    @Override
    protected ImageBackend backend() {
        return backend;
    }
}

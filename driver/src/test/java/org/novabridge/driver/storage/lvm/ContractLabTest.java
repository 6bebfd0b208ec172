package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.ImageBackendContract;

/** What every backend promises, on real logical volumes whose extents were another tenant's. */
@Tag("lab")
class ContractLabTest extends ImageBackendContract {
    private static final Path DISK = Lab.disk(3);

    private final LvmBackend backend = new LvmBackend(Lab.config(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost());

    @BeforeAll
    static void make() throws Exception {
        Lab.clean();
        Lab.fillWithPattern(DISK);
        Lab.init(DISK);
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @AfterEach
    void removeAll() {
        Lab.tidy("lvremove", "--yes", "--force", Lab.GROUP);
    }

    @Override
    protected ImageBackend backend() {
        return backend;
    }
}

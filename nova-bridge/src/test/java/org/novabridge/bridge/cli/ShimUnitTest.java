package org.novabridge.bridge.cli;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The tests of the Python shim by itself: client, problems, documents, sequences, signatures. */
@Tag("nova")
class ShimUnitTest {
    @TempDir
    Path folder;

    @TestFactory
    List<DynamicTest> everyTestOfTheShim() throws Exception {
        return ShimRun.of(folder, "unit").tests();
    }
}

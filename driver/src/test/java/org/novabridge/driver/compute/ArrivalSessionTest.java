package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.transfer.DiskReceiver;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameWriter;

/** A disk that takes nothing any more holds neither the operation nor the word of the source. */
@Timeout(30)
class ArrivalSessionTest {
    private final CountDownLatch writing = new CountDownLatch(1);
    private final CountDownLatch abandoned = new CountDownLatch(1);
    private final ArrivalSession session = new ArrivalSession(MigrationToken.hash("token"), 4096);

    @Test
    void whatIsCalledOffWhileADiskHangsEndsAndNobodyWritesAfterIt() throws Exception {
        session.open(
                new DiskReceiver(List.of(4096L), new DiskReceiver.Target() {
                    @Override
                    public void write(int disk, long offset, ByteBuffer data) throws IOException {
                        writing.countDown();
                        try {
                            abandoned.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        throw new IOException("abandoned");
                    }

                    @Override
                    public void finish(int disk) {}
                }),
                abandoned::countDown);
        byte[] frames = data();
        AtomicReference<Throwable> fed = new AtomicReference<>();
        Thread feeder = new Thread(() -> fed.set(catchThrowable(() -> session.feed(frames))));
        feeder.start();
        writing.await();
        session.abandon();
        assertThatThrownBy(() -> session.await(Duration.ofSeconds(20), steps()))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("taken the instance back");
        assertThat(abandoned.getCount()).isEqualTo(1);
        session.close();
        assertThat(abandoned.getCount()).isZero();
        feeder.join();
        assertThat(fed.get()).hasMessageContaining("taken the instance back");
        assertThatThrownBy(() -> session.feed(frames)).hasMessageContaining("no disks are expected");
    }

    private static byte[] data() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FrameWriter frames = new FrameWriter(bytes);
        frames.write(new Frame(Frame.Kind.DATA, 0, 0, new byte[512]));
        frames.flush();
        return bytes.toByteArray();
    }

    /** Not cancelled, and without a journal. */
    private static Steps steps() {
        return (Steps) Proxy.newProxyInstance(
                Steps.class.getClassLoader(),
                new Class<?>[] {Steps.class},
                (proxy, method, arguments) -> method.getReturnType() == boolean.class ? Boolean.FALSE : null);
    }
}

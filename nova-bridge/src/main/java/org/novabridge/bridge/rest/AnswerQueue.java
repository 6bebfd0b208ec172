package org.novabridge.bridge.rest;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes an answer at once and sends it at the client's pace: Jersey writes with a thread that waits, and some clients
 * that do not read would hold all of them. What waits is bounded in bytes and in time; beyond either the connection is
 * closed. An answer without an end is never late while its client reads what there is. A client that has gone is
 * nobody's failure: the rest of its answer is dropped.
 */
final class AnswerQueue extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerQueue.class);

    /** Bytes of all answers together that clients have not read yet; the largest answer is a console of 16 MiB. */
    static final int MAX_WAITING = 64 * 1024 * 1024;

    private final Semaphore room = new Semaphore(MAX_WAITING);
    private final long deadlineMillis;

    /**
     * @param deadlineMillis how long it may take until all that waits for a client is read
     */
    AnswerQueue(Handler next, long deadlineMillis) {
        super(next);
        this.deadlineMillis = deadlineMillis;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Answer answer = new Answer(request, response, callback);
        return super.handle(request, answer, Callback.from(answer::end, answer::fail));
    }

    /** One answer. Its writer sends a chunk at a time, and has no thread in between. */
    private final class Answer extends Response.Wrapper {
        private final Deque<Chunk> waiting = new ArrayDeque<>();
        private final Callback done;
        private final Writer writer = new Writer();
        private Scheduler.@Nullable Task deadline;
        private boolean ended;
        private boolean dead;

        private record Chunk(boolean last, ByteBuffer bytes, int size) {}

        Answer(Request request, Response response, Callback done) {
            super(request, response);
            this.done = done;
        }

        @Override
        public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
            int size = content == null ? 0 : content.remaining();
            boolean full = false;
            synchronized (this) {
                if (!dead) {
                    full = !room.tryAcquire(size);
                    if (!full) {
                        waiting.add(new Chunk(last, copy(content, size), size));
                    }
                }
                if (deadline == null && !dead) {
                    deadline = getServer()
                            .getScheduler()
                            .schedule(() -> cut("was not read in time"), deadlineMillis, TimeUnit.MILLISECONDS);
                }
            }
            if (full) {
                cut("found no room: too many answers wait for their readers");
            }
            writer.iterate();
            callback.succeeded();
        }

        private static ByteBuffer copy(@Nullable ByteBuffer content, int size) {
            ByteBuffer copy = ByteBuffer.allocate(size);
            if (content != null) {
                copy.put(content).flip();
            }
            return copy;
        }

        void end() {
            synchronized (this) {
                ended = true;
            }
            writer.iterate();
        }

        void fail(Throwable failure) {
            over();
            done.failed(failure);
        }

        private void cut(String why) {
            LOG.warn("an answer {}; the connection is closed", why);
            getRequest().getConnectionMetaData().getConnection().getEndPoint().close(new EofException(why));
        }

        /** Nothing of it is sent any more. */
        private synchronized void over() {
            dead = true;
            waiting.forEach(chunk -> room.release(chunk.size()));
            waiting.clear();
            inTime();
        }

        /** Nothing waits, so nothing can be late. */
        private synchronized void inTime() {
            if (deadline != null) {
                deadline.cancel();
                deadline = null;
            }
        }

        private final class Writer extends IteratingCallback {
            private int sending;

            @Override
            protected Action process() {
                Chunk next;
                synchronized (Answer.this) {
                    room.release(sending);
                    sending = 0;
                    next = waiting.poll();
                    if (next == null) {
                        inTime();
                        return ended ? Action.SUCCEEDED : Action.IDLE;
                    }
                    sending = next.size();
                }
                getWrapped().write(next.last(), next.bytes(), this);
                return Action.SCHEDULED;
            }

            @Override
            protected void onCompleteSuccess() {
                over();
                done.succeeded();
            }

            @Override
            protected void onCompleteFailure(Throwable gone) {
                LOG.debug("a client went away before it had its answer", gone);
                room.release(sending);
                over();
                done.failed(gone);
            }
        }
    }
}

package dev.firn.engine;

import dev.firn.base.ByteWriter;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/// A block as the body of a request, in slices of its own array: the client's publisher of arrays
/// would copy each byte once more. Whoever reuses the array must know that the request is over. A
/// hot path: `firn bench ingest` measures it.
final class BlockBody implements HttpRequest.BodyPublisher {
    private static final int SLICE_BYTES = 1 << 16;

    private final byte[] bytes;
    private final int size;

    BlockBody(ByteWriter block) {
        bytes = block.array();
        size = block.size();
    }

    @Override
    public long contentLength() {
        return size;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Slices(subscriber));
    }

    /// Who raises the demand from 0 emits until it is 0 again, so that there is one at a time.
    private final class Slices implements Flow.Subscription {
        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final AtomicLong demand = new AtomicLong();
        private volatile boolean ended;
        private int at;

        private Slices(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long more) {
            if (more <= 0) {
                ended = true;
                subscriber.onError(new IllegalArgumentException("a demand of " + more));
                return;
            }
            long before =
                    demand.getAndAccumulate(
                            more,
                            (now, add) -> now > Long.MAX_VALUE - add ? Long.MAX_VALUE : now + add);
            if (before == 0) {
                emit();
            }
        }

        private void emit() {
            do {
                if (ended) {
                    return;
                }
                int length = Math.min(SLICE_BYTES, size - at);
                ByteBuffer slice = ByteBuffer.wrap(bytes, at, length).slice();
                at += length;
                subscriber.onNext(slice.asReadOnlyBuffer());
                if (at == size) {
                    ended = true;
                    subscriber.onComplete();
                }
            } while (demand.decrementAndGet() > 0);
        }

        @Override
        public void cancel() {
            ended = true;
        }
    }
}

package dev.firn.export.send;

import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;

/// Makes requests out of a cut's batches: small batches share one, large ones are divided. The same
/// batches give the same requests, so that after a restart those that were sent are known. Used by
/// one thread.
final class Requests {
    /// Appends a batch as a whole request.
    interface Encoder {
        void encode(Batch batch, ByteWriter out);
    }

    /// Takes requests as they are ready.
    interface Target {
        void take(Request request);
    }

    private static final int RETAINED_BYTES_MAX = 8 << 20;

    private final Encoder encoder;
    private final int pointsMax;
    private final int bytesMax;
    private final Target target;
    private final Batch gathered = new Batch();
    private ByteWriter out = new ByteWriter(1 << 16);
    private int first;
    private int next;

    Requests(Encoder encoder, int pointsMax, int bytesMax, Target target) {
        this.encoder = encoder;
        this.pointsMax = pointsMax;
        this.bytesMax = bytesMax;
        this.target = target;
    }

    /// The next batch of the cut.
    void add(Batch batch) {
        int size = batch.size();
        if (gathered.size() > 0 && gathered.size() + size > pointsMax) {
            flush();
        }
        if (size > pointsMax) {
            divide(batch);
            first = ++next;
            return;
        }
        gathered.append(batch, (points, row) -> points.series[row]);
        next++;
        if (gathered.size() >= pointsMax) {
            flush();
        }
    }

    /// Ends the request that was gathered.
    void flush() {
        if (gathered.size() > 0) {
            try {
                emit(first + ".0-" + next + ".0", gathered);
            } finally {
                gathered.clear();
            }
        }
        first = next;
    }

    private void divide(Batch batch) {
        for (int from = 0; from < batch.size(); from += pointsMax) {
            int to = Math.min(batch.size(), from + pointsMax);
            emit(next + "." + from + "-" + next + "." + to, rows(batch, from, to));
        }
    }

    private void emit(String part, Batch batch) {
        out.truncate(0);
        encoder.encode(batch, out);
        int size = batch.size();
        if (out.size() > bytesMax && size > 1) {
            emit(part + "/0", rows(batch, 0, size / 2));
            emit(part + "/1", rows(batch, size / 2, size));
            return;
        }
        byte[] body = out.toBytes();
        if (out.size() > RETAINED_BYTES_MAX) {
            out = new ByteWriter(1 << 16);
        }
        target.take(new Request(part, body, size));
    }

    /// A copy of some rows, counted over all kinds in their order.
    private static Batch rows(Batch batch, int from, int to) {
        var copy = new Batch();
        int[] row = {0};
        copy.append(
                batch,
                (points, at) -> {
                    int number = row[0]++;
                    return number >= from && number < to ? points.series[at] : null;
                });
        return copy;
    }
}

package dev.firn.export.send;

import dev.firn.config.SendingQueueConfig.Sizer;
import dev.firn.model.Batch;
import dev.firn.model.Points;

/// What a batch counts for in a queue. A function of the batch alone: the same when it is read
/// back.
final class Sizes {
    private static final int NUMBER_BYTES = 32;
    private static final int OTHER_BYTES = 256;

    private Sizes() {}

    static long of(Sizer sizer, Batch batch) {
        return switch (sizer) {
            case REQUESTS -> 1;
            case ITEMS -> batch.size();
            case BYTES -> bytes(batch);
        };
    }

    /// Encoded attributes, time and value, roughly.
    private static long bytes(Batch batch) {
        long bytes = 0;
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = batch.points(kind);
            int each = kind == Points.Kind.NUMBERS ? NUMBER_BYTES : OTHER_BYTES;
            for (int row = 0; row < points.size(); row++) {
                bytes += each + points.series[row].attributes().length();
            }
        }
        return bytes;
    }
}

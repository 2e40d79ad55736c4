package dev.firn.ops.load;

import dev.firn.base.ByteWriter;

/// What a lane's instances write to: the body at hand, with its counts, and the ledger's cells.
///
/// An export is written back to front into a scratch buffer and then appended, so that a body holds
/// exports in the order of their times.
final class Export {
    private final ProtobufWriter scratch = new ProtobufWriter(1 << 16);
    private final ByteWriter body = new ByteWriter(1 << 18);
    private final Cells cells;
    private final LedgerSink sink;
    private int[] points;
    private int[] series;
    private int total;

    Export(Cells cells, LedgerSink sink, int metrics) {
        this.cells = cells;
        this.sink = sink;
        points = new int[metrics];
        series = new int[metrics];
    }

    Cells cells() {
        return cells;
    }

    ProtobufWriter begin() {
        scratch.reset();
        return scratch;
    }

    void end() {
        int offset = scratch.offset();
        body.bytes(scratch.array(), offset, scratch.array().length - offset);
    }

    /// What was written since [#begin], instead of [#end].
    byte[] written() {
        return scratch.toBytes();
    }

    /// Encoded fields of the request.
    void add(byte[] encoded) {
        body.bytes(encoded, 0, encoded.length);
    }

    boolean isEmpty() {
        return body.size() == 0;
    }

    void count(MetricInfo metric, int newPoints, int newSeries) {
        points[metric.index()] += newPoints;
        series[metric.index()] += newSeries;
        total += newPoints;
    }

    void event(String what, long nanos, Instance.Place place) {
        sink.event(new Ledger.Event(nanos, what, place.name()));
    }

    /// Points in the body so far.
    int total() {
        return total;
    }

    /// The body so far; the next one begins empty.
    Body take(int lane, long sequence, long hour, long firstNanos, long lastNanos) {
        var taken =
                new Body(
                        lane,
                        sequence,
                        body.toBytes(),
                        total,
                        hour,
                        firstNanos,
                        lastNanos,
                        points,
                        series);
        body.reset();
        points = new int[points.length];
        series = new int[series.length];
        total = 0;
        return taken;
    }
}

package dev.firn.bench;

import dev.firn.ops.load.Body;
import dev.firn.ops.load.Lane;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.OtlpBodies;
import dev.firn.ops.load.Shop;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How fast the load generator makes bodies on one core (`points` a second), without sending.
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@OutputTimeUnit(TimeUnit.SECONDS)
public class LoadBenchmark {
    private static final long FROM = 1_793_577_600L * LoadOptions.SECOND;

    /// Points made, beside bodies.
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Made {
        /// Points in all bodies.
        public long points;
    }

    /// 0: the shop as it is.
    @Param({"0", "100000"})
    private int series;

    private Lane lane;
    private OtlpBodies bodies;
    private long number;

    /// A year of history, so that it does not end.
    @Setup
    public void open() {
        LoadOptions options =
                LoadOptions.history(1, FROM, FROM + 365L * 24 * 3600 * LoadOptions.SECOND)
                        .withSeries(series)
                        .withBodies(1000, 1);
        lane = new Shop(options).lanes(LedgerSink.none()).getFirst();
        bodies =
                new OtlpBodies(
                        OtlpBodies.Mix.MIXED,
                        Math.max(1000, series),
                        1000,
                        2_000_000,
                        1,
                        FROM,
                        10 * LoadOptions.SECOND);
    }

    /// The shop's next body.
    @Benchmark
    public Body shop(Made made) {
        Body body = lane.next();
        made.points += body == null ? 0 : body.points();
        return body;
    }

    /// A ready-made body.
    @Benchmark
    public byte[] readyMade(Made made) {
        byte[] body = bodies.body(number);
        made.points += bodies.points(number++);
        return body;
    }
}

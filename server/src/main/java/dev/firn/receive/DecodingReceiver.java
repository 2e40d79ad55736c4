package dev.firn.receive;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.Pipelines;
import dev.firn.model.SeriesRegistry;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// The receiver proper: names a request by its hash, lets the intake decide whether it is new,
/// decodes it then, and keeps count. Thread-safe; decoders and batches are pooled.
public final class DecodingReceiver implements Receiver, KeyedReceiver {
    /// A decoder that one huge request has blown up is not kept.
    private static final int RETAINED_POINTS_MAX = 1 << 18;

    private static final int RETAINED_BYTES_MAX = 1 << 24;

    /// All idle decoders together keep some hundredths of the heap at most.
    private static final long RETAINED_HEAP_MAX = Runtime.getRuntime().maxMemory() / 256;

    private static final int ROW_BYTES = 40;

    /// What decodes one request at a time.
    private static final class Desk {
        private final Batch batch = new Batch();
        private final OtlpProtobufDecoder protobuf;
        private final OtlpJsonDecoder json;

        private Desk(OtlpProtobufDecoder decoder) {
            protobuf = decoder;
            json = new OtlpJsonDecoder(decoder);
        }

        private boolean small() {
            int lists =
                    batch.histograms.counts.values().length
                            + batch.histograms.bounds.values().length
                            + batch.exponential.positive.values().length
                            + batch.exponential.negative.values().length
                            + batch.summaries.values.values().length;
            int rows =
                    batch.numbers.time.length
                            + batch.histograms.time.length
                            + batch.exponential.time.length
                            + batch.summaries.time.length
                            + batch.exemplars.time.length;
            return rows <= RETAINED_POINTS_MAX
                    && lists <= RETAINED_POINTS_MAX * 16
                    && (long) rows * ROW_BYTES + lists * 8L <= RETAINED_HEAP_MAX
                    && json.retainedBytes() <= RETAINED_BYTES_MAX;
        }
    }

    /// One call's way through the intake.
    private final class Request implements Intake.Decoder {
        private final Format format;
        private final byte[] body;
        private final int length;
        private final String sender;
        private @Nullable Desk desk;
        private Pipelines.@Nullable Run run;

        private Request(Format format, byte[] body, int length, String sender) {
            this.format = format;
            this.body = body;
            this.length = length;
            this.sender = sender;
        }

        /// Good points of a request that was new.
        private long points() {
            return desk == null ? 0 : desk.protobuf.frame().stored();
        }

        @Override
        public Intake.Decoded decode() {
            Desk mine = takeDesk();
            desk = mine;
            switch (format) {
                case PROTOBUF -> mine.protobuf.decode(body, length, sender, mine.batch);
                case JSON -> mine.json.decode(body, length, sender, mine.batch);
            }
            Pipelines.Run mineRun = pipelines.run(mine.batch);
            run = mineRun;
            return new Intake.Decoded(mineRun.durable(), mine.protobuf.refusals().answer());
        }

        /// By what the log keeps; where no pipeline is durable, by what came.
        private void countPlanes() {
            if (desk != null && run != null) {
                Batch durable = run.durable();
                planes.stored(durable.size() > 0 ? durable : desk.batch);
            }
        }

        private void stored() {
            if (run != null) {
                Pipelines.Run ends = run;
                run = null;
                ends.stored();
            }
        }

        private void failed() {
            if (run != null) {
                Pipelines.Run ends = run;
                run = null;
                ends.failed();
            }
        }
    }

    private final Intake intake;
    private final SeriesCache cache;
    private final SeriesRegistry registry;
    private final SenderBudgets budgets;
    private final ReceiveLimits limits;
    private final Clock clock;
    private final ReceiveMetrics metrics;
    private final PlaneWatch planes;
    private final byte[] name;
    private final ReceiveMetrics.Source source;
    private final Pipelines pipelines;
    private final ArrayBlockingQueue<Desk> desks;

    /// The first of a process, for receiver `otlp` and one durable pipeline without processors; see
    /// [#of] for others.
    public DecodingReceiver(
            Intake intake,
            SeriesCache cache,
            SeriesRegistry registry,
            ReceiveLimits limits,
            Clock clock,
            OwnMetrics metrics) {
        this(intake, cache, registry, limits, clock, metrics, new PlaneWatch(clock, metrics));
    }

    /// The same, which counts into `planes`.
    public DecodingReceiver(
            Intake intake,
            SeriesCache cache,
            SeriesRegistry registry,
            ReceiveLimits limits,
            Clock clock,
            OwnMetrics metrics,
            PlaneWatch planes) {
        this.intake = intake;
        this.cache = cache;
        this.registry = registry;
        this.limits = limits;
        this.clock = clock;
        this.budgets = new SenderBudgets(clock, limits.newSeriesPerSender(), limits.sendersMax());
        this.metrics = new ReceiveMetrics(metrics, cache);
        this.planes = planes;
        this.name = nameBytes("otlp");
        this.source = this.metrics.source("otlp", "http");
        this.pipelines = Pipelines.DIRECT;
        this.desks = new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors() + 2);
    }

    private DecodingReceiver(
            DecodingReceiver other,
            byte[] name,
            ReceiveMetrics.Source source,
            Pipelines pipelines) {
        this.name = name;
        this.intake = other.intake;
        this.cache = other.cache;
        this.registry = other.registry;
        this.limits = other.limits;
        this.clock = other.clock;
        this.budgets = other.budgets;
        this.metrics = other.metrics;
        this.planes = other.planes;
        this.desks = other.desks;
        this.source = source;
        this.pipelines = pipelines;
    }

    /// One that feeds other pipelines and shares everything else: cache, registry, budgets,
    /// decoders and metrics.
    ///
    /// @param receiver full name, label of its metrics
    /// @param transport `grpc`, `http` or `file`
    public DecodingReceiver of(String receiver, String transport, Pipelines feeding) {
        return new DecodingReceiver(
                this, nameBytes(receiver), metrics.source(receiver, transport), feeding);
    }

    /// With its length, so that a name and a body are never taken for another name and body.
    private static byte[] nameBytes(String receiver) {
        return new ByteWriter(32).string(receiver).toBytes();
    }

    @Override
    public Intake.Answer receive(Format format, byte[] body, int length, String sender) {
        return receive(key(format, body, length), format, body, length, sender).answer();
    }

    @Override
    public Taken receive(
            Intake.RequestKey key, Format format, byte[] body, int length, String sender) {
        var request = new Request(format, body, length, sender);
        ReceiveMetrics.Outcome outcome = ReceiveMetrics.Outcome.FAILED;
        try {
            Intake.Answer answer = intake.accept(key, request);
            outcome = stored(request, answer);
            request.countPlanes();
            request.stored();
            source.accepted(request.points());
            source.refused(answer.rejectedPoints());
            return new Taken(answer, request.points());
        } catch (MalformedBody e) {
            outcome = ReceiveMetrics.Outcome.MALFORMED;
            throw e;
        } catch (Intake.Overloaded e) {
            outcome =
                    switch (e.reason()) {
                        case UNAVAILABLE -> ReceiveMetrics.Outcome.UNAVAILABLE;
                        case EXHAUSTED -> ReceiveMetrics.Outcome.EXHAUSTED;
                    };
            throw e;
        } finally {
            if (outcome == ReceiveMetrics.Outcome.UNAVAILABLE
                    || outcome == ReceiveMetrics.Outcome.EXHAUSTED) {
                source.refused(request.points());
            }
            request.failed(); // unless it was stored
            metrics.request(format, length, outcome);
            if (request.desk != null) {
                giveBack(request.desk);
            }
        }
    }

    private ReceiveMetrics.Outcome stored(Request request, Intake.Answer answer) {
        Desk desk = request.desk;
        if (desk == null) {
            return ReceiveMetrics.Outcome.REPEATED;
        }
        PointFrame frame = desk.protobuf.frame();
        metrics.stored(frame.stored(), frame, frame.takeDuplicateKeys());
        return answer.rejectedPoints() > 0
                ? ReceiveMetrics.Outcome.PARTIAL
                : ReceiveMetrics.Outcome.STORED;
    }

    private Desk takeDesk() {
        Desk idle = desks.poll();
        return idle != null
                ? idle
                : new Desk(new OtlpProtobufDecoder(cache, registry, budgets, limits, clock));
    }

    private void giveBack(Desk desk) {
        desk.batch.clear();
        desk.protobuf.letGo();
        if (desk.small()) {
            desks.offer(desk); // a full pool lets it go
        }
    }

    /// 128 bits of the SHA-256 of receiver, format and body: what one receiver has taken may be new
    /// to the pipelines of another.
    private Intake.RequestKey key(Format format, byte[] body, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(name);
            digest.update((byte) format.ordinal());
            digest.update(body, 0, length);
            ByteBuffer hash = ByteBuffer.wrap(digest.digest());
            return new Intake.RequestKey(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

package dev.firn.ops.load;

import dev.firn.base.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One run: every lane's thread generates and sends in turn, history at full speed and live time by
/// the clock. Lanes wait for each other at each simulated hour, so that time arrives roughly in
/// order.
public final class Load {
    /// Sends one body; [Sender#send] or a test's.
    @FunctionalInterface
    public interface Sending {
        /// Blocks until there is a final answer.
        Answer send(byte[] body);
    }

    /// Totals so far.
    ///
    /// @param points in bodies with a final answer
    /// @param rejected points, as receivers said in partial success
    /// @param refused bodies
    /// @param unanswered bodies
    /// @param simulatedNanos time of the latest point sent
    /// @param acknowledgedNanos everything dated before it has a final answer; stands still from
    ///   the first body that got none
    /// @param trouble what went wrong first, or empty
    public record Progress(
            long bodies,
            long points,
            long bytes,
            long rejected,
            long refused,
            long unanswered,
            long simulatedNanos,
            long acknowledgedNanos,
            String trouble) {
        /// Whether everything was accepted.
        public boolean isClean() {
            return rejected == 0 && refused == 0 && unanswered == 0;
        }
    }

    private static final long LIVE_POLL_MILLIS = 100;

    private final LoadOptions options;
    private final Shop shop;
    private final LedgerSink sink;
    private final Sending sending;
    private final Supplier<Fault> faults;
    private final Clock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Phaser hours = new Phaser();
    private final LongAdder bodies = new LongAdder();
    private final LongAdder points = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unanswered = new LongAdder();
    private final AtomicReference<@Nullable Throwable> bug = new AtomicReference<>();
    private volatile long simulatedNanos;
    private volatile List<LaneRun> runs = List.of();
    private volatile String firstTrouble = "";

    /// @param faults makes one for each lane; usually `Fault::none`
    public Load(
            LoadOptions options,
            LedgerSink sink,
            Sending sending,
            Supplier<Fault> faults,
            Clock clock) {
        this.options = options;
        this.shop = new Shop(options);
        this.sink = sink;
        this.sending = sending;
        this.faults = faults;
        this.clock = clock;
        this.simulatedNanos = options.fromNanos();
    }

    /// The shop that is simulated.
    public Shop shop() {
        return shop;
    }

    /// Ends the run soon: what is being sent is finished, and the ledger is completed.
    public void stop() {
        stopped.countDown();
    }

    /// Waits; false as soon as the run is stopped. Fits as a [Sender.Pause].
    public boolean pause(long millis) {
        try {
            return !stopped.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Totals so far; may be asked at any time.
    public Progress progress() {
        return new Progress(
                bodies.sum(),
                points.sum(),
                bytes.sum(),
                rejected.sum(),
                refused.sum(),
                unanswered.sum(),
                simulatedNanos,
                acknowledgedNanos(),
                firstTrouble);
    }

    private long acknowledgedNanos() {
        List<LaneRun> all = runs;
        return all.stream().mapToLong(run -> run.answeredUntil).min().orElse(options.fromNanos());
    }

    /// Runs to the end of the simulation or until [#stop].
    public Progress run() throws InterruptedException {
        List<Lane> lanes = shop.lanes(sink);
        hours.bulkRegister(lanes.size());
        List<LaneRun> all = lanes.stream().map(lane -> new LaneRun(lane, faults.get())).toList();
        runs = all;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            LaneRun run = all.get(i);
            threads.add(Thread.ofPlatform().name("load-" + i).start(() -> runLane(run)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable failure = bug.get();
        if (failure != null) {
            throw new IllegalStateException("a lane of the load generator failed", failure);
        }
        return progress();
    }

    private void runLane(LaneRun run) {
        try {
            run.drain();
            run.lane.close();
        } catch (RuntimeException | Error e) {
            bug.compareAndSet(null, e);
            stop();
        } finally {
            run.waitNoMore();
        }
    }

    /// One lane's way through time.
    private final class LaneRun {
        private final Lane lane;
        private final Fault fault;
        private final Map<Ledger.PointKey, Ledger.Points> tally = new HashMap<>();
        private long hour = Math.floorDiv(options.fromNanos(), 3600 * LoadOptions.SECOND);
        private boolean waits = true;
        private boolean allAnswered = true;
        private volatile long answeredUntil = options.fromNanos();

        LaneRun(Lane lane, Fault fault) {
            this.lane = lane;
            this.fault = fault;
        }

        void drain() {
            while (!lane.ended() && awaitDue(lane)) {
                if (hour < lane.hour()) {
                    account();
                }
                awaitOthers();
                Body body = lane.next();
                if (body != null) {
                    answeredBefore(body.firstNanos());
                    fault.take(body, this::send);
                }
            }
            fault.end(this::send);
            if (lane.ended()) {
                answeredBefore(options.untilNanos());
            }
            account();
        }

        private void send(Body body) {
            allAnswered &= !(Load.this.send(body, tally) instanceof Answer.Unanswered);
        }

        private void answeredBefore(long nanos) {
            if (allAnswered) {
                answeredUntil = nanos;
            }
        }

        /// In history, until all lanes are in this hour. Live, the clock keeps them together.
        private void awaitOthers() {
            if (lane.dueNanos() >= options.liveFromNanos()) {
                waitNoMore();
            }
            for (; hour < lane.hour(); hour++) {
                if (waits) {
                    hours.arriveAndAwaitAdvance();
                }
            }
        }

        void waitNoMore() {
            if (waits) {
                waits = false;
                hours.arriveAndDeregister();
            }
        }

        /// Hands an hour's points to the ledger: a line for each body would be far more than is
        /// read.
        private void account() {
            tally.forEach(sink::points);
            tally.clear();
        }
    }

    /// False when stopped first.
    private boolean awaitDue(Lane lane) {
        long wait = lane.dueNanos() - clock.nanos();
        while (wait > 0 && lane.dueNanos() >= options.liveFromNanos()) {
            if (!pause(Math.min(LIVE_POLL_MILLIS, wait / 1_000_000 + 1))) {
                return false;
            }
            wait = lane.dueNanos() - clock.nanos();
        }
        return stopped.getCount() > 0;
    }

    private Answer send(Body body, Map<Ledger.PointKey, Ledger.Points> tally) {
        Answer answer = sending.send(body.bytes());
        bodies.increment();
        points.add(body.points());
        bytes.add(body.bytes().length);
        simulatedNanos = body.lastNanos();
        switch (answer) {
            case Answer.Accepted(long count, String message) when count > 0 -> {
                rejected.add(count);
                trouble(body, "rejected " + count + " points: " + message);
            }
            case Answer.Accepted(_, _) -> {}
            case Answer.Refused(int status, String message) -> {
                refused.increment();
                trouble(body, "refused with status " + status + ": " + message);
            }
            case Answer.Unanswered(String message) -> {
                unanswered.increment();
                trouble(body, "unanswered: " + message);
            }
        }
        count(body, answer, tally);
        return answer;
    }

    private void trouble(Body body, String what) {
        synchronized (this) {
            firstTrouble = firstTrouble.isEmpty() ? what : firstTrouble;
        }
        sink.event(
                new Ledger.Event(
                        body.lastNanos(),
                        what,
                        "lane " + body.lane() + " body " + body.sequence()));
    }

    private void count(Body body, Answer answer, Map<Ledger.PointKey, Ledger.Points> tally) {
        for (int metric = 0; metric < body.pointsByMetric().length; metric++) {
            long count = body.pointsByMetric()[metric];
            if (count > 0) {
                tally.merge(
                        shop.pointKey(metric, body.hour()),
                        points(count, body.seriesByMetric()[metric], answer),
                        Ledger.Points::plus);
            }
        }
    }

    private static Ledger.Points points(long count, long series, Answer answer) {
        return switch (answer) {
            case Answer.Accepted(long no, _) when no > 0 ->
                    new Ledger.Points(count, 0, count, 0, 0, series);
            case Answer.Accepted(_, _) -> new Ledger.Points(count, count, 0, 0, 0, series);
            case Answer.Refused(_, _) -> new Ledger.Points(count, 0, 0, count, 0, series);
            case Answer.Unanswered(_) -> new Ledger.Points(count, 0, 0, 0, count, series);
        };
    }
}

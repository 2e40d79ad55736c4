package dev.firn.process;

import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.model.Batch;
import dev.firn.model.Exporter;
import dev.firn.model.Pipelines;
import dev.firn.process.state.StateRoom;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pipelines of one receiver: each runs its chain over a request; what durable ones leave goes
/// to the log as one batch, and after the log's answer every other exporter gets what its pipeline
/// left.
public final class Fanout implements Pipelines {
    private static final Logger LOG = LoggerFactory.getLogger(Fanout.class);
    private static final int POOLED_MAX = 32;
    private static final int POINTS_KEPT_MAX = 200_000;

    /// One pipeline.
    ///
    /// @param durable the log keeps its points
    /// @param exporters the others
    public record Pipeline(String name, Chain chain, boolean durable, List<Exporter> exporters) {
        public Pipeline {
            exporters = List.copyOf(exporters);
        }
    }

    private final List<Pipeline> pipelines;
    private final StateRoom states;
    private final String witness;
    private volatile boolean alone;
    private final Counter failures;
    private final Throttle failureLog;
    private final ArrayBlockingQueue<Batch> pool = new ArrayBlockingQueue<>(POOLED_MAX);

    /// @param pipelines at least one
    /// @param states of their stateful processors
    public Fanout(
            List<Pipeline> pipelines, StateRoom states, OwnMetrics metrics, Throttle failureLog) {
        this.pipelines = List.copyOf(pipelines);
        this.states = states;
        this.witness = witness(pipelines);
        this.failureLog = failureLog;
        this.failures =
                metrics.counter(
                        "firn_process_exporter_failures",
                        "Requests that an exporter did not take because of a bug in it.",
                        "exporter");
    }

    /// Which stage's points the log holds as they leave it.
    private static String witness(List<Pipeline> pipelines) {
        List<Pipeline> durable = pipelines.stream().filter(Pipeline::durable).toList();
        return durable.size() == 1 ? durable.getFirst().chain.witness() : StateRoom.NO_WITNESS;
    }

    @Override
    public Run run(Batch in) {
        var request = new Request(in);
        boolean done = false;
        try {
            request.begin();
            done = true;
            return request;
        } finally {
            if (!done) {
                request.failed();
            }
        }
    }

    private final class Request implements Run {
        private final Batch in;
        private final List<Chain.Result> results = new ArrayList<>(pipelines.size());
        private @Nullable Batch durable;
        private @Nullable Batch pooled;

        private Request(Batch in) {
            this.in = in;
        }

        /// A request that finds out on its way that it needs the processors' memory to itself
        /// begins again; so the next one asks for it at once, until one does not need it.
        private void begin() {
            boolean asked = alone;
            try {
                process(asked);
            } catch (StateRoom.Again e) {
                failed();
                alone = true;
                process(true);
            }
            if (asked && !states.neededAlone()) {
                alone = false;
            }
        }

        private void process(boolean toItself) {
            states.begin(in, witness, toItself);
            for (Pipeline pipeline : pipelines) {
                results.add(pipeline.chain.process(in));
            }
            Batch together = together();
            states.seal(together.state);
            durable = together;
        }

        private Batch together() {
            Batch only = null;
            Batch all = null;
            for (int i = 0; i < pipelines.size(); i++) {
                if (!pipelines.get(i).durable) {
                    continue;
                }
                Batch one = results.get(i).batch();
                if (only == null) {
                    only = one;
                } else {
                    if (all == null) {
                        all = spare();
                        all.append(only, (points, row) -> points.series[row]);
                    }
                    all.append(one, (points, row) -> points.series[row]);
                }
            }
            return all != null ? all : only != null ? only : spare();
        }

        private Batch spare() {
            Batch batch = pool.poll();
            pooled = batch == null ? new Batch() : batch;
            return pooled;
        }

        @Override
        public Batch durable() {
            if (durable == null) {
                throw new IllegalStateException("the request has ended");
            }
            return durable;
        }

        @Override
        public void stored() {
            try {
                // before the states are let go: the totals of one stream stay in their order
                for (int i = 0; i < pipelines.size(); i++) {
                    Batch batch = results.get(i).batch();
                    if (batch.size() > 0) {
                        pipelines.get(i).exporters.forEach(exporter -> export(exporter, batch));
                    }
                }
            } finally {
                states.stored();
                end();
            }
        }

        @Override
        public void failed() {
            states.failed();
            end();
        }

        private void end() {
            results.forEach(Chain.Result::close);
            results.clear();
            durable = null;
            Batch mine = pooled;
            pooled = null;
            if (mine != null) {
                boolean small = mine.size() <= POINTS_KEPT_MAX;
                mine.clear();
                if (small) {
                    boolean _ = pool.offer(mine);
                }
            }
        }
    }

    /// The points are stored, so that nothing an exporter does may fail the request.
    private void export(Exporter exporter, Batch batch) {
        try {
            exporter.export(batch);
        } catch (RuntimeException e) {
            failures.labelValues(exporter.name()).inc();
            long dropped = failureLog.permit();
            if (dropped >= 0) {
                LOG.error(
                        "exporter {} did not take {} points ({} such messages dropped)",
                        exporter.name(),
                        batch.size(),
                        dropped,
                        e);
            }
        }
    }
}

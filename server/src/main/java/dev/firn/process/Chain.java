package dev.firn.process;

import dev.firn.model.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// A pipeline's processors, in order. Thread-safe: each request has its own scratch batches.
public final class Chain {
    private static final int POOLED_MAX = 32;

    /// A batch that grew beyond this many points is not kept.
    private static final int POINTS_KEPT_MAX = 200_000;

    private final List<Processor> stages;
    private final ArrayBlockingQueue<Batch> pool = new ArrayBlockingQueue<>(POOLED_MAX);

    /// Processors as they are, without joining steps.
    public Chain(List<Processor> stages) {
        this.stages = List.copyOf(stages);
    }

    /// What came out. Close it when nobody reads the batch any more.
    public final class Result implements AutoCloseable {
        private @Nullable Batch batch;
        private final @Nullable Batch pooled;

        private Result(Batch batch, @Nullable Batch pooled) {
            this.batch = batch;
            this.pooled = pooled;
        }

        /// The points; those that came in themselves if nothing changed.
        public Batch batch() {
            Batch still = batch;
            if (still == null) {
                throw new IllegalStateException("the result is closed");
            }
            return still;
        }

        @Override
        public void close() {
            if (batch != null && pooled != null) {
                giveBack(pooled);
            }
            batch = null;
        }
    }

    /// Number of passes over a request's points.
    public int stages() {
        return stages.size();
    }

    /// Runs all processors.
    ///
    /// @param in not changed; must live as long as the result is read
    /// @throws dev.firn.model.Intake.Overloaded to refuse the whole request
    public Result process(Batch in) {
        Batch at = in;
        Batch spare = null;
        try {
            for (Processor stage : stages) {
                if (at.size() == 0) {
                    break;
                }
                Batch out = spare == null ? taken() : spare;
                spare = out;
                if (stage.process(at, out) == out) {
                    spare = at == in ? null : at;
                    at = out;
                    if (spare != null) {
                        spare.clear();
                    }
                }
            }
        } catch (RuntimeException e) {
            if (at != in) {
                giveBack(at);
            }
            if (spare != null) {
                giveBack(spare);
            }
            throw e;
        }
        if (spare != null) {
            giveBack(spare);
        }
        return new Result(at, at == in ? null : at);
    }

    private Batch taken() {
        Batch batch = pool.poll();
        return batch == null ? new Batch() : batch;
    }

    private void giveBack(Batch batch) {
        boolean small = batch.size() <= POINTS_KEPT_MAX;
        batch.clear();
        if (small) {
            boolean _ = pool.offer(batch);
        }
    }

    /// Puts a chain together: neighbouring steps of the same sort become one stage.
    static final class Builder {
        private final Workshop workshop;
        private final @Nullable Aggregator aggregator;
        private final List<Processor> stages = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();

        Builder(Workshop workshop, @Nullable Aggregator aggregator) {
            this.workshop = workshop;
            this.aggregator = aggregator;
        }

        Builder add(Processor processor) {
            join();
            stages.add(processor);
            return this;
        }

        Builder add(Step step) {
            if (!steps.isEmpty() && steps.getLast().ofPoints() != step.ofPoints()) {
                join();
            }
            steps.add(step);
            return this;
        }

        private void join() {
            if (!steps.isEmpty()) {
                stages.add(
                        steps.getFirst().ofPoints()
                                ? new PointStage(workshop, aggregator, steps)
                                : new IdentityStage(workshop, aggregator, steps));
                steps.clear();
            }
        }

        Chain build() {
            join();
            return new Chain(stages);
        }
    }
}

package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.process.state.StateRoom;
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

    /// What the points that come out tell of those that came in: see [StateRoom#begin].
    String witness() {
        List<Processor> rest =
                stages.stream().filter(stage -> !(stage instanceof MemoryLimiter)).toList();
        if (rest.isEmpty()) {
            return StateRoom.ALL_WITNESSED;
        }
        return rest.size() == 1 && rest.getFirst() instanceof IdentityStage stage
                ? stage.witness()
                : StateRoom.NO_WITNESS;
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

    /// Makes the aggregators of a chain's stages, in order.
    interface Aggregators {
        /// @param sources whether the stage sees the points as their senders sent them
        @Nullable Aggregator next(boolean sources);
    }

    /// Puts a chain together: neighbouring steps of the same sort become one stage.
    static final class Builder {
        private final Workshop workshop;
        private final Aggregators aggregators;
        private final List<Processor> stages = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();

        /// @param aggregators one for each stage: what it remembers is of one stage only
        Builder(Workshop workshop, Aggregators aggregators) {
            this.workshop = workshop;
            this.aggregators = aggregators;
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
                boolean ofPoints = steps.getFirst().ofPoints();
                boolean first = stages.stream().allMatch(MemoryLimiter.class::isInstance);
                Aggregator aggregator = aggregators.next(first && !ofPoints);
                stages.add(
                        ofPoints
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

package dev.firn.process;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.config.AttributesProcessorConfig;
import dev.firn.config.BatchProcessorConfig;
import dev.firn.config.Config;
import dev.firn.config.FilterProcessorConfig;
import dev.firn.config.MemoryLimiterConfig;
import dev.firn.config.ProcessorConfig;
import dev.firn.config.ResourceProcessorConfig;
import dev.firn.config.TransformProcessorConfig;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the processors of pipelines from the configuration. One a process.
public final class Processors {
    /// Processors that remember, made elsewhere.
    public interface Stateful {
        /// The processor of this configuration; null if it is not one of these.
        ///
        /// @param pipeline full name
        /// @param name of the processor in the configuration
        @Nullable Processor processor(String pipeline, String name, ProcessorConfig config);

        /// Who adds up the series of this pipeline's next stage that have become one; null to let
        /// them pass side by side. Asked once for each stage, in order.
        ///
        /// @param sources whether the stage is the first, and reads identity only
        @Nullable Aggregator aggregator(String pipeline, boolean sources);

        /// Nothing that remembers.
        Stateful NONE =
                new Stateful() {
                    @Override
                    public @Nullable Processor processor(
                            String pipeline, String name, ProcessorConfig config) {
                        return null;
                    }

                    @Override
                    public @Nullable Aggregator aggregator(String pipeline, boolean sources) {
                        return null;
                    }
                };
    }

    /// What is to be said about the processors of a configuration.
    ///
    /// @param problems it cannot be used
    /// @param warnings it can, with something left out
    public record Findings(List<String> problems, List<String> warnings) {
        public Findings {
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }
    }

    private final Workshop workshop;
    private final Clock clock;
    private final ProcessMetrics metrics;
    private final Map<String, MemoryLimiter> limiters = new HashMap<>();
    private volatile List<MemoryLimiter> made = List.of(); // the same, for any thread
    private MemoryLimiter.@Nullable OwnMemory memory;

    /// @param registry where the series that processors make live
    public Processors(SeriesRegistry registry, Clock clock, OwnMetrics metrics) {
        this.workshop = new Workshop(registry, clock);
        this.clock = clock;
        this.metrics = new ProcessMetrics(metrics);
    }

    /// Looks at all processors that pipelines name, without making any.
    public static Findings check(Config config) {
        var processors =
                new Processors(
                        new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1),
                        Clock.system(),
                        new OwnMetrics());
        var problems = new LinkedHashSet<String>();
        var warnings = new LinkedHashSet<String>();
        config.pipelines()
                .values()
                .forEach(pipeline ->
                        pipeline.processors()
                                .forEach(
                                        name -> processors.look(config, name, problems, warnings)));
        return new Findings(List.copyOf(problems), List.copyOf(warnings));
    }

    private void look(Config config, String name, Set<String> problems, Set<String> warnings) {
        ProcessorConfig one = config.processors().get(name);
        if (one == null) {
            return; // the configuration's reader has said so
        }
        var found = new ArrayList<String>();
        var left = new ArrayList<String>();
        List<Step> _ = steps(name, one, new Kit(metrics, clock, left), found);
        problems.addAll(found);
        warnings.addAll(left);
    }

    /// The chain of a pipeline.
    ///
    /// @param pipeline full name
    /// @throws InputException with all mistakes, a line each
    public Chain chain(Config config, String pipeline, Stateful stateful) {
        Config.Pipeline of = config.pipelines().get(pipeline);
        if (of == null) {
            throw new IllegalArgumentException("there is no pipeline " + pipeline);
        }
        var builder =
                new Chain.Builder(workshop, sources -> stateful.aggregator(pipeline, sources));
        var problems = new ArrayList<String>();
        for (String name : of.processors()) {
            ProcessorConfig one = config.processors().get(name);
            if (one == null) {
                throw new IllegalArgumentException("there is no processor " + name);
            }
            add(builder, pipeline, name, one, stateful, problems);
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return builder.build();
    }

    /// A chain of stateless processors, named by their numbers, for tests.
    Chain chain(String pipeline, List<ProcessorConfig> configs, @Nullable Aggregator aggregator) {
        var builder = new Chain.Builder(workshop, sources -> aggregator);
        var problems = new ArrayList<String>();
        for (int i = 0; i < configs.size(); i++) {
            add(builder, pipeline, "" + i, configs.get(i), Stateful.NONE, problems);
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return builder.build();
    }

    private void add(
            Chain.Builder builder,
            String pipeline,
            String name,
            ProcessorConfig config,
            Stateful stateful,
            List<String> problems) {
        switch (config) {
            case MemoryLimiterConfig limiter -> builder.add(limiter(name, limiter));
            case BatchProcessorConfig batch -> {
                // Nothing to do: points are durable and on their way when their sender is answered,
                // so they are not held back; exporters that send put batches together as it says.
            }
            default -> {
                Processor made = stateful.processor(pipeline, name, config);
                if (made != null) {
                    builder.add(made);
                    return;
                }
                var kit = new Kit(metrics, clock, new ArrayList<>()); // said by check
                List<Step> steps = steps(name, config, kit, problems);
                if (steps == null) {
                    throw new IllegalArgumentException("nobody makes the processor " + name);
                }
                steps.forEach(builder::add);
            }
        }
    }

    /// The steps of a processor without state; null of others.
    private @Nullable List<Step> steps(
            String name, ProcessorConfig config, Kit kit, List<String> problems) {
        return switch (config) {
            case ResourceProcessorConfig resource ->
                    List.of(new ResourceProcessor(resource, problems));
            case AttributesProcessorConfig attributes ->
                    List.of(new AttributesProcessor(name, attributes, problems));
            case FilterProcessorConfig filter -> FilterProcessor.steps(name, filter, kit, problems);
            case TransformProcessorConfig transform ->
                    TransformProcessor.steps(name, transform, kit, problems);
            default -> null;
        };
    }

    /// Whether a `memory_limiter` refuses what comes now.
    public boolean memoryIsShort() {
        for (MemoryLimiter limiter : made) {
            if (limiter.refuses()) {
                return true;
            }
        }
        return false;
    }

    private synchronized MemoryLimiter limiter(String name, MemoryLimiterConfig config) {
        if (memory == null) {
            memory = new MemoryLimiter.OwnMemory();
        }
        MemoryLimiter.Memory own = memory;
        MemoryLimiter limiter =
                limiters.computeIfAbsent(
                        name, key -> new MemoryLimiter(key, config, own, clock, metrics));
        made = List.copyOf(limiters.values());
        return limiter;
    }
}

package dev.firn.config;

import dev.firn.base.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The whole configuration, checked. Sizes are bytes, durations nanoseconds.
///
/// @param receivers by full name (`otlp`, `otlp/2`); only those that a pipeline uses are started
/// @param processors by full name
/// @param exporters by full name
/// @param extensions by full name; only those that `service.extensions` names
/// @param pipelines by full name, in the order written; those for metrics
/// @param warnings what is allowed but probably not meant, each with its place
public record Config(
        Map<String, ReceiverConfig> receivers,
        Map<String, ProcessorConfig> processors,
        Map<String, ExporterConfig> exporters,
        Map<String, ExtensionConfig> extensions,
        Map<String, Pipeline> pipelines,
        TelemetryConfig telemetry,
        Wal wal,
        LakeConfig lake,
        Engine engine,
        RollupConfig rollup,
        SloConfig slo,
        QualityConfig quality,
        AnomalyConfig anomaly,
        ForecastConfig forecast,
        CostConfig cost,
        AlertingConfig alerting,
        List<ReportConfig> reports,
        RulesConfig rules,
        PromqlConfig promql,
        Limits limits,
        WebConfig web,
        long memoryMax,
        List<String> warnings) {
    public Config {
        receivers = ordered(receivers);
        processors = ordered(processors);
        exporters = ordered(exporters);
        extensions = ordered(extensions);
        pipelines = ordered(pipelines);
        reports = List.copyOf(reports);
        warnings = List.copyOf(warnings);
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    Config withWarnings(List<String> all) {
        return new Config(
                receivers,
                processors,
                exporters,
                extensions,
                pipelines,
                telemetry,
                wal,
                lake,
                engine,
                rollup,
                slo,
                quality,
                anomaly,
                forecast,
                cost,
                alerting,
                reports,
                rules,
                promql,
                limits,
                web,
                memoryMax,
                all);
    }

    Config onlyExtensions(List<String> started) {
        var kept = new LinkedHashMap<>(extensions);
        kept.keySet().retainAll(started);
        return new Config(
                receivers,
                processors,
                exporters,
                kept,
                pipelines,
                telemetry,
                wal,
                lake,
                engine,
                rollup,
                slo,
                quality,
                anomaly,
                forecast,
                cost,
                alerting,
                reports,
                rules,
                promql,
                limits,
                web,
                memoryMax,
                warnings);
    }

    /// The same with neither lake nor engine.
    public Config withoutStores() {
        return new Config(
                receivers,
                processors,
                exporters,
                extensions,
                pipelines,
                telemetry,
                wal,
                lake.disabled(),
                new Engine(
                        false,
                        engine.endpoint,
                        engine.tls,
                        engine.library,
                        engine.database,
                        engine.timePrecision,
                        engine.retentionDays,
                        engine.queryTimeMaxNanos,
                        engine.queriesMax,
                        engine.queriesPerUser,
                        engine.cache,
                        EngineSource.WAL,
                        engine.followIntervalNanos,
                        engine.followAgeMaxNanos,
                        engine.classes,
                        engine.retentionRules,
                        engine.users,
                        engine.server),
                rollup,
                slo,
                quality,
                anomaly,
                forecast,
                cost,
                alerting,
                reports,
                rules,
                promql,
                limits,
                web,
                memoryMax,
                warnings);
    }

    /// The receivers of one kind that a pipeline names, by full name, sorted.
    public <R extends ReceiverConfig> SortedMap<String, R> receivers(Class<R> kind) {
        var found = new TreeMap<String, R>();
        for (Pipeline pipeline : pipelines.values()) {
            for (String name : pipeline.receivers()) {
                ReceiverConfig receiver = receivers.get(name);
                if (kind.isInstance(receiver)) {
                    found.put(name, kind.cast(receiver));
                }
            }
        }
        return found;
    }

    /// The exporters of one kind that a pipeline names, by full name, sorted.
    public <E extends ExporterConfig> SortedMap<String, E> exporters(Class<E> kind) {
        var found = new TreeMap<String, E>();
        for (Pipeline pipeline : pipelines.values()) {
            for (String name : pipeline.exporters()) {
                ExporterConfig exporter = exporters.get(name);
                if (kind.isInstance(exporter)) {
                    found.put(name, kind.cast(exporter));
                }
            }
        }
        return found;
    }

    /// True if the write-ahead log keeps this pipeline's points.
    public boolean durable(Pipeline pipeline) {
        return pipeline.exporters().stream()
                .anyMatch(name -> exporters.get(name) instanceof FirnExporterConfig);
    }

    /// The last `batch` processor of the first pipeline that leads to this exporter and has one.
    public Optional<BatchProcessorConfig> batch(String exporter) {
        return pipelines.values().stream()
                .filter(pipeline -> pipeline.exporters().contains(exporter))
                .flatMap(pipeline -> pipeline.processors().reversed().stream())
                .map(processors::get)
                .filter(BatchProcessorConfig.class::isInstance)
                .map(BatchProcessorConfig.class::cast)
                .findFirst();
    }

    /// Host and port.
    public record Address(String host, int port) {
        /// `host:port`, `[v6]:port` or `:port` (all interfaces, as the Collector has it).
        public static Address parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 0) {
                throw new InputException(
                        "\"" + text + "\" is not an address such as 127.0.0.1:4317");
            }
            String host = text.substring(0, colon);
            if (host.contains("/") || (host.contains(":") && !host.startsWith("["))) {
                throw new InputException(
                        "\"" + text + "\" is not an address such as 127.0.0.1:4317 or [::1]:4317");
            }
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port < 0 || port > 65_535) {
                    throw new NumberFormatException();
                }
                return new Address(host.isEmpty() ? "0.0.0.0" : host, port);
            } catch (NumberFormatException e) {
                throw new InputException(
                        "\"" + text + "\" does not end with a port from 0 to 65535");
            }
        }

        /// True if only this machine can connect.
        public boolean loopback() {
            return dev.firn.base.Browsers.isLoopback(host);
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// `service.pipelines.*`: full names, in the order written.
    public record Pipeline(
            List<String> receivers, List<String> processors, List<String> exporters) {
        public Pipeline {
            receivers = List.copyOf(receivers);
            processors = List.copyOf(processors);
            exporters = List.copyOf(exporters);
        }
    }

    /// What to do with a damaged record in the middle of the log.
    public enum OnCorruption {
        FAIL,
        SKIP
    }

    /// `wal`.
    public record Wal(
            long segmentSize,
            long segmentAgeMaxNanos,
            long sizeMax,
            long diskFreeMin,
            long cutIntervalNanos,
            OnCorruption onCorruption,
            long retainEngine) {}

    /// Where the engine's points come from.
    public enum EngineSource {
        /// This Firn's own log.
        WAL,
        /// The lake, with all its writers.
        LAKE
    }

    /// `engine`.
    ///
    /// @param tls of the endpoint; the child's own then is on loopback
    /// @param server in place of the child; then what concerns the child is not used
    public record Engine(
            boolean enabled,
            Address endpoint,
            Optional<TlsConfig> tls,
            String library,
            String database,
            int timePrecision,
            int retentionDays,
            long queryTimeMaxNanos,
            int queriesMax,
            int queriesPerUser,
            EngineCacheConfig cache,
            EngineSource source,
            long followIntervalNanos,
            long followAgeMaxNanos,
            QueryClassesConfig classes,
            List<EngineRetentionRule> retentionRules,
            EngineUsersConfig users,
            Optional<EngineServerConfig> server) {
        public Engine {
            retentionRules = List.copyOf(retentionRules);
        }

        /// Days that the engine keeps every point, whatever rule is its.
        public int leastRetentionDays() {
            return retentionRules.stream()
                    .mapToInt(EngineRetentionRule::keepDays)
                    .reduce(retentionDays, Math::min);
        }

        /// True if Firn starts ClickHouse itself.
        public boolean ownsChild() {
            return enabled && server.isEmpty();
        }

        /// True if the engine follows the lake.
        public boolean follows() {
            return enabled && source == EngineSource.LAKE;
        }
    }

    /// `limits`.
    public record Limits(
            long seriesMax,
            long seriesBytesMax,
            long newSeriesPerSender,
            long seriesIdleNanos,
            int attributesPerPointMax,
            int attributesPerResourceMax,
            int identityBytesMax,
            int pointsPerRequestMax,
            int bucketsPerPointMax,
            int valuesPerRequestMax,
            int exemplarsPerPointMax,
            int exemplarsPerRequestMax,
            int requestBytesMax,
            long inflightBytesMax,
            int requestsMax,
            int connectionsMax,
            long bodyTimeoutNanos,
            long futureMaxNanos,
            long lateMaxNanos) {}
}

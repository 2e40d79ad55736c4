package dev.firn.web.prometheus;

import dev.firn.query.promql.store.PromqlService;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// What Prometheus says of itself. Firn scrapes nothing: it says so with empty lists.
final class StatusRoutes {
    /// The Prometheus whose language and API are spoken; clients choose their requests by it.
    private static final String VERSION = "3.14.0";

    private final LongSupplier nowMillis;

    StatusRoutes(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    void build(Reply reply) {
        var build = new LinkedHashMap<String, String>();
        build.put("version", VERSION);
        for (String unknown :
                List.of("revision", "branch", "buildUser", "buildDate", "goVersion")) {
            build.put(unknown, "");
        }
        build.put("application", "firn");
        reply.success(out -> out.writePOJO(build));
    }

    void runtime(Reply reply) {
        var runtime = new LinkedHashMap<String, Object>();
        var bean = ManagementFactory.getRuntimeMXBean();
        runtime.put("startTime", Instant.ofEpochMilli(bean.getStartTime()).toString());
        runtime.put("CWD", "");
        runtime.put("hostname", "");
        runtime.put("serverTime", Instant.ofEpochMilli(nowMillis.getAsLong()).toString());
        runtime.put("reloadConfigSuccess", true);
        runtime.put("lastConfigTime", Instant.ofEpochMilli(bean.getStartTime()).toString());
        runtime.put("corruptionCount", 0);
        runtime.put("goroutineCount", ManagementFactory.getThreadMXBean().getThreadCount());
        runtime.put("GOMAXPROCS", Runtime.getRuntime().availableProcessors());
        runtime.put("GOMEMLIMIT", Runtime.getRuntime().maxMemory());
        runtime.put("GOGC", "");
        runtime.put("GODEBUG", "");
        runtime.put("storageRetention", "");
        reply.success(out -> out.writePOJO(runtime));
    }

    void flags(PromqlService service, Reply reply) {
        var config = service.config();
        var flags = new LinkedHashMap<String, String>();
        flags.put("enable-feature", config.experimental() ? "promql-experimental-functions" : "");
        flags.put("query.lookback-delta", config.lookbackNanos() / 1_000_000_000 + "s");
        flags.put("query.max-concurrency", Integer.toString(config.queriesMax()));
        flags.put("query.max-samples", Long.toString(config.samplesMax()));
        flags.put("query.timeout", config.timeMaxNanos() / 1_000_000_000 + "s");
        reply.success(out -> out.writePOJO(flags));
    }

    static void targets(Reply reply) {
        var targets = new LinkedHashMap<String, Object>();
        targets.put("activeTargets", List.of());
        targets.put("droppedTargets", List.of());
        targets.put("droppedTargetCounts", Map.of());
        reply.success(out -> out.writePOJO(targets));
    }

    static void alertmanagers(Reply reply) {
        var managers = new LinkedHashMap<String, Object>();
        managers.put("activeAlertmanagers", List.of());
        managers.put("droppedAlertmanagers", List.of());
        reply.success(out -> out.writePOJO(managers));
    }
}

package dev.firn.web;

import dev.firn.alert.rules.RuleService;
import dev.firn.base.security.Authenticator;
import dev.firn.lake.serve.RestCatalog;
import dev.firn.ops.health.Health;
import dev.firn.query.Annotations;
import dev.firn.query.LakeQuestions;
import dev.firn.query.SavedViews;
import dev.firn.query.promql.store.PromqlService;
import dev.firn.web.page.LiveFeed;
import io.helidon.webserver.http.Handler;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Where the web server gets its answers; the root fills it.
///
/// @param status for `/ready` and `/health`
/// @param health the checks, for `/health`
/// @param metrics the page of own metrics
/// @param info what runs here, as JSON-able values
/// @param engineUrl base URL of the engine's HTTP interface; empty without an engine
/// @param engineReader headers that a reader shows there
/// @param engineDatabase the engine's, for statements that name none
/// @param lake tables, snapshots, files and positions, as JSON-able values; empty without a lake
/// @param verify runs the comparison of lake and engine, as JSON-able values; empty without both
/// @param lakeQuestions asks the lake by SQL; empty without lake or engine
/// @param promql answers PromQL; empty without an engine
/// @param rules those that are evaluated; empty where none are
/// @param remoteWrite takes Prometheus' remote write; empty where none is to be taken
/// @param wal segments, cuts and quarantine, as JSON-able values
/// @param walVerify the same after everything in the log was read and checked
/// @param iceberg the served catalog; empty where none is to be served
/// @param retryQuarantine hands quarantined cuts to their sink again and says what happened
/// @param live what is newest, as events; empty without an engine
/// @param annotations what people or programs say happened
/// @param views what people keep of the dashboard
/// @param readings what may be asked for by GET, by path below `/api/firn/v1/`
/// @param tasks what may be asked for by POST, by path below `/api/firn/v1/`
public record Sources(
        Supplier<Status> status,
        Supplier<Health> health,
        Supplier<byte[]> metrics,
        Supplier<Object> info,
        Optional<Supplier<String>> engineUrl,
        Supplier<Map<String, String>> engineReader,
        String engineDatabase,
        Optional<Supplier<Object>> lake,
        Optional<Supplier<Object>> verify,
        Optional<LakeQuestions> lakeQuestions,
        Optional<PromqlService> promql,
        Optional<RuleService> rules,
        Optional<Handler> remoteWrite,
        Supplier<Object> wal,
        Supplier<Object> walVerify,
        Optional<Iceberg> iceberg,
        Supplier<Object> retryQuarantine,
        Optional<LiveFeed> live,
        Annotations annotations,
        SavedViews views,
        Map<String, Reading> readings,
        Map<String, Task> tasks) {
    public Sources {
        readings = Map.copyOf(readings);
        tasks = Map.copyOf(tasks);
    }

    /// The lake's tables for other programs.
    ///
    /// @param readers who may ask
    public record Iceberg(RestCatalog catalog, Authenticator readers) {}
}

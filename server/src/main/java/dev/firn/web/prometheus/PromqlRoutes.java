package dev.firn.web.prometheus;

import dev.firn.base.WorldException;
import dev.firn.engine.EngineException;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.Printer;
import dev.firn.query.promql.lang.ValueType;
import dev.firn.query.promql.store.PromqlService;
import dev.firn.query.promql.store.PromqlService.Answer;
import dev.firn.query.promql.store.PromqlService.Ask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import tools.jackson.core.JsonGenerator;

/// Prometheus' API below `/api/v1`.
public final class PromqlRoutes {
    private static final String BASE = "/api/v1/";
    private static final int POINTS_MAX = 11_000;

    private final Optional<PromqlService> service;
    private final LongSupplier nowMillis;
    private final StatusRoutes status;

    /// @param service empty without an engine
    public PromqlRoutes(Optional<PromqlService> service, LongSupplier nowMillis) {
        this.service = service;
        this.nowMillis = nowMillis;
        this.status = new StatusRoutes(nowMillis);
    }

    /// Answers one request.
    interface Action {
        void run(PromqlService service, Parameters parameters, Reply reply)
                throws InterruptedException;
    }

    /// Adds the routes.
    public void register(HttpRouting.Builder routing) {
        both(routing, "query", this::query);
        both(routing, "query_range", this::queryRange);
        both(routing, "format_query", (_, parameters, reply) -> format(parameters, reply));
        both(routing, "parse_query", (_, parameters, reply) -> parse(parameters, reply));
        var series = new SeriesRoutes(nowMillis);
        both(routing, "series", series::series);
        both(routing, "labels", series::labels);
        both(routing, "query_exemplars", series::exemplars);
        routing.get(
                BASE + "label/{name}/values",
                (request, response) -> {
                    String name = request.path().pathParameters().get("name");
                    handle((service, parameters, reply) ->
                                    series.values(service, name, parameters, reply))
                            .handle(request, response);
                });
        get(routing, "metadata", series::metadata);
        get(routing, "status/tsdb", series::cardinality);
        get(routing, "status/buildinfo", (_, _, reply) -> status.build(reply));
        get(routing, "status/runtimeinfo", (_, _, reply) -> status.runtime(reply));
        get(routing, "status/flags", (service, _, reply) -> status.flags(service, reply));
        get(routing, "targets", (_, _, reply) -> StatusRoutes.targets(reply));
        get(routing, "alertmanagers", (_, _, reply) -> StatusRoutes.alertmanagers(reply));
    }

    private void both(HttpRouting.Builder routing, String path, Action action) {
        routing.get(BASE + path, handle(action));
        routing.post(BASE + path, handle(action));
    }

    private void get(HttpRouting.Builder routing, String path, Action action) {
        routing.get(BASE + path, handle(action));
    }

    private Handler handle(Action action) {
        return (request, response) -> {
            var reply = new Reply(request, response);
            try {
                PromqlService asked =
                        service.orElseThrow(() ->
                                new ApiFailure(
                                        ApiFailure.Type.UNAVAILABLE,
                                        "this Firn has no engine (engine.enabled is false)"));
                action.run(asked, Parameters.of(request), reply);
            } catch (ApiFailure e) {
                reply.failure(e.type(), String.valueOf(e.getMessage()));
            } catch (QueryException e) {
                reply.failure(type(e.kind()), String.valueOf(e.getMessage()));
            } catch (EngineException e) {
                reply.failure(type(e), String.valueOf(e.getMessage()));
            } catch (WorldException e) {
                reply.failure(ApiFailure.Type.UNAVAILABLE, String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CloseConnectionException("interrupted", e);
            }
        };
    }

    private static ApiFailure.Type type(QueryException.Kind kind) {
        return switch (kind) {
            case EXECUTION, TOO_MANY_SAMPLES -> ApiFailure.Type.EXECUTION;
            case TIMEOUT -> ApiFailure.Type.TIMEOUT;
            case CANCELED -> ApiFailure.Type.CANCELED;
            case STORAGE -> ApiFailure.Type.UNAVAILABLE;
        };
    }

    private static final int TIMEOUT_EXCEEDED = 159;
    private static final int MEMORY_LIMIT_EXCEEDED = 241;
    private static final int TOO_MANY_ROWS = 158;

    private static ApiFailure.Type type(EngineException e) {
        return switch (e.code()) {
            case TIMEOUT_EXCEEDED -> ApiFailure.Type.TIMEOUT;
            case MEMORY_LIMIT_EXCEEDED, TOO_MANY_ROWS -> ApiFailure.Type.EXECUTION;
            default -> ApiFailure.Type.UNAVAILABLE;
        };
    }

    private void query(PromqlService service, Parameters parameters, Reply reply)
            throws InterruptedException {
        int limit = parameters.limit("limit");
        long at = parameters.time("time", nowMillis.getAsLong());
        Ask ask = ask(parameters);
        parsed(ask.query(), service.features()); // a bad parameter; what only data show is not
        answer(service.instant(ask, at), at, limit, parameters, reply);
    }

    private void queryRange(PromqlService service, Parameters parameters, Reply reply)
            throws InterruptedException {
        int limit = parameters.limit("limit");
        long start = parameters.time("start");
        long end = parameters.time("end");
        if (end < start) {
            throw ApiFailure.parameter("end", "end timestamp must not be before start time");
        }
        long step = parameters.duration("step");
        if (step <= 0) {
            throw ApiFailure.parameter(
                    "step",
                    "zero or negative query resolution step widths are not accepted. Try a"
                            + " positive integer");
        }
        if ((end - start) / step > POINTS_MAX) {
            throw ApiFailure.badData(
                    "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing"
                            + " the query resolution (?step=XX)");
        }
        Ask ask = ask(parameters);
        ValueType type = parsed(ask.query(), service.features()).type();
        if (type != ValueType.SCALAR && type != ValueType.VECTOR) {
            throw ApiFailure.parameter(
                    "query",
                    "invalid expression type \""
                            + type.documented()
                            + "\" for range query, must be Scalar or instant Vector");
        }
        answer(service.range(ask, start, end, step), end, limit, parameters, reply);
    }

    private static Ask ask(Parameters parameters) {
        long timeout = parameters.duration("timeout", 0);
        long lookback = parameters.duration("lookback_delta", 0);
        return new Ask(
                parameters.text("query"),
                Duration.ofMillis(timeout),
                lookback,
                parameters.source(),
                () -> false);
    }

    private static Expr parsed(String query, Features features) {
        try {
            return Parser.parse(query, features);
        } catch (ParseException e) {
            throw ApiFailure.parameter("query", String.valueOf(e.getMessage()));
        }
    }

    private static void answer(
            Answer answer, long at, int limit, Parameters parameters, Reply reply) {
        QueryResult result = answer.result();
        var warnings = new ArrayList<>(result.warnings());
        QueryValue value = limited(result.value(), limit, warnings);
        reply.success(
                out -> {
                    out.writeStartObject();
                    new ResultJson(out).result(value, at);
                    if (!parameters.text("stats").isEmpty()) {
                        stats(out, answer);
                    }
                    out.writeEndObject();
                },
                warnings,
                result.infos());
    }

    private static QueryValue limited(QueryValue value, int limit, List<String> warnings) {
        QueryValue limited =
                switch (value) {
                    case QueryValue.Vector(long time, var samples) when cut(samples, limit) ->
                            new QueryValue.Vector(time, samples.subList(0, limit));
                    case QueryValue.Matrix(var series) when cut(series, limit) ->
                            new QueryValue.Matrix(series.subList(0, limit));
                    default -> value;
                };
        if (limited != value) {
            warnings.add("results truncated due to limit");
        }
        return limited;
    }

    private static boolean cut(List<?> list, int limit) {
        return limit > 0 && list.size() > limit;
    }

    /// Firn does not count samples by step.
    private static void stats(JsonGenerator out, Answer answer) {
        double queued = answer.queuedNanos() / 1e9;
        double evaluated = answer.evaluationNanos() / 1e9;
        out.writeName("stats");
        out.writeStartObject();
        out.writeName("timings");
        out.writeStartObject();
        out.writeNumberProperty("evalTotalTime", evaluated);
        out.writeNumberProperty("resultSortTime", 0.0);
        out.writeNumberProperty("queryPreparationTime", 0.0);
        out.writeNumberProperty("innerEvalTime", evaluated);
        out.writeNumberProperty("execQueueTime", queued);
        out.writeNumberProperty("execTotalTime", queued + evaluated);
        out.writeEndObject();
        out.writeName("samples");
        out.writeStartObject();
        out.writeNumberProperty("totalQueryableSamples", answer.samplesRead());
        out.writeNumberProperty("peakSamples", answer.result().samplesPeak());
        out.writeEndObject();
        out.writeEndObject();
    }

    private static void format(Parameters parameters, Reply reply) {
        String text = Printer.pretty(parsed(parameters.text("query"), Features.ALL));
        reply.success(out -> out.writeString(text));
    }

    private static void parse(Parameters parameters, Reply reply) {
        var expr = parsed(parameters.text("query"), Features.ALL);
        reply.success(out -> out.writePOJO(ExprJson.of(expr)));
    }
}

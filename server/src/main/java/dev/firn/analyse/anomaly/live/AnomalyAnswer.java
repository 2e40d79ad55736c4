package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Verdict;
import dev.firn.query.AnomalyMarks;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What `/api/firn/v1/anomalies` answers: the newest interval of each series with its band, and the
/// last anomalies.
final class AnomalyAnswer {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int ANOMALIES_MAX = 1_000;

    private final Deque<Judged> anomalies = new ArrayDeque<>();
    private List<Judged> newest = List.of();
    private List<AnomalyMarks.Mark> marks = List.of();
    private long until;

    synchronized void add(Judged one) {
        anomalies.addFirst(one);
        if (anomalies.size() > ANOMALIES_MAX) {
            anomalies.removeLast();
        }
    }

    synchronized void publish(
            long judgedUntil, List<Judged> judged, List<AnomalyMarks.Mark> allMarks) {
        until = judgedUntil;
        newest = judged;
        marks = allMarks;
    }

    synchronized Map<String, Object> of(Map<String, String> parameters) {
        var body = new LinkedHashMap<String, Object>();
        body.put("as_of", Instant.ofEpochMilli(until).toString());
        body.put("anomalies", chosen(List.copyOf(anomalies), parameters));
        body.put("series", chosen(newest, parameters));
        var said = new ArrayList<Map<String, Object>>();
        marks.forEach(one -> said.add(view(one)));
        body.put("marks", said);
        return body;
    }

    private static List<Map<String, @Nullable Object>> chosen(
            List<Judged> all, Map<String, String> parameters) {
        var chosen = new ArrayList<Map<String, @Nullable Object>>();
        for (Judged one : all) {
            SignalKey key = one.key();
            if (fits(parameters, "signal", key.signal())
                    && fits(parameters, "environment", key.environment())
                    && fits(parameters, "service_name", key.service())
                    && fits(parameters, "http_route", key.route())) {
                chosen.add(view(one));
            }
        }
        return chosen;
    }

    private static boolean fits(Map<String, String> parameters, String name, String value) {
        String asked = parameters.getOrDefault(name, "");
        return asked.isEmpty() || asked.equals(value);
    }

    static Map<String, @Nullable Object> view(Judged one) {
        Verdict verdict = one.verdict();
        var view = new LinkedHashMap<String, @Nullable Object>();
        view.put("time", Instant.ofEpochMilli(verdict.time()).toString());
        view.put("signal", one.key().signal());
        view.put("subject", one.key().labels());
        view.put("channel", verdict.channel().name().toLowerCase(Locale.ROOT));
        view.put("score", verdict.score());
        view.put("actual", number(verdict.actual()));
        view.put("expected", number(verdict.expected()));
        view.put("expected_low", number(one.low()));
        view.put("expected_high", number(verdict.high()));
        view.put("severity", one.severity());
        view.put("alerting", one.alerting());
        view.put("explanation", verdict.anomalous() ? one.explanation() : "");
        view.put("contributions", one.contributions());
        return view;
    }

    private static Map<String, Object> view(AnomalyMarks.Mark one) {
        var view = new LinkedHashMap<String, Object>();
        view.put("id", one.id());
        view.put("kind", one.kind().name().toLowerCase(Locale.ROOT));
        view.put("signal", one.signal());
        view.put("environment", one.environment());
        view.put("service_name", one.service());
        view.put("http_route", one.route());
        view.put("from", Instant.ofEpochMilli(one.from()).toString());
        view.put("to", Instant.ofEpochMilli(one.to()).toString());
        view.put("comment", one.comment());
        return view;
    }

    private static @Nullable Object number(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }

    static String json(Object value) {
        return MAPPER.writeValueAsString(value);
    }
}

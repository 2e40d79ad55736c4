package dev.firn.web.prometheus;

import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.web.AskingSource;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// A request's parameters: those of the URL and, of a POST, those of its form, which come first.
final class Parameters {
    private static final int FORM_BYTES_MAX = 10 << 20;

    /// What Prometheus takes for the beginning and the end of time.
    static final long TIME_MIN = Long.MIN_VALUE / 1_000_000;

    static final long TIME_MAX = Long.MAX_VALUE / 1_000_000;

    /// Both as Go writes them; clients send them for "always".
    private static final Map<String, Long> WRITTEN =
            Map.of(
                    "-292273086-05-16T16:47:06Z", TIME_MIN,
                    "292277025-08-18T07:12:54.999999999Z", TIME_MAX);

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private String source = "";

    private Parameters() {}

    static Parameters of(ServerRequest request) {
        var parameters = new Parameters();
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (request.prologue().method().text().equals("POST")
                && type.startsWith("application/x-www-form-urlencoded")) {
            parameters.add(body(request));
        }
        parameters.add(request.prologue().query().rawValue());
        parameters.source = AskingSource.of(request);
        return parameters;
    }

    /// What asks, as it says itself.
    String source() {
        return source;
    }

    private static String body(ServerRequest request) {
        try (InputStream in = request.content().inputStream()) {
            byte[] form = in.readNBytes(FORM_BYTES_MAX + 1);
            if (form.length > FORM_BYTES_MAX) {
                throw ApiFailure.badData("error parsing form values: http: POST too large");
            }
            return new String(form, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw ApiFailure.badData("error parsing form values: " + e.getMessage());
        }
    }

    private void add(String form) {
        for (String pair : form.split("&")) {
            int sign = pair.indexOf('=');
            if (!pair.isEmpty()) {
                String name = sign < 0 ? pair : pair.substring(0, sign);
                values.computeIfAbsent(decoded(name), _ -> new ArrayList<>())
                        .add(sign < 0 ? "" : decoded(pair.substring(sign + 1)));
            }
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badData("error parsing form values: " + e.getMessage());
        }
    }

    /// The first value, or empty.
    String text(String name) {
        return all(name).isEmpty() ? "" : all(name).getFirst();
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /// A time that must be there.
    long time(String name) {
        String text = text(name);
        OptionalDouble seconds = GoNumber.parse(text);
        if (seconds.isPresent() && Double.isFinite(seconds.getAsDouble())) {
            return Math.round(seconds.getAsDouble() * 1000);
        }
        Long written = WRITTEN.get(text);
        if (written != null) {
            return written;
        }
        try {
            Instant at = OffsetDateTime.parse(text).toInstant();
            return at.toEpochMilli();
        } catch (DateTimeException e) {
            throw ApiFailure.parameter(name, "cannot parse \"" + text + "\" to a valid timestamp");
        }
    }

    long time(String name, long otherwise) {
        return text(name).isEmpty() ? otherwise : time(name);
    }

    /// A duration that must be there, in milliseconds.
    long duration(String name) {
        String text = text(name);
        OptionalDouble seconds = GoNumber.parse(text);
        if (seconds.isPresent()) {
            double millis = seconds.getAsDouble() * 1000;
            if (Double.isNaN(millis) || Math.abs(millis) > Long.MAX_VALUE / 1e6) {
                throw ApiFailure.parameter(
                        name,
                        "cannot parse \"" + text + "\" to a valid duration. It overflows int64");
            }
            return (long) millis;
        }
        OptionalLong millis = Durations.parseMillis(text);
        if (millis.isEmpty()) {
            throw ApiFailure.parameter(name, "cannot parse \"" + text + "\" to a valid duration");
        }
        return millis.getAsLong();
    }

    long duration(String name, long otherwise) {
        return text(name).isEmpty() ? otherwise : duration(name);
    }

    /// A whole number from 0 on; 0 if there is none.
    int limit(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            return 0;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 0) {
                return limit;
            }
        } catch (NumberFormatException e) {
            throw ApiFailure.parameter(name, "\"" + text + "\" is not a whole number");
        }
        throw ApiFailure.parameter(name, "limit must be non-negative");
    }

    /// Sets of matchers of `match[]`.
    List<List<Matcher>> matchers() {
        var sets = new ArrayList<List<Matcher>>();
        for (String selector : all("match[]")) {
            try {
                sets.add(Parser.parseMetric(selector));
            } catch (ParseException e) {
                throw ApiFailure.parameter("match[]", String.valueOf(e.getMessage()));
            }
        }
        return sets;
    }
}

package dev.firn.web;

import dev.firn.ops.health.Check;
import dev.firn.ops.health.Health;
import dev.firn.ops.health.Section;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// `GET /health`: a page for who asks for HTML, else JSON. 503 when something is critical.
final class HealthRoutes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Header JSON = HeaderValues.create("Content-Type", "application/json");
    private static final Header HTML =
            HeaderValues.create("Content-Type", "text/html; charset=utf-8");
    private static final Header POLICY =
            HeaderValues.create(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    private static final String STYLE =
            """
            :root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
            body{max-width:70rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse;width:100%}
            td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884}
            .ok{color:light-dark(#0a6b3d,#5fd39b)}.waiting{color:light-dark(#555,#aaa)}
            .warning{color:light-dark(#8a5a00,#f0b429)}.critical{color:light-dark(#b00020,#ff7b89);font-weight:600}
            """;

    private final Supplier<Status> status;
    private final Supplier<Health> health;

    HealthRoutes(Supplier<Status> status, Supplier<Health> health) {
        this.status = status;
        this.health = health;
    }

    void route(HttpRouting.Builder routing) {
        routing.get("/health", this::answer);
    }

    private void answer(ServerRequest request, ServerResponse response) {
        Health now = health.get();
        if (now.state().equals("critical")) {
            response.status(io.helidon.http.Status.SERVICE_UNAVAILABLE_503);
        }
        boolean page = request.headers().first(HeaderNames.ACCEPT).orElse("").contains("text/html");
        response.header(HeaderValues.create("Vary", "Accept"));
        if (page) {
            response.header(HTML).header(POLICY);
            response.send(page(now).getBytes(StandardCharsets.UTF_8));
        } else {
            response.header(JSON).send(MAPPER.writeValueAsBytes(json(now)));
        }
    }

    private Map<String, Object> json(Health now) {
        Status state = status.get();
        var json = new LinkedHashMap<String, Object>();
        json.put("state", now.state());
        json.put("at", now.at());
        json.put("ready", state.ready());
        json.put("waitingFor", state.waitingFor());
        json.put("troubles", state.troubles());
        json.put("checks", now.checks());
        return json;
    }

    private static String page(Health now) {
        var html =
                new StringBuilder(
                        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                                + "<meta name=\"viewport\" content=\"width=device-width\">"
                                + "<meta http-equiv=\"refresh\" content=\"10\">"
                                + "<title>Firn: "
                                + now.state()
                                + "</title><style>"
                                + STYLE
                                + "</style></head><body><h1>Firn is <span class=\""
                                + now.state()
                                + "\">"
                                + now.state()
                                + "</span></h1><p>"
                                + now.at()
                                + "</p>");
        Map<String, List<Check>> sections =
                now.checks().stream()
                        .collect(
                                Collectors.groupingBy(
                                        Check::section, LinkedHashMap::new, Collectors.toList()));
        sections.forEach((name, checks) -> {
            html.append("<h2>")
                    .append(Section.valueOf(name.toUpperCase(Locale.ROOT)).title())
                    .append("</h2><table><tr><th>Check<th>State<th>Since<th>Figure<th>Limit")
                    .append("<th>What to do</tr>");
            checks.forEach(check -> html.append(row(check)));
            html.append("</table>");
        });
        return html.append("</body></html>\n").toString();
    }

    private static String row(Check check) {
        return "<tr><td>"
                + escaped(check.id())
                + "<td class=\""
                + check.state()
                + "\">"
                + check.state()
                + "<td>"
                + check.since()
                + "<td>"
                + escaped(check.figure())
                + "<td>"
                + escaped(check.limit())
                + "<td>"
                + escaped(check.advice())
                + "</tr>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}

package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The shipped alert rules speak of metrics that exist, and each has its page.
class RulesTest {
    private static final Path RULES = Path.of("../config/prometheus-rules.yml");
    private static final Path REFERENCE = Path.of("../docs/reference/metrics.md");
    private static final Pattern LISTED = Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) ");

    /// Made by Prometheus itself; or there only with an exporter that has a queue.
    private static final Set<String> FOREIGN =
            Set.of("up", "otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity");

    private record Rule(String alert, String expr, Map<?, ?> notes) {
        String note(String name) {
            return String.valueOf(notes.get(name));
        }
    }

    private static List<Rule> rules() throws IOException {
        var file =
                (Map<?, ?>)
                        new Load(LoadSettings.builder().build())
                                .loadFromString(Files.readString(RULES));
        var rules = new ArrayList<Rule>();
        for (Object group : (List<?>) file.get("groups")) {
            for (Object one : (List<?>) ((Map<?, ?>) group).get("rules")) {
                var rule = (Map<?, ?>) one;
                rules.add(
                        new Rule(
                                String.valueOf(rule.get("alert")),
                                String.valueOf(rule.get("expr")),
                                (Map<?, ?>) rule.get("annotations")));
            }
        }
        return rules;
    }

    private static void names(Expr expr, Set<String> into) {
        if (expr instanceof Expr.VectorSelector selector) {
            into.add(selector.name());
        } else if (expr instanceof Expr.MatrixSelector selector) {
            into.add(selector.vector().name());
        }
        expr.children().forEach(child -> names(child, into));
    }

    /// As `ReferencePagesTest` compares them with what runs.
    private static Set<String> exported() throws IOException {
        var names = new TreeSet<>(FOREIGN);
        Matcher listed = LISTED.matcher(Files.readString(REFERENCE));
        while (listed.find()) {
            names.add(listed.group(1) + (listed.group(2).equals("histogram") ? "_bucket" : ""));
        }
        assertThat(names).hasSizeGreaterThan(50);
        return names;
    }

    @Test
    void everyMetricThatARuleNamesIsExported() throws IOException {
        Set<String> exported = exported();
        for (Rule rule : rules()) {
            var named = new TreeSet<String>();
            names(Parser.parse(rule.expr(), Features.STABLE), named);
            assertThat(exported).as(rule.alert()).containsAll(named);
        }
    }

    @Test
    void everyAlertSaysWhatToDo() throws IOException {
        assertThat(rules()).hasSizeGreaterThan(20);
        for (Rule rule : rules()) {
            assertThat(rule.note("summary")).as(rule.alert()).isNotBlank();
            assertThat(rule.note("description")).as(rule.alert()).isNotBlank();
            Path page = Path.of("..").resolve(rule.note("runbook"));
            assertThat(page).exists();
            assertThat(Files.readString(page))
                    .as("the page quotes the rule")
                    .contains(rule.expr().strip());
        }
    }
}

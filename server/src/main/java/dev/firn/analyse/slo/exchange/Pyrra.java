package dev.firn.analyse.slo.exchange;

import dev.firn.analyse.slo.Budgeting;
import dev.firn.analyse.slo.Indicator;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloWindow;
import dev.firn.base.InputException;
import dev.firn.config.Quantity;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Documents of Pyrra, kind ServiceLevelObjective of `pyrra.dev/v1alpha1`
/// (github.com/pyrra-dev/pyrra, kubernetes/api/v1alpha1).
public final class Pyrra {
    private static final Pattern WINDOW = Pattern.compile("([1-9][0-9]{0,4})([mhdw])");
    private static final Map<String, Long> MINUTES =
            Map.of("m", 1L, "h", 60L, "d", 1440L, "w", 7 * 1440L);
    private static final String LABEL_PREFIX = "pyrra.dev/";
    private static final List<String> INDICATORS =
            List.of("ratio", "latency", "latencyNative", "bool_gauge");

    private Pyrra() {}

    /// Reads the objectives of a file.
    ///
    /// @throws InputException with all mistakes, and all that cannot be counted in events
    public static List<Slo> read(String file, String text) {
        var problems = new ArrayList<String>();
        var slos = new ArrayList<Slo>();
        for (Section document : YamlDocuments.read(file, text, problems)) {
            Slo slo = document(document);
            if (slo != null) {
                slos.add(slo);
            }
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return slos;
    }

    private static @Nullable Slo document(Section document) {
        document.word("apiVersion", "", "pyrra.dev/v1alpha1");
        document.word("kind", "", "ServiceLevelObjective");
        if (!document.has("apiVersion") || !document.has("kind")) {
            document.problem("kind", "expected kind: ServiceLevelObjective of pyrra.dev/v1alpha1");
        }
        Section metadata = document.section("metadata");
        String name = metadata.text("name", "");
        Map<String, String> labels = metadata.textMap("labels");
        metadata.keys(); // the rest is Kubernetes'
        Section spec = document.section("spec");
        document.raw("status");
        document.close();
        String target = spec.text("target", "");
        Matcher window = WINDOW.matcher(spec.text("window", ""));
        boolean readable = target.matches("[0-9]{1,2}(\\.[0-9]{1,9})?") && window.matches();
        if (!readable) {
            spec.problem("expected target: \"99.5\" and window: 4w");
        }
        String description = spec.text("description", "");
        Indicator indicator = indicator(spec.section("indicator"));
        Slo.Alerting alerting = alerting(spec.section("alerting"));
        spec.raw("partial_response_strategy");
        spec.raw("performance_over_accuracy");
        spec.close();
        if (indicator == null || !readable) {
            return null;
        }
        return new Slo(
                name,
                "",
                description,
                metadata.text("namespace", name),
                indicator,
                new BigDecimal(target).movePointLeft(2),
                new SloWindow.Rolling(Integer.parseInt(window.group(1)) * minutes(window.group(2))),
                new Budgeting.Occurrences(),
                alerting,
                own(labels),
                document.place());
    }

    private static long minutes(String unit) {
        return MINUTES.getOrDefault(unit, 1L);
    }

    /// Labels that Pyrra gives to its rules.
    private static Map<String, String> own(Map<String, String> labels) {
        var own = new LinkedHashMap<String, String>();
        labels.forEach((name, value) -> {
            if (name.startsWith(LABEL_PREFIX)) {
                own.put(name.substring(LABEL_PREFIX.length()), value);
            }
        });
        return own;
    }

    private static Slo.Alerting alerting(Section alerting) {
        boolean burns = alerting.bool("burnrates", true) && !alerting.bool("disabled", false);
        String name = alerting.text("name", "");
        alerting.raw("absent");
        alerting.raw("absentName");
        alerting.raw("severities");
        alerting.close();
        return new Slo.Alerting(name, burns, burns);
    }

    private static @Nullable Indicator indicator(Section indicator) {
        List<String> kinds = INDICATORS.stream().filter(indicator::has).toList();
        if (kinds.size() != 1) {
            indicator.problem("expected one of " + String.join(", ", INDICATORS));
            return null;
        }
        String kind = kinds.getFirst();
        Section section = indicator.section(kind);
        indicator.close();
        List<String> grouping = section.texts("grouping");
        Indicator read = null;
        try {
            read =
                    switch (kind) {
                        case "ratio" ->
                                PromIndicator.ratio(
                                        part(section, "errors"), part(section, "total"), grouping);
                        case "latency" ->
                                PromIndicator.within(
                                        part(section, "success"), part(section, "total"), grouping);
                        case "latencyNative" ->
                                PromIndicator.within(
                                        part(section, "total"), seconds(section), grouping);
                        default ->
                                PromIndicator.up(
                                        PromQuery.selector(section.text("metric", "")), grouping);
                    };
        } catch (IllegalArgumentException e) {
            section.problem(e.getMessage() + "");
        }
        section.close();
        return read;
    }

    private static PromQuery.Selector part(Section section, String key) {
        Section query = section.section(key);
        String text = query.text("metric", "");
        query.close();
        return PromQuery.selector(text);
    }

    private static BigDecimal seconds(Section section) {
        return BigDecimal.valueOf(Quantity.nanos(section.text("latency", "")), 9)
                .stripTrailingZeros();
    }
}

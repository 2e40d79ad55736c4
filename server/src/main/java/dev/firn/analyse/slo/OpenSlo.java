package dev.firn.analyse.slo;

import dev.firn.base.InputException;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads objectives in OpenSLO's form, version 1 (github.com/OpenSLO/OpenSLO), strictly: every
/// mistake with file and line, unknown keys refused.
///
/// Beyond the specification: metric sources of type Firn, budgeting method RatioTimeslices, and the
/// annotations `firn.dev/empty-slices` (good, ignore, bad), `firn.dev/alert-name` and
/// `firn.dev/alerts` (both, page, ticket, none).
public final class OpenSlo {
    static final String EMPTY_SLICES = "firn.dev/empty-slices";
    static final String ALERT_NAME = "firn.dev/alert-name";
    static final String ALERTS = "firn.dev/alerts";

    private static final int DESCRIPTION_MAX = 1050;
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[-a-z0-9.]{0,253}[a-z0-9])?");
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([mhdwMQY])");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,12}(?:\\.[0-9]{1,12})?");
    private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

    private final List<String> problems = new ArrayList<>();
    private final Map<String, Section> indicators = new HashMap<>();
    private final List<Slo> slos = new ArrayList<>();

    private OpenSlo() {}

    /// Reads objectives of several files.
    ///
    /// @param texts by file name
    /// @throws InputException with all mistakes, one a line
    public static List<Slo> read(Map<String, String> texts) {
        var reader = new OpenSlo();
        var documents = new ArrayList<Section>();
        texts.forEach((file, text) -> {
            try {
                documents.addAll(YamlDocuments.read(file, text, reader.problems));
            } catch (InputException e) {
                reader.problems.add(Objects.requireNonNull(e.getMessage()));
            }
        });
        documents.stream().filter(OpenSlo::isIndicator).forEach(reader::indicator);
        documents.stream().filter(one -> !isIndicator(one)).forEach(reader::document);
        reader.checkNames();
        if (!reader.problems.isEmpty()) {
            throw new InputException(
                    String.join("\n", reader.problems.stream().distinct().toList()));
        }
        return List.copyOf(reader.slos);
    }

    private static boolean isIndicator(Section document) {
        return document.text("kind", "").equals("SLI");
    }

    private void checkNames() {
        var places = new HashMap<String, String>();
        for (Slo slo : slos) {
            String before = places.putIfAbsent(slo.name(), slo.place());
            if (before != null) {
                problems.add(
                        slo.place()
                                + ": metadata.name: \""
                                + slo.name()
                                + "\" is the name of another objective, at "
                                + before);
            }
        }
    }

    private void indicator(Section document) {
        version(document);
        Metadata metadata = metadata(document.section("metadata"));
        indicators.put(metadata.name(), document.section("spec"));
        document.close();
    }

    private void document(Section document) {
        version(document);
        switch (document.word("kind", "", "SLO", "SLI", "Service")) {
            case "SLO" -> slo(document);
            case "Service" -> {
                metadata(document.section("metadata"));
                Section spec = document.section("spec");
                spec.text("description", "");
                spec.close();
                document.close();
            }
            default -> {
                if (!document.has("kind")) {
                    document.problem("kind", "is missing; expected SLO, SLI or Service");
                }
            }
        }
    }

    private static void version(Section document) {
        if (document.word("apiVersion", "", "openslo/v1").isEmpty()
                && !document.has("apiVersion")) {
            document.problem("apiVersion", "is missing; write openslo/v1");
        }
    }

    private record Metadata(
            String name, String displayName, Map<String, String> labels, Section annotations) {}

    private static Metadata metadata(Section section) {
        String name = section.text("name", "");
        if (!NAME.matcher(name).matches()) {
            section.problem(
                    "name", "\"" + name + "\" is no name: write small letters, digits, - and .");
        }
        String displayName = section.text("displayName", "");
        Map<String, String> labels = section.textMap("labels");
        Section annotations = section.section("annotations");
        section.close();
        return new Metadata(name, displayName, labels, annotations);
    }

    private void slo(Section document) {
        Metadata metadata = metadata(document.section("metadata"));
        Section spec = document.section("spec");
        document.close();
        String description = spec.text("description", "");
        if (description.length() > DESCRIPTION_MAX) {
            spec.problem("description", "is longer than " + DESCRIPTION_MAX + " characters");
        }
        String service = spec.text("service", "");
        if (service.isEmpty()) {
            spec.problem("service", "is missing");
        }
        spec.refuse(
                "alerts follow the table of burn rates; take this out, or choose with the annotation "
                        + ALERTS,
                "alertPolicies");
        SloWindow window = window(spec);
        String method =
                spec.word(
                        "budgetingMethod",
                        "Occurrences",
                        "Occurrences",
                        "Timeslices",
                        "RatioTimeslices");
        Budgeting.Empty empty = empty(metadata.annotations());
        Slo.Alerting alerting = alerting(metadata.annotations());
        metadata.annotations().keys(); // those of others are theirs
        List<Section> objectives = spec.sections("objectives");
        if (objectives.isEmpty()) {
            spec.problem("objectives", "expected a list with at least one objective");
        }
        Section sli = sli(spec);
        spec.close();
        for (int i = 0; i < objectives.size(); i++) {
            Section objective = objectives.get(i);
            BigDecimal target = target(objective);
            Budgeting budgeting = budgeting(method, objective, empty);
            BigDecimal threshold = threshold(objective);
            String displayName = objective.text("displayName", metadata.displayName());
            objective.close();
            Indicator indicator = sli == null ? null : IndicatorReader.read(sli, threshold);
            if (target != null && window != null && budgeting != null && indicator != null) {
                slos.add(
                        new Slo(
                                objectives.size() == 1
                                        ? metadata.name()
                                        : metadata.name() + "-" + (i + 1),
                                displayName,
                                description,
                                service,
                                indicator,
                                target,
                                window,
                                budgeting,
                                alerting,
                                metadata.labels(),
                                document.place()));
            }
        }
    }

    private @Nullable Section sli(Section spec) {
        boolean inline = spec.has("indicator");
        if (inline == spec.has("indicatorRef")) {
            spec.problem("expected either indicator or indicatorRef");
            return null;
        }
        if (inline) {
            Section indicator = spec.section("indicator");
            if (indicator.has("metadata")) {
                metadata(indicator.section("metadata"));
            }
            Section sli = indicator.section("spec");
            indicator.close();
            return sli;
        }
        String name = spec.text("indicatorRef", "");
        Section found = indicators.get(name);
        if (found == null) {
            String near = dev.firn.config.Nearest.of(name, indicators.keySet());
            spec.problem(
                    "indicatorRef",
                    "there is no SLI \""
                            + name
                            + "\" in these files"
                            + (near.isEmpty() ? "" : "; did you mean \"" + near + "\"?"));
        }
        return found;
    }

    private static Budgeting.Empty empty(Section annotations) {
        return Budgeting.Empty.valueOf(
                annotations
                        .word(EMPTY_SLICES, "ignore", "good", "ignore", "bad")
                        .toUpperCase(java.util.Locale.ROOT));
    }

    private static Slo.Alerting alerting(Section annotations) {
        String which = annotations.word(ALERTS, "both", "both", "page", "ticket", "none");
        return new Slo.Alerting(
                annotations.text(ALERT_NAME, ""),
                which.equals("both") || which.equals("page"),
                which.equals("both") || which.equals("ticket"));
    }

    private static @Nullable SloWindow window(Section spec) {
        List<Section> windows = spec.sections("timeWindow");
        if (windows.size() != 1) {
            spec.problem("timeWindow", "expected a list with exactly one window");
            return null;
        }
        Section window = windows.getFirst();
        Matcher duration = DURATION.matcher(window.text("duration", ""));
        boolean calendar = window.has("calendar");
        boolean rolling = window.bool("isRolling", !calendar);
        Section start = window.section("calendar");
        SloWindow read = null;
        if (!duration.matches()) {
            window.problem("duration", "expected a number and one of m, h, d, w, M, Q, Y: 28d");
        } else if (rolling == calendar) {
            window.problem("isRolling", "a window is either rolling or has a calendar");
        } else {
            int count = Integer.parseInt(duration.group(1));
            read =
                    rolling
                            ? rolling(window, count, unit(duration.group(2)))
                            : calendar(window, start, count, unit(duration.group(2)));
        }
        start.keys();
        window.close();
        return read;
    }

    private static SloWindow.Unit unit(String letter) {
        for (SloWindow.Unit unit : SloWindow.Unit.values()) {
            if (unit.letter() == letter.charAt(0)) {
                return unit;
            }
        }
        throw new IllegalArgumentException(letter);
    }

    private static @Nullable SloWindow rolling(Section window, int count, SloWindow.Unit unit) {
        if (!unit.fixed()) {
            window.problem("duration", "a rolling window has no months; write days, such as 30d");
            return null;
        }
        long minutes = count * unit.minutes();
        if (minutes > Minutes.MINUTES_MAX) {
            window.problem("duration", "is longer than two years");
            return null;
        }
        return new SloWindow.Rolling(minutes);
    }

    private static @Nullable SloWindow calendar(
            Section window, Section calendar, int count, SloWindow.Unit unit) {
        String start = calendar.text("startTime", "");
        String zone = calendar.text("timeZone", "UTC");
        calendar.close();
        try {
            LocalDateTime local =
                    start.isEmpty()
                            ? EPOCH
                            : LocalDateTime.parse(
                                    start.replace(' ', 'T')
                                            + (start.contains(":") ? "" : "T00:00"));
            return new SloWindow.Calendar(unit, count, local, ZoneId.of(zone));
        } catch (DateTimeException e) {
            window.problem(
                    "calendar",
                    "expected startTime: 2026-01-01 00:00:00 and timeZone: a name such as"
                            + " America/New_York, not \""
                            + start
                            + "\" and \""
                            + zone
                            + "\"");
            return null;
        } catch (IllegalArgumentException e) {
            window.problem("duration", e.getMessage() + "");
            return null;
        }
    }

    private static @Nullable BigDecimal target(Section objective) {
        boolean percent = objective.has("targetPercent");
        if (percent == objective.has("target")) {
            objective.problem("expected either target or targetPercent");
            return null;
        }
        String key = percent ? "targetPercent" : "target";
        return decimal(objective, key)
                .map(value -> percent ? value.movePointLeft(2) : value)
                .filter(value -> below(objective, key, value, true))
                .orElse(null);
    }

    private static boolean below(
            Section objective, String key, BigDecimal value, boolean strictly) {
        int compared = value.compareTo(BigDecimal.ONE);
        boolean good = value.signum() >= 0 && (strictly ? compared < 0 : compared <= 0);
        if (!good) {
            objective.problem(
                    key,
                    "is outside 0 to 1"
                            + (strictly ? " (100 %), which leaves no budget," : "")
                            + " as a share");
        }
        return good;
    }

    private static @Nullable BigDecimal threshold(Section objective) {
        boolean given = objective.has("value");
        if (given != objective.has("op")) {
            objective.problem("op", "op and value go together");
        }
        if (!given) {
            return null;
        }
        if (!objective.text("op", "").equals("lte")) {
            objective.problem("op", "bounds of buckets are inclusive; write lte");
        }
        return decimal(objective, "value")
                .filter(value -> {
                    if (value.signum() <= 0) {
                        objective.problem("value", "a threshold is above 0, in seconds");
                    }
                    return value.signum() > 0;
                })
                .orElse(null);
    }

    private static @Nullable Budgeting budgeting(
            String method, Section objective, Budgeting.Empty empty) {
        if (method.equals("Occurrences")) {
            objective.refuse(
                    "belongs to budgetingMethod: Timeslices", "timeSliceTarget", "timeSliceWindow");
            return new Budgeting.Occurrences();
        }
        int minutes = sliceMinutes(objective);
        if (method.equals("RatioTimeslices")) {
            return minutes == 0 ? null : new Budgeting.RatioTimeslices(minutes, empty);
        }
        BigDecimal target =
                decimal(objective, "timeSliceTarget")
                        .filter(value -> below(objective, "timeSliceTarget", value, false))
                        .orElse(null);
        return target == null || minutes == 0
                ? null
                : new Budgeting.Timeslices(target, minutes, empty);
    }

    /// 0 with a mistake noted.
    private static int sliceMinutes(Section objective) {
        String text = objective.text("timeSliceWindow", "");
        Matcher duration = DURATION.matcher(text.matches("[0-9]+") ? text + "m" : text);
        if (duration.matches() && unit(duration.group(2)).fixed()) {
            long minutes = Integer.parseInt(duration.group(1)) * unit(duration.group(2)).minutes();
            if (minutes <= 1440) {
                return (int) minutes;
            }
        }
        objective.problem("timeSliceWindow", "expected 1m to 1d, not \"" + text + "\"");
        return 0;
    }

    private static Optional<BigDecimal> decimal(Section section, String key) {
        String text = section.text(key, "");
        if (!NUMBER.matcher(text).matches()) {
            section.problem(key, "\"" + text + "\" is not a number such as 99.9");
            return Optional.empty();
        }
        return Optional.of(new BigDecimal(text));
    }
}

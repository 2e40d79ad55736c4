package dev.firn.query.promql.script;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.script.Command.Expected;
import dev.firn.query.promql.script.Command.Row;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Collects the lines below an `eval`.
final class ExpectedLines {
    private static final Pattern EXPECT =
            Pattern.compile(
                    "expect\\s+(ordered|fail|warn|no_warn|info|no_info)(?:\\s+(regex|msg):(.+))?");
    private static final Pattern EXPECT_RANGE =
            Pattern.compile("expect range vector\\s+from\\s+(.+)\\s+to\\s+(.+)\\s+step\\s+(.+)");
    private static final Command.Pattern ANY =
            new Command.Pattern(null, com.google.re2j.Pattern.compile(""));

    private final boolean instant;
    private final boolean anyWarning;
    private final boolean anyInfo;
    private boolean ordered;
    private boolean fails;
    private boolean noWarning;
    private boolean noInfo;
    private final List<Command.Pattern> failure = new ArrayList<>();
    private final List<Command.Pattern> warnings = new ArrayList<>();
    private final List<Command.Pattern> infos = new ArrayList<>();
    private final Map<Labels, Row> rows = new LinkedHashMap<>();
    private @Nullable Double scalar;
    private @Nullable String text;
    private @Nullable Range range;
    private int position;

    /// A range vector that an instant query yields.
    record Range(long start, long end, long step) {}

    ExpectedLines(String mode, boolean instant) {
        this.instant = instant;
        this.ordered = mode.equals("ordered");
        this.fails = mode.equals("fail");
        this.anyWarning = mode.equals("warn");
        this.anyInfo = mode.equals("info");
    }

    /// False if no line may follow.
    boolean add(String line) {
        if (fails && line.startsWith("expected_fail_message")) {
            failure.add(
                    new Command.Pattern(
                            line.substring("expected_fail_message".length()).strip(), null));
            return false;
        }
        if (fails && line.startsWith("expected_fail_regexp")) {
            String regex = line.substring("expected_fail_regexp".length()).strip();
            failure.add(new Command.Pattern(null, com.google.re2j.Pattern.compile(regex)));
            return false;
        }
        if (line.startsWith("expect range vector")) {
            rangeVector(line);
        } else if (line.startsWith("expect string")) {
            text(line.substring("expect string".length()).strip());
        } else if (line.split("[\t ]", 2)[0].equals("expect")) {
            expect(line);
        } else if (ScriptParser.isNumber(line)) {
            scalar = GoNumber.parse(line).orElseThrow();
            return false;
        } else {
            row(line);
        }
        return true;
    }

    private void rangeVector(String line) {
        Matcher matcher = EXPECT_RANGE.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("invalid range vector definition \"" + line + "\"");
        }
        range =
                new Range(
                        ScriptParser.millis(matcher.group(1)),
                        ScriptParser.millis(matcher.group(2)),
                        ScriptParser.millis(matcher.group(3)));
    }

    private void text(String literal) {
        if (!(Parser.parse(literal, Features.STABLE) instanceof Expr.StringLiteral string)) {
            throw new IllegalArgumentException("a quoted string literal is required");
        }
        text = string.value();
    }

    private void expect(String line) {
        Matcher matcher = EXPECT.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "invalid expect statement, must match `expect <type> <match_type>: <string>`"
                            + " format");
        }
        Command.Pattern pattern = ANY;
        if (matcher.group(2) != null) {
            String argument = matcher.group(3).strip();
            pattern =
                    matcher.group(2).equals("msg")
                            ? new Command.Pattern(argument, null)
                            : new Command.Pattern(null, com.google.re2j.Pattern.compile(argument));
        }
        switch (matcher.group(1)) {
            case "ordered" -> ordered = true;
            case "warn" -> warnings.add(pattern);
            case "info" -> infos.add(pattern);
            case "no_warn" -> noWarning = true;
            case "no_info" -> noInfo = true;
            default -> {
                fails = true;
                failure.add(pattern);
            }
        }
    }

    private void row(String line) {
        SeriesLine series = SeriesLine.parse(line);
        if (instant && range == null && series.values().size() > 1) {
            throw new IllegalArgumentException(
                    "expecting multiple values in instant evaluation not allowed. consider using"
                            + " 'expect range vector' directive to enable a range vector result for"
                            + " an instant query");
        }
        rows.put(series.labels(), new Row(++position, series.values()));
    }

    @Nullable Range range() {
        return range;
    }

    Expected expected() {
        return new Expected(
                ordered,
                fails,
                failure,
                anyWarning,
                anyInfo,
                warnings,
                infos,
                noWarning,
                noInfo,
                scalar,
                text,
                rows,
                range != null || text != null);
    }
}

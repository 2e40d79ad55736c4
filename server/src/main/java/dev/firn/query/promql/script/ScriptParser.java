package dev.firn.query.promql.script;

import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.script.Command.Eval;
import dev.firn.query.promql.script.Command.Load;
import dev.firn.query.promql.script.Command.Loaded;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads scripts: commands in lines, each with indented lines below, up to an empty one.
final class ScriptParser {
    private static final Pattern LOAD = Pattern.compile("load(?:_(with_nhcb))?\\s+(.+?)");
    private static final Pattern INSTANT =
            Pattern.compile(
                    "eval(?:_(fail|warn|ordered|info))?\\s+instant\\s+(?:at\\s+(.+?))?\\s+(.+)");
    private static final Pattern RANGE =
            Pattern.compile(
                    "eval(?:_(fail|warn|info))?\\s+range\\s+from\\s+(.+)\\s+to\\s+(.+)\\s+step\\s+(.+?)\\s+(.+)");

    private final List<String> lines;
    private int at;

    private ScriptParser(String script) {
        this.lines =
                script.lines()
                        .map(String::strip)
                        .map(line -> line.startsWith("#") ? "" : line)
                        .toList();
    }

    static List<Command> parse(String script) {
        var parser = new ScriptParser(script);
        var commands = new ArrayList<Command>();
        while (parser.at < parser.lines.size()) {
            String line = parser.lines.get(parser.at);
            if (line.isEmpty()) {
                parser.at++;
            } else {
                commands.add(parser.command(line));
            }
        }
        return commands;
    }

    private Command command(String line) {
        String word = line.split("[\t ]+", 2)[0].toLowerCase(Locale.ROOT);
        int number = at + 1;
        try {
            if (word.equals("clear")) {
                at++;
                return new Command.Clear();
            }
            if (word.startsWith("load")) {
                return load(line);
            }
            if (word.startsWith("eval")) {
                return eval(line);
            }
        } catch (IllegalArgumentException | ParseException e) {
            throw new ScriptException(Math.max(number, at + 1), String.valueOf(e.getMessage()));
        }
        throw new ScriptException(number, "invalid command \"" + line + "\"");
    }

    /// The next line of the command, or empty at its end.
    private String body() {
        at++;
        return at < lines.size() ? lines.get(at) : "";
    }

    private Command load(String line) {
        Matcher matcher = LOAD.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "invalid load command. (load[_with_nhcb] <step:duration>)");
        }
        var series = new ArrayList<Loaded>();
        List<SequenceValue> starts = List.of();
        for (String row = body(); !row.isEmpty(); row = body()) {
            if (row.split("[\t ]", 2)[0].endsWith("@st")) {
                starts = StartTimeLine.parse(row.split("[\t ]+", 2)[1]);
                continue;
            }
            SeriesLine parsed = SeriesLine.parse(row);
            if (!starts.isEmpty() && starts.size() != parsed.values().size()) {
                throw new IllegalArgumentException(
                        "@st line has "
                                + starts.size()
                                + " values but sample line has "
                                + parsed.values().size());
            }
            series.add(new Loaded(parsed, starts));
            starts = List.of();
        }
        return new Load(millis(matcher.group(2)), matcher.group(1) != null, series);
    }

    private Command eval(String line) {
        int number = at + 1;
        Matcher instant = INSTANT.matcher(line);
        Matcher range = RANGE.matcher(line);
        boolean isInstant = instant.matches();
        if (!isInstant && !range.matches()) {
            throw new IllegalArgumentException(
                    "invalid evaluation command. Must be either 'eval[_fail|_warn|_ordered] instant"
                            + " [at <offset:duration>] <query>' or 'eval[_fail|_warn] range from"
                            + " <from> to <to> step <step> <query>'");
        }
        String query = isInstant ? instant.group(3) : range.group(5);
        Parser.parse(query, Features.ALL);
        String mode = isInstant ? instant.group(1) : range.group(1);
        var expected = new ExpectedLines(mode == null ? "" : mode, isInstant);
        for (String row = body(); !row.isEmpty(); row = body()) {
            if (!expected.add(row)) {
                at++;
                break;
            }
        }
        long start = millis(isInstant ? instant.group(2) : range.group(2));
        long end = isInstant ? start : millis(range.group(3));
        long step = isInstant ? 1 : millis(range.group(4));
        ExpectedLines.Range of = expected.range();
        return of == null
                ? new Eval(number, query, !isInstant, start, end, step, expected.expected())
                : new Eval(
                        number, query, false, of.start(), of.end(), of.step(), expected.expected());
    }

    static long millis(String duration) {
        boolean negative = duration.startsWith("-");
        long millis =
                Durations.parseMillis(negative ? duration.substring(1) : duration)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "not a valid duration string: \"" + duration + "\""));
        return negative ? -millis : millis;
    }

    static boolean isNumber(String text) {
        return GoNumber.parse(text).isPresent();
    }
}

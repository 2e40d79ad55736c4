package dev.firn.query.promql.script;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Start times of a series, relative to its samples, in milliseconds: `-1m -1m-1mx3 _x2`.
final class StartTimeLine {
    private static final String DURATION = "[0-9]+(?:[0-9]*[a-wyz]+)*";
    private static final Pattern ITEM =
            Pattern.compile("([+-]?" + DURATION + ")(?:([+-]" + DURATION + ")?x([0-9]+))?");
    private static final Pattern GAP = Pattern.compile("_(?:x([0-9]+))?");

    private StartTimeLine() {}

    static List<SequenceValue> parse(String text) {
        var values = new ArrayList<SequenceValue>();
        for (String item : text.strip().split("\\s+")) {
            Matcher gap = GAP.matcher(item);
            Matcher duration = ITEM.matcher(item);
            if (gap.matches()) {
                int times = gap.group(1) == null ? 1 : Integer.parseInt(gap.group(1));
                for (int i = 0; i < times; i++) {
                    values.add(SequenceValue.OMITTED);
                }
            } else if (duration.matches()) {
                repeat(duration, values);
            } else {
                throw new IllegalArgumentException("invalid ST item \"" + item + "\"");
            }
        }
        return values;
    }

    private static void repeat(Matcher item, List<SequenceValue> values) {
        long value = millis(item.group(1));
        long step = item.group(2) == null ? 0 : millis(item.group(2));
        int times = item.group(3) == null ? 0 : Integer.parseInt(item.group(3));
        for (int i = 0; i <= times; i++) {
            values.add(SequenceValue.of(value + i * step));
        }
    }

    private static long millis(String text) {
        return ScriptParser.millis(text.startsWith("+") ? text.substring(1) : text);
    }
}

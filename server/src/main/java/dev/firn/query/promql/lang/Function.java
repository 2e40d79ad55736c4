package dev.firn.query.promql.lang;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The signature of a function.
///
/// @param optional how many of the last kind of argument may be left out or added: 0 none, n up to
///   n, -1 any number
public record Function(
        String name,
        List<ValueType> arguments,
        int optional,
        ValueType returns,
        boolean experimental) {
    /// Letters: `V` instant vector, `S` scalar, `M` range vector, `T` string. After the arguments:
    /// `?` the last may be missing, `*` the last may be repeated or missing, `+n` the last may be
    /// missing or repeated, n in all. `!` experimental.
    private static final String ALL =
            """
             V abs V
             V absent V
             V absent_over_time M
             V acos V
             V acosh V
             V asin V
             V asinh V
             V atan V
             V atanh V
             V avg_over_time M
             V ceil V
             V changes M
             V clamp VSS
             V clamp_max VS
             V clamp_min VS
             V cos V
             V cosh V
             V count_over_time M
             V day_of_month V?
             V day_of_week V?
             V day_of_year V?
             V days_in_month V?
             V deg V
             V delta M
             V deriv M
            !V double_exponential_smoothing MSS
            !S end -
             V exp V
             V first_over_time M
             V floor V
             V histogram_avg V
             V histogram_count V
             V histogram_fraction SSV
             V histogram_quantile SV
            !V histogram_quantiles VTSS+9
             V histogram_stddev V
             V histogram_stdvar V
             V histogram_sum V
             V hour V?
             V idelta M
             V increase M
            !V info VV?
             V irate M
             V label_join VTTT*
             V label_replace VTTTT
             V last_over_time M
             V ln V
             V log10 V
             V log2 V
            !V mad_over_time M
            !S max_of SS
             V max_over_time M
            !S min_of SS
             V min_over_time M
             V minute V?
             V month V?
             S pi -
             V predict_linear MS
             V present_over_time M
             V quantile_over_time SM
             V rad V
            !S range -
             V rate M
             V resets M
             V round VS?
             S scalar V
             V sgn V
             V sin V
             V sinh V
             V sort V
            !V sort_by_label VT*
            !V sort_by_label_desc VT*
             V sort_desc V
             V sqrt V
            !S start -
            !V start_timestamp V
             V stddev_over_time M
             V stdvar_over_time M
            !S step -
             V sum_over_time M
             V tan V
             V tanh V
             S time -
             V timestamp V
            !V ts_of_first_over_time M
            !V ts_of_last_over_time M
            !V ts_of_max_over_time M
            !V ts_of_min_over_time M
             V vector S
             V year V?
            """;

    private static final SortedMap<String, Function> BY_NAME = read();

    private static SortedMap<String, Function> read() {
        var functions = new TreeMap<String, Function>();
        for (String line : ALL.lines().toList()) {
            String[] part = line.strip().split(" ");
            boolean experimental = part[0].startsWith("!");
            ValueType returns = type(part[0].charAt(experimental ? 1 : 0));
            var arguments = new ArrayList<ValueType>();
            int optional = 0;
            for (int i = 0; i < part[2].length(); i++) {
                char c = part[2].charAt(i);
                switch (c) {
                    case '?' -> optional = 1;
                    case '*' -> optional = -1;
                    case '+' -> optional = part[2].charAt(i + 1) - '0';
                    case 'V', 'S', 'M', 'T' -> arguments.add(type(c));
                    default -> {}
                }
            }
            functions.put(
                    part[1],
                    new Function(part[1], List.copyOf(arguments), optional, returns, experimental));
        }
        return functions;
    }

    private static ValueType type(char letter) {
        return switch (letter) {
            case 'V' -> ValueType.VECTOR;
            case 'S' -> ValueType.SCALAR;
            case 'M' -> ValueType.MATRIX;
            default -> ValueType.STRING;
        };
    }

    /// The function of this name, or null.
    public static @Nullable Function of(String name) {
        return BY_NAME.get(name);
    }

    /// All functions by name.
    public static SortedMap<String, Function> all() {
        return Collections.unmodifiableSortedMap(BY_NAME);
    }
}

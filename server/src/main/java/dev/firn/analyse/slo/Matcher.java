package dev.firn.analyse.slo;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A condition on one attribute of a series. An attribute that is missing counts as the empty text,
/// as in PromQL.
///
/// @param attributes names of which the first that is present and not empty counts: both semantic
///   conventions in one condition
/// @param op how the value is compared
/// @param value text, or for the two kinds of matching a regular expression of the whole value
public record Matcher(List<String> attributes, Op op, String value) {
    /// The four of PromQL.
    public enum Op {
        EQUALS("equals", "="),
        NOT_EQUALS("notEquals", "!="),
        MATCHES("matches", "=~"),
        NOT_MATCHES("notMatches", "!~");

        private final String key;
        private final String sign;

        Op(String key, String sign) {
            this.key = key;
            this.sign = sign;
        }

        /// The key in definitions.
        public String key() {
            return key;
        }

        /// PromQL's sign.
        public String sign() {
            return sign;
        }
    }

    /// @throws java.util.regex.PatternSyntaxException if the value must be a regular expression and
    ///   is none
    public Matcher {
        attributes = List.copyOf(attributes);
        if (attributes.isEmpty()) {
            throw new IllegalArgumentException("a condition needs an attribute");
        }
        if (op == Op.MATCHES || op == Op.NOT_MATCHES) {
            Pattern.compile(value);
        }
    }

    /// Whether a series with these attributes fulfils it.
    public boolean holds(Map<String, String> of) {
        String actual = value(attributes, of);
        return switch (op) {
            case EQUALS -> actual.equals(value);
            case NOT_EQUALS -> !actual.equals(value);
            case MATCHES -> Pattern.matches(value, actual);
            case NOT_MATCHES -> !Pattern.matches(value, actual);
        };
    }

    /// Whether all of them hold.
    static boolean all(List<Matcher> matchers, Map<String, String> of) {
        return matchers.stream().allMatch(one -> one.holds(of));
    }

    /// The first of several attributes that is there.
    static String value(List<String> names, Map<String, String> of) {
        for (String name : names) {
            String value = of.getOrDefault(name, "");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }
}

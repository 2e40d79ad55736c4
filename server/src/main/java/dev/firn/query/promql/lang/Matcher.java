package dev.firn.query.promql.lang;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// A condition on one label; a missing label counts as an empty value. Regular expressions are
/// RE2's, anchored at both ends, and take linear time.
public final class Matcher {
    /// How value and label are compared.
    public enum Type {
        EQUAL("="),
        NOT_EQUAL("!="),
        REGEX("=~"),
        NOT_REGEX("!~");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /// As it is written.
        public String text() {
            return text;
        }
    }

    private final Type type;
    private final String name;
    private final String value;
    private final @Nullable Pattern pattern;

    /// Throws [IllegalArgumentException] on a regular expression that is none.
    public Matcher(Type type, String name, String value) {
        this.type = type;
        this.name = name;
        this.value = value;
        this.pattern = type == Type.REGEX || type == Type.NOT_REGEX ? compile(value) : null;
    }

    private static Pattern compile(String value) {
        try {
            return Pattern.compile("^(?s:" + value + ")$");
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("error parsing regexp: " + e.getDescription(), e);
        }
    }

    public Type type() {
        return type;
    }

    public String name() {
        return name;
    }

    public String value() {
        return value;
    }

    /// Whether a label with this value passes.
    public boolean matches(String label) {
        return switch (type) {
            case EQUAL -> value.equals(label);
            case NOT_EQUAL -> !value.equals(label);
            case REGEX -> pattern != null && pattern.matches(label);
            case NOT_REGEX -> pattern != null && !pattern.matches(label);
        };
    }

    @Override
    public String toString() {
        return Quoting.labelName(name) + type.text() + Quoting.quote(value);
    }
}

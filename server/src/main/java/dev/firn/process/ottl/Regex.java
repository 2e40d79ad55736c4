package dev.firn.process.ottl;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A regular expression of RE2, as Go has it: linear time whatever the text, unanchored, `$1` and
/// `${name}` in replacements. Thread-safe.
public final class Regex {
    private final Pattern pattern;

    private Regex(Pattern pattern) {
        this.pattern = pattern;
    }

    /// @throws IllegalArgumentException with a message for the user
    public static Regex of(String text) {
        try {
            return new Regex(Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "\""
                            + text
                            + "\" is no regular expression of RE2: "
                            + String.valueOf(e.getDescription()));
        }
    }

    /// Whether it matches somewhere in the text.
    public boolean finds(String text) {
        return pattern.matcher(text).find();
    }

    /// The first match, for its groups; null if there is none.
    public @Nullable Matcher first(String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher : null;
    }

    /// Number of groups.
    public int groups() {
        return pattern.groupCount();
    }

    /// Named groups by name.
    public Map<String, Integer> names() {
        return pattern.namedGroups();
    }

    /// All matches replaced; an empty match directly behind another one is none.
    String replaceAll(String text, String template) {
        Matcher matcher = pattern.matcher(text);
        var out = new StringBuilder();
        int end = 0;
        int lastEnd = -1;
        while (matcher.find()) {
            if (matcher.start() == matcher.end() && matcher.start() == lastEnd) {
                continue;
            }
            out.append(text, end, matcher.start());
            expand(matcher, template, out);
            end = matcher.end();
            lastEnd = end;
        }
        return out.append(text, end, text.length()).toString();
    }

    private void expand(Matcher matcher, String template, StringBuilder out) {
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at++);
            if (c != '$') {
                out.append(c);
                continue;
            }
            if (at < template.length() && template.charAt(at) == '$') {
                out.append('$');
                at++;
                continue;
            }
            boolean brace = at < template.length() && template.charAt(at) == '{';
            int from = brace ? at + 1 : at;
            int to = from;
            while (to < template.length()
                    && (Character.isLetterOrDigit(template.charAt(to))
                            || template.charAt(to) == '_')) {
                to++;
            }
            if (to == from || (brace && (to == template.length() || template.charAt(to) != '}'))) {
                out.append('$'); // malformed: as it stands
                continue;
            }
            String group = group(matcher, template.substring(from, to));
            out.append(group == null ? "" : group);
            at = brace ? to + 1 : to;
        }
    }

    private @Nullable String group(Matcher matcher, String name) {
        if (name.length() < 9 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            boolean plain = name.length() == 1 || name.charAt(0) != '0';
            int number = Integer.parseInt(name);
            return plain && number <= pattern.groupCount() ? matcher.group(number) : null;
        }
        Integer number = pattern.namedGroups().get(name);
        return number == null ? null : matcher.group(number);
    }
}

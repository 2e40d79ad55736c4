package dev.firn.config;

import dev.firn.base.InputException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The Collector's `${env:NAME}`, `${NAME}`, `${env:NAME:-default}` and `$$`.
final class Expansion {
    private Expansion() {}

    static String expand(
            String place, String text, Function<String, @Nullable String> environment) {
        if (text.indexOf('$') < 0) {
            return text;
        }
        var out = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '$' && text.startsWith("$$", at)) {
                out.append('$');
                at += 2;
            } else if (c == '$' && text.startsWith("${", at)) {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw new InputException(
                            place
                                    + ": \""
                                    + text
                                    + "\": the \"${\" is never closed; write $$ for a $");
                }
                out.append(value(place, text.substring(at + 2, end), environment));
                at = end + 1;
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    private static String value(
            String place, String reference, Function<String, @Nullable String> environment) {
        String rest = reference.startsWith("env:") ? reference.substring(4) : reference;
        int marker = rest.indexOf(":-");
        String name = marker < 0 ? rest : rest.substring(0, marker);
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new InputException(
                    place
                            + ": \"${"
                            + reference
                            + "}\": write ${env:NAME} or ${env:NAME:-default}");
        }
        String value = environment.apply(name);
        if (value == null || value.isEmpty()) {
            return marker < 0 ? "" : rest.substring(marker + 2);
        }
        return value;
    }
}

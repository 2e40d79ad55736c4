package dev.firn.process.ottl;

/// The wildcard patterns of replace_match: `*` and `**` any text, `?` one character, `[a-z]`,
/// `[!a]`, `{one,other}`, a backslash before what is meant as it stands. The whole text must match.
final class Glob {
    private Glob() {}

    /// @throws IllegalArgumentException with a message for the user
    static Regex of(String glob) {
        var out = new StringBuilder("(?s)^");
        int braces = 0;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> out.append(".*");
                case '?' -> out.append('.');
                case '\\' -> quote(out, ++i < glob.length() ? glob.charAt(i) : '\\');
                case '[' -> i = group(glob, i, out);
                case '{' -> {
                    braces++;
                    out.append("(?:");
                }
                case '}' -> {
                    if (--braces < 0) {
                        throw bad(glob, "\"}\" closes nothing");
                    }
                    out.append(')');
                }
                case ',' -> {
                    if (braces > 0) {
                        out.append('|');
                    } else {
                        out.append(',');
                    }
                }
                default -> quote(out, c);
            }
        }
        if (braces > 0) {
            throw bad(glob, "\"{\" is not closed");
        }
        return Regex.of(out.append('$').toString());
    }

    private static int group(String glob, int from, StringBuilder out) {
        int end = glob.indexOf(']', from + 2);
        if (end < 0) {
            throw bad(glob, "\"[\" is not closed");
        }
        out.append('[');
        int i = from + 1;
        if (glob.charAt(i) == '!') {
            out.append('^');
            i++;
        }
        for (; i < end; i++) {
            char c = glob.charAt(i);
            if (c == '-') {
                out.append('-');
            } else {
                quote(out, c);
            }
        }
        out.append(']');
        return end;
    }

    private static void quote(StringBuilder out, char c) {
        if ("\\.+*?()|[]{}^$-".indexOf(c) >= 0) {
            out.append('\\');
        }
        out.append(c);
    }

    private static IllegalArgumentException bad(String glob, String why) {
        return new IllegalArgumentException("\"" + glob + "\" is no pattern: " + why);
    }
}

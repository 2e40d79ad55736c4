package dev.firn.model.prometheus;

import java.util.Locale;

/// What becomes of names that older readers do not know, as the scraper asks for it with
/// `escaping=` (Prometheus documentation, "Escaping schemes"). Names of letters, digits, `_` and
/// `:` stay as they are in all of them.
public enum Escaping {
    ALLOW_UTF_8("allow-utf-8"),
    UNDERSCORES("underscores"),
    DOTS("dots"),
    VALUES("values");

    private final String written;

    Escaping(String written) {
        this.written = written;
    }

    /// As it stands in the header.
    public String written() {
        return written;
    }

    /// The scheme of this name; [#UNDERSCORES] for unknown ones.
    public static Escaping of(String written) {
        for (Escaping one : values()) {
            if (one.written.equals(written.toLowerCase(Locale.ROOT))) {
                return one;
            }
        }
        return UNDERSCORES;
    }

    /// The name of a metric or a label in this scheme.
    public String escape(String name) {
        if (this == ALLOW_UTF_8 || legacy(name)) {
            return name;
        }
        var out = new StringBuilder(name.length() + 16);
        if (this == VALUES) {
            out.append("U__");
        }
        for (int i = 0; i < name.length(); ) {
            int point = name.codePointAt(i);
            append(out, point, i == 0);
            i += Character.charCount(point);
        }
        return out.toString();
    }

    private void append(StringBuilder out, int point, boolean first) {
        boolean plain = legacy(point, first);
        switch (this) {
            case UNDERSCORES -> out.append(plain ? (char) point : '_');
            case DOTS -> {
                if (point == '_') {
                    out.append("__");
                } else if (point == '.') {
                    out.append("_dot_");
                } else if (plain) {
                    out.append((char) point);
                } else {
                    out.append("__");
                }
            }
            case VALUES -> {
                if (point == '_') {
                    out.append("__");
                } else if (plain) {
                    out.append((char) point);
                } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                    out.append("_FFFD_");
                } else {
                    out.append('_').append(Integer.toHexString(point)).append('_');
                }
            }
            case ALLOW_UTF_8 -> out.appendCodePoint(point);
        }
    }

    /// True for names that every reader knows: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    public static boolean legacy(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!legacy(name.charAt(i), i == 0)) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /// True for label names that may stand without quotes: as [#legacy], without colons.
    public static boolean legacyLabel(String name) {
        return legacy(name) && name.indexOf(':') < 0;
    }

    private static boolean legacy(int c, boolean first) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || c == ':'
                || (c >= '0' && c <= '9' && !first);
    }
}

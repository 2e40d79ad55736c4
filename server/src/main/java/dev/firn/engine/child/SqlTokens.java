package dev.firn.engine.child;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// ClickHouse's tokens over raw bytes: words, numbers, strings, quoted names, single punctuation
/// marks; comments and white space are skipped. Bytes, not characters, because rows in any format
/// may follow an INSERT. Knows nothing of grammar.
final class SqlTokens {
    /// What a token is.
    enum Kind {
        WORD,
        NUMBER,
        STRING,
        QUOTED_NAME,
        PUNCTUATION,
        /// A string, name or comment without its end.
        BROKEN,
        END
    }

    private final byte[] sql;
    private final int limit;
    private int position;
    private int depth;

    private Kind kind = Kind.END;
    private int start;

    SqlTokens(byte[] sql, int limit) {
        this.sql = sql;
        this.limit = limit;
    }

    /// Moves to the next token; its kind, or END.
    Kind next() {
        boolean whole = skipBlank();
        start = position;
        if (!whole) {
            position = limit;
            return kind = Kind.BROKEN;
        }
        if (position >= limit) {
            return kind = Kind.END;
        }
        return kind = scan(sql[position] & 0xff);
    }

    private Kind scan(int first) {
        if (isWordStart(first)) {
            skipWord();
            return Kind.WORD;
        }
        if (isDigit(first)) {
            skipNumber();
            return Kind.NUMBER;
        }
        return switch (first) {
            case '\'' -> quoted('\'', Kind.STRING);
            case '"' -> quoted('"', Kind.QUOTED_NAME);
            case '`' -> quoted('`', Kind.QUOTED_NAME);
            case '$' -> heredoc();
            default -> {
                position++;
                if (first == '(' || first == '[' || first == '{') {
                    depth++;
                } else if (first == ')' || first == ']' || first == '}') {
                    depth--;
                }
                yield Kind.PUNCTUATION;
            }
        };
    }

    Kind kind() {
        return kind;
    }

    /// Where the current token begins.
    int start() {
        return start;
    }

    /// Where the current token ends.
    int end() {
        return position;
    }

    /// Whether no bracket is open after the current token.
    boolean outside() {
        return depth == 0;
    }

    String text() {
        return new String(sql, start, position - start, StandardCharsets.UTF_8);
    }

    /// Whether the current token is this word in any case.
    boolean isWord(String word) {
        return kind == Kind.WORD
                && position - start == word.length()
                && text().toUpperCase(Locale.ROOT).equals(word);
    }

    boolean isMark(char mark) {
        return kind == Kind.PUNCTUATION && sql[start] == mark;
    }

    boolean startsWith(char mark) {
        return position > start && sql[start] == mark;
    }

    private boolean skipBlank() {
        while (position < limit) {
            int c = sql[position] & 0xff;
            if (c <= ' ') {
                position++;
            } else if (c == 0xc2 && at(position + 1) == 0xa0) {
                position += 2; // a no-break space, as ClickHouse skips it
            } else if (c == '-' && at(position + 1) == '-' || isHashComment()) {
                skipLine();
            } else if (c == '/' && at(position + 1) == '*') {
                if (!skipBlock()) {
                    return false;
                }
            } else {
                return true;
            }
        }
        return true;
    }

    private boolean isHashComment() {
        return at(position) == '#' && (at(position + 1) == ' ' || at(position + 1) == '!');
    }

    private void skipLine() {
        while (position < limit && sql[position] != '\n') {
            position++;
        }
    }

    private boolean skipBlock() {
        for (int i = position + 2; i + 1 < limit; i++) {
            if (sql[i] == '*' && sql[i + 1] == '/') {
                position = i + 2;
                return true;
            }
        }
        return false;
    }

    private void skipWord() {
        while (position < limit && (isWordStart(at(position)) || isDigit(at(position)))) {
            position++;
        }
    }

    private void skipNumber() {
        while (position < limit
                && (isWordStart(at(position))
                        || isDigit(at(position))
                        || at(position) == '.'
                        || isExponentSign())) {
            position++;
        }
    }

    private boolean isExponentSign() {
        int sign = at(position);
        int before = at(position - 1);
        return (sign == '-' || sign == '+') && (before == 'e' || before == 'E');
    }

    private Kind quoted(char quote, Kind whole) {
        position++;
        while (position < limit) {
            int c = sql[position];
            if (c == '\\') {
                position += 2;
            } else if (c != quote) {
                position++;
            } else if (at(position + 1) == quote) {
                position += 2;
            } else {
                position++;
                return whole;
            }
        }
        position = limit;
        return Kind.BROKEN;
    }

    /// `$tag$ … $tag$`; a lone `$` is a mark.
    private Kind heredoc() {
        int close = position + 1;
        while (close < limit && (isWordStart(at(close)) || isDigit(at(close)))) {
            close++;
        }
        if (at(close) != '$') {
            position++;
            return Kind.PUNCTUATION;
        }
        int tagLength = close + 1 - position;
        for (int i = close + 1; i + tagLength <= limit; i++) {
            if (java.util.Arrays.equals(
                    sql, i, i + tagLength, sql, position, position + tagLength)) {
                position = i + tagLength;
                return Kind.STRING;
            }
        }
        position = limit;
        return Kind.BROKEN;
    }

    private int at(int index) {
        return index >= 0 && index < limit ? sql[index] & 0xff : -1;
    }

    private static boolean isWordStart(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}

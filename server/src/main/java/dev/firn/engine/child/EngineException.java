package dev.firn.engine.child;

import java.util.regex.Pattern;

/// A statement failed, told as ClickHouse tells it: a number that its clients know and a text.
final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Pattern CODE = Pattern.compile("^Code: (\\d+)\\. ");

    static final int SYNTAX_ERROR = 62;
    static final int UNKNOWN_DATABASE = 81;
    static final int CANNOT_READ_ALL_DATA = 33;
    static final int BAD_ARGUMENTS = 36;
    static final int NOT_IMPLEMENTED = 48;
    static final int UNKNOWN_SETTING = 115;
    static final int INCORRECT_DATA = 117;
    static final int READONLY = 164;
    static final int QUERY_IS_TOO_LARGE = 172;
    static final int TOO_MANY_SIMULTANEOUS_QUERIES = 202;
    static final int CANNOT_DECOMPRESS = 271;
    static final int CHECKSUM_DOESNT_MATCH = 40;
    static final int SETTING_CONSTRAINT_VIOLATION = 452;
    static final int QUERY_WAS_CANCELLED = 394;
    static final int AUTHENTICATION_FAILED = 516;
    static final int NOT_ENOUGH_SPACE = 243;
    static final int UNKNOWN = 1002;

    private final int code;

    private EngineException(int code, String message) {
        super(message);
        this.code = code;
    }

    /// One of the front end's own refusals.
    static EngineException of(int code, String name, String text) {
        return new EngineException(
                code, "Code: " + code + ". DB::Exception: " + text + " (" + name + ")");
    }

    /// What libchdb said, whose text begins with `Code: 60. DB::Exception: `.
    static EngineException parse(String text) {
        var matcher = CODE.matcher(text);
        if (matcher.find() && matcher.end(1) - matcher.start(1) < 6) {
            return new EngineException(Integer.parseInt(matcher.group(1)), text);
        }
        return of(UNKNOWN, "UNKNOWN_EXCEPTION", text);
    }

    static EngineException readOnly(String text) {
        return of(READONLY, "READONLY", text);
    }

    int code() {
        return code;
    }

    String text() {
        return String.valueOf(getMessage());
    }

    /// The HTTP status that a ClickHouse server answers with for this code; 503 for too many
    /// queries, so that clients know that a retry helps.
    int httpStatus() {
        return switch (code) {
            case 194 -> 401;
            case 192, 193, 512, AUTHENTICATION_FAILED -> 403;
            case 6, 25, 26, 27, 38, 41, 53, 67, 69, 70, 72, 117, 168, 321, 427 -> 400;
            case BAD_ARGUMENTS, SYNTAX_ERROR, CANNOT_READ_ALL_DATA, 456, 457 -> 400;
            case CANNOT_DECOMPRESS, CHECKSUM_DOESNT_MATCH -> 400;
            case SETTING_CONSTRAINT_VIOLATION -> 400;
            case 46, 47, 50, 56, 60, 63, 73, 78, UNKNOWN_DATABASE, UNKNOWN_SETTING, 336 -> 404;
            case 159 -> 408;
            case QUERY_IS_TOO_LARGE -> 413;
            case NOT_IMPLEMENTED -> 501;
            case TOO_MANY_SIMULTANEOUS_QUERIES -> 503;
            default -> 500;
        };
    }
}

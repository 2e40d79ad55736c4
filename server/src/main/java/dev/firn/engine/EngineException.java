package dev.firn.engine;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request to the engine that did not come to a good end. [#outcome] says what is known of it.
public final class EngineException extends WorldException {
    private static final long serialVersionUID = 1;

    /// What became of the request.
    public enum Outcome {
        /// The engine said no, for a reason that lies in the request: a retry will not mend it.
        REFUSED,
        /// The engine said no, for a reason that lies outside the request: a retry may mend it.
        BUSY,
        /// Nothing was sent.
        UNREACHABLE,
        /// It was sent and no answer came: it may have been done, and may still be running.
        UNKNOWN
    }

    /// ClickHouse's codes that speak of the request's data; names by `errorCodeToName`. Everything
    /// else may lie in the server's state, set-up or a bug of ours, and a retry may mend it.
    private static final Set<Integer> OF_DATA =
            Set.of(
                    6, // CANNOT_PARSE_TEXT
                    26, // CANNOT_PARSE_QUOTED_STRING
                    27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
                    38, // CANNOT_PARSE_DATE
                    41, // CANNOT_PARSE_DATETIME
                    53, // TYPE_MISMATCH
                    69, // ARGUMENT_OUT_OF_BOUND
                    70, // CANNOT_CONVERT_TYPE
                    72, // CANNOT_PARSE_NUMBER
                    117, // INCORRECT_DATA
                    128, // TOO_LARGE_ARRAY_SIZE
                    131, // TOO_LARGE_STRING_SIZE
                    190, // SIZES_OF_ARRAYS_DONT_MATCH
                    321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
                    349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
                    469); // VIOLATED_CONSTRAINT

    /// UNKNOWN_STATUS_OF_INSERT.
    private static final int UNKNOWN_STATUS = 319;

    private final Outcome outcome;
    private final int code;

    EngineException(Outcome outcome, int code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
        this.code = code;
    }

    /// What the engine answered with a ClickHouse code.
    static EngineException answered(int code, String message) {
        Outcome outcome =
                code == UNKNOWN_STATUS
                        ? Outcome.UNKNOWN
                        : OF_DATA.contains(code) ? Outcome.REFUSED : Outcome.BUSY;
        return new EngineException(outcome, code, message, null);
    }

    /// What became of the request.
    public Outcome outcome() {
        return outcome;
    }

    /// ClickHouse's error code; 0 if the engine named none.
    public int code() {
        return code;
    }

    /// Whether nobody is there, rather than slow or unwilling: another one answers in a moment.
    public boolean away() {
        Throwable cause = getCause();
        boolean slow =
                cause instanceof HttpTimeoutException
                        && !(cause instanceof HttpConnectTimeoutException);
        return outcome == Outcome.UNREACHABLE || cause instanceof IOException && !slow;
    }

    /// True if the same request may succeed later.
    public boolean retryable() {
        return outcome != Outcome.REFUSED;
    }
}

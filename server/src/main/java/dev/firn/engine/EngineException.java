package dev.firn.engine;

import dev.firn.base.WorldException;
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

    /// ClickHouse's codes that speak of the server's state or set-up and not of the request's data;
    /// names by `errorCodeToName`.
    private static final Set<Integer> MENDABLE =
            Set.of(
                    // load: timeout, memory, too many queries or parts, cancelled, no threads
                    159,
                    173,
                    202,
                    236,
                    241,
                    252,
                    364,
                    373,
                    394,
                    439,
                    473,
                    // disk and files
                    74,
                    75,
                    76,
                    107,
                    243,
                    425,
                    // names and rights, which an operator mends
                    60,
                    81,
                    164,
                    192,
                    193,
                    194,
                    218,
                    497,
                    516,
                    517,
                    // network, replicas, Keeper
                    209,
                    210,
                    225,
                    242,
                    244,
                    279,
                    285,
                    341,
                    519,
                    722,
                    999,
                    1000);

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
                        : MENDABLE.contains(code) ? Outcome.BUSY : Outcome.REFUSED;
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

    /// True if the same request may succeed later.
    public boolean retryable() {
        return outcome != Outcome.REFUSED;
    }
}

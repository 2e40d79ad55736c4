package dev.firn.lake.keep;

import dev.firn.base.WorldException;
import dev.firn.lake.Backoff;
import dev.firn.lake.LakeSwap;
import java.util.random.RandomGenerator;
import org.apache.iceberg.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Repeats a change until it is decided: what ended unknown is looked at again, on the newest
/// metadata. The change must therefore tell by the metadata that it stands already, and give null
/// then.
final class Decided {
    private static final Logger LOG = LoggerFactory.getLogger(Decided.class);

    /// Some 20 s of pauses; writers that commit all the time leave gaps.
    static final int ATTEMPTS_MAX = 20;

    private final Backoff backoff;
    private final int attemptsMax;

    Decided(Backoff backoff, int attemptsMax) {
        this.backoff = backoff;
        this.attemptsMax = attemptsMax;
    }

    static Decided of(RandomGenerator random) {
        return new Decided(new Backoff(random, 50, 2_000), ATTEMPTS_MAX);
    }

    /// @throws WorldException when no end was certain; whether the change is done is unknown then.
    ///   An exception of the change itself that says what a person must do
    ///   ([dev.firn.base.InputException], [Held]) is thrown at once
    void change(Table table, LakeSwap.Change change) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                LakeSwap.once(table, change);
                return;
            } catch (dev.firn.base.InputException | Held | Vanished e) {
                throw e;
            } catch (RuntimeException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                if (attempt + 1 >= attemptsMax) {
                    throw new WorldException(
                            "cannot change lake table \""
                                    + table.name()
                                    + "\": "
                                    + attemptsMax
                                    + " attempts met a change of others or a failure; the last: "
                                    + e.getMessage()
                                    + "; ask again",
                            e);
                }
                LOG.debug("a change of {} is unknown, looking again", table.name(), e);
                Thread.sleep(backoff.pauseMillis(attempt));
            }
        }
    }

    /// The files that a change was to replace are no longer in the table: plan anew.
    static final class Vanished extends RuntimeException {
        private static final long serialVersionUID = 1;

        Vanished(String message) {
            super(message);
        }
    }
}

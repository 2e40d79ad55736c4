package dev.firn.process.state;

import dev.firn.model.Fingerprint;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.process.Aggregator;
import dev.firn.process.state.Reaggregation.Way;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which series leave a stage, and who became each of them: as long as that is one only, and it
/// lost nothing that tells series apart, its points pass, and only the newest is noted in memory.
/// When a second one becomes the same, both are gathered from then on, and the first brings along
/// what was noted.
///
/// After a restart a first one that lost nothing is known from its next point on. Thread-safe.
final class Claims {
    private static final int PURGE_MIN = 1 << 12;

    private final ConcurrentHashMap<Fingerprint, Claim> claims = new ConcurrentHashMap<>();
    private volatile int purgeAt = PURGE_MIN;

    /// One series that leaves the stage.
    static final class Claim extends Newest implements Aggregator.Claim {
        private final boolean keepsValue;
        private volatile @Nullable Series first;
        private volatile boolean gathered;
        private volatile boolean over;

        private Claim(@Nullable Series first, boolean keepsValue) {
            this.first = first;
            this.keepsValue = keepsValue;
        }

        @Override
        public boolean isGathered() {
            return gathered;
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public void observe(Points points, int row) {
            observe(points, row, keepsValue);
        }

        private void join(Series from, boolean lossy) {
            Series before = first;
            if (gathered) {
                return;
            }
            if (lossy) {
                gathered = true;
            } else if (before == null || before.fingerprint().equals(from.fingerprint())) {
                first = from;
            } else if (before.evicted) { // it ended long ago: this one follows it
                first = from;
                forget();
            } else {
                gathered = true;
            }
        }

        /// Who became it before anybody else did, having lost nothing.
        StreamKey founder() {
            Series of = first;
            if (of == null) {
                throw new IllegalStateException("nobody was noted");
            }
            return StreamKey.of(of);
        }

        /// What its founder has come to.
        Aggregate founded() {
            return alone(founder(), keepsValue);
        }
    }

    /// A series has become, or stays, `as`.
    ///
    /// @param lossy whether it lost something that tells series apart
    Claim claim(Series from, Series as, boolean lossy) {
        if (claims.size() > purgeAt) {
            purge();
        }
        return claims.compute(
                as.fingerprint(),
                (key, known) -> {
                    Claim claim =
                            known == null
                                    ? new Claim(from, Way.of(as.metric()).keepsValue())
                                    : known;
                    claim.join(from, lossy);
                    return claim;
                });
    }

    private void purge() {
        claims.forEach((key, claim) -> {
            Series first = claim.first;
            if (!claim.gathered && first != null && first.evicted) {
                end(key);
            }
        });
        purgeAt = Math.max(PURGE_MIN, 2 * claims.size());
    }

    /// Several are known to have become this series.
    void gather(Fingerprint as) {
        claims.computeIfAbsent(as, key -> new Claim(null, true)).gathered = true;
    }

    /// Who became this series at first and is not remembered otherwise; null if nobody did.
    @Nullable Claim founder(Fingerprint as) {
        Claim claim = claims.get(as);
        return claim != null && claim.first != null && claim.isKnown() ? claim : null;
    }

    /// What was noted is remembered elsewhere, or too old.
    void forget(Fingerprint as) {
        Claim claim = claims.get(as);
        if (claim != null) {
            claim.forget();
        }
    }

    /// Nothing is known of this series any more.
    void end(Fingerprint as) {
        Claim claim = claims.remove(as);
        if (claim != null) {
            claim.over = true;
        }
    }
}

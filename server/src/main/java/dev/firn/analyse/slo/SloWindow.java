package dev.firn.analyse.slo;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/// The time over which an objective is to hold. Minutes are counted since 1970, UTC.
public sealed interface SloWindow {
    /// The window at some time.
    ///
    /// @param asOf minute up to which, exclusive, everything is counted
    Span at(long asOf);

    /// Its usual length in minutes, for burn rates.
    long minutes();

    /// From a minute up to and without another; what of it is past ends at `asOf`.
    record Span(long from, long to) {
        public Span {
            if (to <= from) {
                throw new IllegalArgumentException("a window from " + from + " to " + to);
            }
        }

        /// Its length.
        public long minutes() {
            return to - from;
        }
    }

    /// The last so many minutes, whatever clocks do.
    record Rolling(long minutes) implements SloWindow {
        public Rolling {
            if (minutes < 1) {
                throw new IllegalArgumentException("a window has at least a minute");
            }
        }

        @Override
        public Span at(long asOf) {
            return new Span(asOf - minutes, asOf);
        }
    }

    /// Periods of the calendar, one after another from a start, as long as they really are: with
    /// months of 28 to 31 days and days of 23 to 25 hours.
    ///
    /// @param unit of the length
    /// @param count how many of it are a period
    /// @param start of some period, in the zone's local time
    record Calendar(Unit unit, int count, LocalDateTime start, ZoneId zone) implements SloWindow {
        public Calendar {
            if (count < 1 || count > 1000) {
                throw new IllegalArgumentException("a period has 1 to 1000 units");
            }
        }

        @Override
        public Span at(long asOf) {
            var now = Instant.ofEpochSecond(asOf * 60);
            long guess =
                    unit.chrono.between(start, LocalDateTime.ofInstant(now, zone))
                            / unit.factor
                            / count;
            // the guess counts in local time and rounds towards zero
            while (begin(guess) > asOf) {
                guess--;
            }
            while (begin(guess + 1) <= asOf) {
                guess++;
            }
            return new Span(begin(guess), begin(guess + 1));
        }

        /// Minute in which a period begins; a local time that a change of clocks leaves out is the
        /// moment of the change.
        private long begin(long period) {
            return Math.floorDiv(
                    start.plus(period * count * unit.factor, unit.chrono)
                            .atZone(zone)
                            .toEpochSecond(),
                    60);
        }

        @Override
        public long minutes() {
            return count * unit.usual.toMinutes();
        }
    }

    /// OpenSLO's units of a duration.
    enum Unit {
        MINUTE('m', ChronoUnit.MINUTES, 1, Duration.ofMinutes(1)),
        HOUR('h', ChronoUnit.HOURS, 1, Duration.ofHours(1)),
        DAY('d', ChronoUnit.DAYS, 1, Duration.ofDays(1)),
        WEEK('w', ChronoUnit.WEEKS, 1, Duration.ofDays(7)),
        MONTH('M', ChronoUnit.MONTHS, 1, Duration.ofDays(30)),
        QUARTER('Q', ChronoUnit.MONTHS, 3, Duration.ofDays(91)),
        YEAR('Y', ChronoUnit.YEARS, 1, Duration.ofDays(365));

        private final char letter;
        private final ChronoUnit chrono;
        private final int factor;
        private final Duration usual;

        Unit(char letter, ChronoUnit chrono, int factor, Duration usual) {
            this.letter = letter;
            this.chrono = chrono;
            this.factor = factor;
            this.usual = usual;
        }

        /// Its letter in a duration.
        public char letter() {
            return letter;
        }

        /// Whether it has the same length always.
        public boolean fixed() {
            return ordinal() <= WEEK.ordinal();
        }

        /// Minutes of a unit of fixed length.
        public long minutes() {
            return usual.toMinutes();
        }
    }
}

package dev.firn.ops.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What truly happened in the simulated shop, and what was sent of it: added up in memory.
///
/// The file form is `docs/formats/ledger.md`; [LedgerFile] writes it, [#read] reads it.
public final class Ledger implements LedgerSink {
    /// Ticks in a second: durations are whole numbers of ticks, so that their sums are exact in a
    /// double, in seconds as in milliseconds.
    public static final int TICKS = Layout.TICKS;

    /// @param hour since 1970
    public record RequestKey(
            long hour,
            String plane,
            String environment,
            String service,
            String route,
            String method,
            int status) {
        /// Whether its requests are errors of the server (5xx).
        public boolean isError() {
            return status >= 500;
        }
    }

    /// `happened` counts by the hour in which requests ended; `exported` by the hour of the point
    /// that first carried them, and leaves out what a crash or a silence lost.
    public record Requests(long happened, long happenedTicks, long exported, long exportedTicks) {
        /// Nothing.
        public static final Requests NONE = new Requests(0, 0, 0, 0);

        /// Both together.
        public Requests plus(Requests other) {
            return new Requests(
                    happened + other.happened,
                    happenedTicks + other.happenedTicks,
                    exported + other.exported,
                    exportedTicks + other.exportedTicks);
        }

        /// Sum of durations, exact.
        public double exportedSeconds() {
            return (double) exportedTicks / TICKS;
        }

        /// Sum of durations, exact.
        public double happenedSeconds() {
            return (double) happenedTicks / TICKS;
        }
    }

    /// @param hour since 1970 of the points' time
    /// @param kind gauge, sum, histogram, exponential_histogram or summary
    /// @param temporality none, delta or cumulative
    public record PointKey(long hour, String metric, String kind, String temporality) {}

    /// Points by what became of the request that carried them; `sent` is the sum of the others.
    ///
    /// @param acknowledged accepted in full
    /// @param partial in a request of which the receiver rejected some points
    /// @param refused in a request that the receiver refused
    /// @param unknown no answer came, and they may or may not be stored
    /// @param series that were sent for the first time
    public record Points(
            long sent, long acknowledged, long partial, long refused, long unknown, long series) {
        /// Nothing.
        public static final Points NONE = new Points(0, 0, 0, 0, 0, 0);

        /// Both together.
        public Points plus(Points other) {
            return new Points(
                    sent + other.sent,
                    acknowledged + other.acknowledged,
                    partial + other.partial,
                    refused + other.refused,
                    unknown + other.unknown,
                    series + other.series);
        }
    }

    /// @param nanos since 1970, in simulated time
    /// @param what for example `crash`, `deploy 3.12.0`, `rejected 3 points: …`
    /// @param where the process, or the lane and number of a body
    public record Event(long nanos, String what, String where) {}

    private final Map<RequestKey, Requests> requests = new HashMap<>();
    private final Map<PointKey, Points> points = new HashMap<>();
    private final List<Event> events = new ArrayList<>();

    @Override
    public synchronized void requests(RequestKey key, Requests more) {
        requests.merge(key, more, Requests::plus);
    }

    @Override
    public synchronized void points(PointKey key, Points more) {
        points.merge(key, more, Points::plus);
    }

    @Override
    public synchronized void event(Event event) {
        events.add(event);
    }

    /// A copy of all requests.
    public synchronized Map<RequestKey, Requests> requests() {
        return Map.copyOf(requests);
    }

    /// A copy of all points.
    public synchronized Map<PointKey, Points> points() {
        return Map.copyOf(points);
    }

    /// A copy of all events.
    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    /// Requests of all keys that fit.
    public synchronized Requests total(Predicate<RequestKey> fits) {
        Requests total = Requests.NONE;
        for (var entry : requests.entrySet()) {
            if (fits.test(entry.getKey())) {
                total = total.plus(entry.getValue());
            }
        }
        return total;
    }

    /// Points of all keys that fit.
    public synchronized Points totalPoints(Predicate<PointKey> fits) {
        Points total = Points.NONE;
        for (var entry : points.entrySet()) {
            if (fits.test(entry.getKey())) {
                total = total.plus(entry.getValue());
            }
        }
        return total;
    }

    /// Reads a ledger file. A last line without a newline (the writer was killed) is ignored.
    ///
    /// @throws dev.firn.base.InputException when it is no ledger, or of a newer format
    /// @throws dev.firn.base.WorldException when it cannot be read
    public static Ledger read(Path file) {
        var ledger = new Ledger();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            new LedgerLines(file, new ObjectMapper()).read(reader, ledger);
        } catch (IOException e) {
            throw new dev.firn.base.WorldException(
                    "cannot read ledger \"" + file + "\": " + e + "; check path and rights", e);
        }
        return ledger;
    }

    /// The lines of a file, one after the other.
    private record LedgerLines(Path file, ObjectMapper json) {
        void read(BufferedReader reader, Ledger ledger) throws IOException {
            int number = 1;
            String line = reader.readLine();
            while (line != null) {
                String next = reader.readLine();
                boolean last = next == null;
                JsonNode node = parse(line, number, last);
                if (node != null) {
                    LedgerFile.take(node, number, file, ledger);
                }
                line = next;
                number++;
            }
        }

        private @org.jspecify.annotations.Nullable JsonNode parse(
                String line, int number, boolean last) {
            try {
                return json.readTree(line);
            } catch (JacksonException e) {
                if (last && number > 1) {
                    return null;
                }
                throw LedgerFile.wrong(file, number, "it is not JSON");
            }
        }
    }
}

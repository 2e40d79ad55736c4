package dev.firn.query.promql.store;

import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.Samples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Reads groups some at a time: as many as a number of rows that memory can take, while those
/// before are evaluated. How many rows a series has is guessed first and then known.
final class Batches implements AutoCloseable {
    /// Rows of points that a batch should have.
    private static final long ROWS = 500_000;

    private static final int MEMBERS_MAX = 2_000;

    /// Where nothing is known yet, a point comes every so often.
    private static final long INTERVAL_MILLIS = 15_000;

    /// What a point of a histogram takes, in numbers.
    private static final int HISTOGRAM_WEIGHT = 20;

    private final PointsReader reader;
    private final List<Group> groups;
    private final List<Matcher> matchers;
    private int next;
    private double rowsOfMember;
    private @Nullable FutureTask<List<Entry>> ahead;
    private @Nullable Thread thread;

    /// A series as PromQL sees it.
    record Entry(Labels labels, Samples samples) {}

    /// @param rangeMillis over which points are read
    Batches(PointsReader reader, List<Group> groups, List<Matcher> matchers, long rangeMillis) {
        this.reader = reader;
        this.groups = groups;
        this.matchers = matchers;
        this.rowsOfMember = rangeMillis / (double) INTERVAL_MILLIS + 1;
        readAhead();
    }

    private void readAhead() {
        if (next >= groups.size()) {
            ahead = null;
            return;
        }
        int from = next;
        double rows = 0;
        int members = 0;
        while (next < groups.size() && (next == from || (rows < ROWS && members < MEMBERS_MAX))) {
            for (Member member : groups.get(next).members()) {
                boolean wide = member.form().split() || member.form() == Form.NATIVE;
                rows += rowsOfMember * (wide ? HISTOGRAM_WEIGHT : 1);
                members++;
            }
            next++;
        }
        List<Group> batch = groups.subList(from, next);
        var task = new FutureTask<>(() -> read(batch));
        ahead = task;
        thread = Thread.ofVirtual().name("promql-read").start(task);
    }

    /// The next ones; empty at the end only.
    List<Entry> take() {
        while (ahead != null) {
            List<Entry> entries = await(ahead);
            readAhead();
            if (!entries.isEmpty()) {
                return entries;
            }
        }
        return List.of();
    }

    private static List<Entry> await(FutureTask<List<Entry>> task) {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueryException(QueryException.Kind.CANCELED, "query was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("reading failed", e.getCause());
        }
    }

    private List<Entry> read(List<Group> batch) {
        List<Member> members =
                batch.stream().flatMap(group -> group.members().stream()).distinct().toList();
        PointsReader.Points points = reader.read(members);
        rowsOfMember = Math.max(1, (double) points.rows() / members.size());
        var entries = new ArrayList<Entry>();
        for (Group group : batch) {
            add(group, points.pieces(), entries);
        }
        return entries;
    }

    private void add(Group group, Map<Member, List<Piece>> pieces, List<Entry> entries) {
        var byLabel = new LinkedHashMap<String, List<Samples>>();
        for (Member member : group.members()) {
            for (Piece piece : pieces.getOrDefault(member, List.of())) {
                if (wanted(group, piece.label())) {
                    byLabel.computeIfAbsent(piece.label(), _ -> new ArrayList<>())
                            .add(piece.samples());
                }
            }
        }
        byLabel.forEach((label, samples) ->
                entries.add(
                        new Entry(
                                group.labels(label),
                                samples.size() == 1
                                        ? samples.getFirst()
                                        : SampleColumns.merged(samples))));
    }

    private boolean wanted(Group group, String label) {
        return group.split().isEmpty()
                || matchers.stream()
                        .filter(matcher -> matcher.name().equals(group.split()))
                        .allMatch(matcher -> matcher.matches(label));
    }

    @Override
    public void close() {
        if (ahead != null) {
            ahead.cancel(true);
        }
        if (thread != null) {
            thread.interrupt();
        }
    }
}

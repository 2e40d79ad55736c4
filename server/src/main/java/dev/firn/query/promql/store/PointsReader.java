package dev.firn.query.promql.store;

import dev.firn.engine.NativeReader;
import dev.firn.engine.NativeReader.Block;
import dev.firn.query.promql.eval.QueryException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the points of some stored series between two times.
final class PointsReader {
    /// ClickHouse's times end in 2262.
    private static final long MILLIS_MAX = 9_200_000_000_000L;

    /// Functions of how much a counter rose: what it stood at before does not matter to them.
    private static final Set<String> OF_CHANGE =
            Set.of("rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets");

    private final Reads reads;
    private final long from;
    private final long to;
    private final boolean bases;
    private final double zeroThreshold;
    private final long rowsMax;

    /// @param function around the selector, or empty
    /// @param zeroThreshold of exponential histograms that have none
    /// @param rowsMax of one call
    PointsReader(
            Reads reads,
            long fromMillis,
            long toMillis,
            String function,
            double zeroThreshold,
            long rowsMax) {
        this.reads = reads;
        this.from = within(fromMillis);
        this.to = Math.clamp(toMillis, -1, MILLIS_MAX);
        this.bases = !OF_CHANGE.contains(function);
        this.zeroThreshold = zeroThreshold;
        this.rowsMax = rowsMax;
    }

    /// A time that the engine can compare with.
    static long within(long millis) {
        return Math.clamp(millis, 0, MILLIS_MAX);
    }

    /// What is read in one statement.
    private record Source(String table, Form form) {
        /// The statement; numbers of all tables have one.
        String file() {
            return switch (form) {
                case VALUE, COUNT, SUM -> "numbers";
                case BUCKET -> "histograms";
                case QUANTILE -> "summaries";
                case NATIVE -> table;
            };
        }
    }

    /// What came of a batch.
    ///
    /// @param rows of points
    record Points(Map<Member, List<Piece>> pieces, long rows) {}

    Points read(List<Member> members) {
        var bySource = new HashMap<Source, List<Member>>();
        for (Member member : members) {
            bySource.computeIfAbsent(
                            new Source(member.table(), member.form()), _ -> new ArrayList<>())
                    .add(member);
        }
        var pieces = new HashMap<Member, List<Piece>>();
        long rows = 0;
        if (from <= to) {
            for (var entry : bySource.entrySet()) {
                rows += read(entry.getKey(), entry.getValue(), rows, pieces);
            }
        }
        return new Points(pieces, rows);
    }

    private long read(
            Source source, List<Member> members, long before, Map<Member, List<Piece>> pieces) {
        Map<Long, Double> base = base(source, members);
        var byId = new HashMap<Long, Member>();
        members.forEach(member -> byId.put(member.seriesId(), member));
        long rows = 0;
        try (NativeReader reader = reads.open(source.file(), parameters(source, members))) {
            Member member = null;
            Rows taker = null;
            for (Block block = reader.next(); block != null; block = reader.next()) {
                reads.check();
                reads.count(block.rows());
                rows += block.rows();
                limit(before + rows);
                long[] ids = block.longs(0);
                for (int i = 0; i < block.rows(); i++) {
                    if (member == null || taker == null || member.seriesId() != ids[i]) {
                        finish(member, taker, pieces);
                        member = byId.get(ids[i]);
                        taker = member == null ? null : rows(member, base);
                    }
                    if (taker != null) {
                        taker.add(
                                block,
                                i,
                                block.longs(1)[i],
                                block.longs(2)[i],
                                block.longs(3)[i] != 0);
                    }
                }
            }
            finish(member, taker, pieces);
        } catch (IOException e) {
            throw reads.brokenOff(source.file(), e);
        }
        return rows;
    }

    private void limit(long rows) {
        if (rows > rowsMax) {
            throw new QueryException(
                    QueryException.Kind.TOO_MANY_SAMPLES,
                    "query processing would load too many samples into memory: more than "
                            + rowsMax
                            + " points of a selector; ask for a shorter range or fewer series, or"
                            + " raise promql.samples_max");
        }
    }

    private static void finish(
            @Nullable Member member, @Nullable Rows taker, Map<Member, List<Piece>> pieces) {
        if (member != null && taker != null) {
            pieces.put(member, taker.pieces());
        }
    }

    private Rows rows(Member member, Map<Long, Double> base) {
        boolean delta = member.family().delta();
        return switch (member.form()) {
            case VALUE, COUNT, SUM ->
                    new NumberRows(delta, base.getOrDefault(member.seriesId(), 0.0));
            case BUCKET -> new BucketRows(delta);
            case QUANTILE -> new QuantileRows();
            case NATIVE ->
                    member.table().equals("histograms")
                            ? new HistogramRows.Custom(member.family().temporality())
                            : new HistogramRows.Exponential(
                                    member.family().temporality(), zeroThreshold);
        };
    }

    private Map<String, String> parameters(Source source, List<Member> members) {
        var parameters = new HashMap<String, String>();
        parameters.put("keys", String.join(",", members.stream().map(Member::key).toList()));
        parameters.put("table", source.table);
        parameters.put("from", Long.toString(from));
        parameters.put("to", Long.toString(to));
        parameters.put(
                "value",
                switch (source.form) {
                    case COUNT -> "toFloat64(count)";
                    case SUM -> "sum";
                    default -> "value";
                });
        boolean maySumLack = source.form == Form.SUM && !source.table.equals("summaries");
        parameters.put("rows", maySumLack ? "bitAnd(has, 1) = 1" : "1");
        parameters.put("tie", tie(source.table));
        return parameters;
    }

    /// As rollups decide it.
    private static String tie(String table) {
        return switch (table) {
            case "histograms" ->
                    "cityHash64(flags, count, reinterpretAsUInt64(sum), bounds, if(empty(bucket_counts), [count], bucket_counts), has, min, max)";
            case "summaries" -> "cityHash64(flags, count, reinterpretAsUInt64(sum))";
            default -> "(flags, reinterpretAsUInt64(value))";
        };
    }

    /// What delta streams stood at before the first point that is read.
    private Map<Long, Double> base(Source source, List<Member> members) {
        List<Member> deltas = members.stream().filter(one -> one.family().delta()).toList();
        if (!bases || deltas.isEmpty() || !source.file().equals("numbers")) {
            return Map.of();
        }
        var base = new HashMap<Long, Double>();
        try (NativeReader reader = reads.open("delta_base", parameters(source, deltas))) {
            for (Block block = reader.next(); block != null; block = reader.next()) {
                for (int i = 0; i < block.rows(); i++) {
                    base.put(block.longs(0)[i], block.doubles(1)[i]);
                }
            }
        } catch (IOException e) {
            throw reads.brokenOff("delta_base", e);
        }
        return base;
    }
}

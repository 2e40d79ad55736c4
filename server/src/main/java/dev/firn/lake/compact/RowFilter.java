package dev.firn.lake.compact;

import dev.firn.lake.PageWriter;
import dev.firn.lake.PointsTable;
import dev.firn.lake.keep.LakeKeep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// Says which rows of table `points` stay, by their metric's name, environment, plane and time.
/// Used by one thread.
final class RowFilter {
    private record Kind(String metricName, String environment, String plane) {}

    /// A text column: for each place the number of its text.
    private record Texts(int[] codes, List<String> texts) {
        String at(int place) {
            return texts.get(codes[place]);
        }
    }

    private final LakeKeep keep;
    private final ColumnDescriptor name;
    private final ColumnDescriptor environment;
    private final ColumnDescriptor plane;
    private final ColumnDescriptor time;
    private final ColumnScan scan = new ColumnScan();
    private final ColumnRows rows = new ColumnRows();
    private final Map<Kind, Long> borders = new HashMap<>();

    RowFilter(MessageType columns, LakeKeep keep) {
        this.keep = keep;
        name = SortKeys.column(columns, PointsTable.METRIC_NAME);
        environment = SortKeys.column(columns, PointsTable.ENVIRONMENT);
        plane = SortKeys.column(columns, PointsTable.DATA_PLANE_ID);
        time = SortKeys.column(columns, PointsTable.TIME);
    }

    /// The rows that stay, in their order.
    RowOrder kept(RowOrder order) {
        BitSet stays = stays(order, order.places());
        return stays.cardinality() == order.size() ? order : order.kept(stays);
    }

    /// Whether any row of a file goes.
    boolean drops(SourceFile file) {
        for (long from = 0; from < file.rows(); from += PageWriter.PAGE_ROWS) {
            int count = (int) Math.min(PageWriter.PAGE_ROWS, file.rows() - from);
            var order = new RowOrder(List.of(file), count);
            order.add(0, from, count);
            if (stays(order, order.places()).cardinality() < count) {
                return true;
            }
        }
        return false;
    }

    private BitSet stays(RowOrder order, int[] places) {
        Texts names = texts(name, order);
        Texts environments = texts(environment, order);
        Texts planes = texts(plane, order);
        read(time, order);
        var stays = new BitSet(places.length);
        @Nullable Kind kind = null;
        long border = 0;
        for (int i = 0; i < places.length; i++) {
            int place = places[i];
            if (kind == null || !same(kind, names, environments, planes, place)) {
                kind = new Kind(names.at(place), environments.at(place), planes.at(place));
                border = borders.computeIfAbsent(kind, this::border);
            }
            long micros = rows.values[place];
            if (micros >= border
                    || keep.keeps(kind.metricName, kind.environment, kind.plane, micros)) {
                stays.set(i);
            }
        }
        return stays;
    }

    private static boolean same(
            Kind kind, Texts names, Texts environments, Texts planes, int place) {
        return kind.metricName.equals(names.at(place))
                && kind.environment.equals(environments.at(place))
                && kind.plane.equals(planes.at(place));
    }

    private long border(Kind kind) {
        return keep.borderMicros(kind.metricName, kind.environment, kind.plane);
    }

    private Texts texts(ColumnDescriptor column, RowOrder order) {
        read(column, order);
        int[] codes = Arrays.copyOf(rows.codes, order.rowsRead());
        var texts = new ArrayList<String>(rows.pool.size());
        for (int i = 0; i < rows.pool.size(); i++) {
            texts.add(rows.pool.get(i).toStringUsingUTF8());
        }
        return new Texts(codes, texts);
    }

    private void read(ColumnDescriptor column, RowOrder order) {
        rows.begin(column, order.rowsRead());
        for (int i = 0; i < order.files().size(); i++) {
            if (order.from(i) < order.to(i)) {
                SourceFile file = order.files().get(i);
                scan.read(file, SortKeys.own(file, column), order.from(i), order.to(i), rows);
            }
        }
    }
}

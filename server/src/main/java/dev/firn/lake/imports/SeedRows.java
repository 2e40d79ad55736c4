package dev.firn.lake.imports;

import dev.firn.base.WorldException;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Files;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.parquet.Parquet;

/// The rows of the seed's files, in order, as points.
///
/// A row has one value: a gauge's is a gauge, a sum's a sum whose temporality nobody knows. A row
/// of any other type (a histogram's mean, as the seed wrote it) is a gauge, too; the type that the
/// file gave stands in the scope's attribute `metric_type`. Rows without time, name or value are
/// counted and left out.
final class SeedRows implements AutoCloseable {
    private static final String SCOPE = "firn.import";
    private static final Set<String> SUMS = Set.of("sum", "counter");
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.ofEpochSecond(Long.MAX_VALUE / 1_000_000_000);

    /// What distinguishes two series, as the file has it.
    private record Identity(List<String> texts) {}

    private final SeriesRegistry registry;
    private final List<Path> files;
    private final Map<Identity, Series> known = new HashMap<>();
    private int next;
    private long leftOut;
    private CloseableIterable<Record> open = CloseableIterable.empty();
    private CloseableIterator<Record> rows = CloseableIterator.empty();

    SeedRows(List<Path> files, SeriesRegistry registry) {
        this.files = files;
        this.registry = registry;
    }

    /// Rows that could not become points so far.
    long leftOut() {
        return leftOut;
    }

    /// Reads up to `rowsMax` rows.
    ///
    /// @param into gets the points; null: the rows are only passed over
    /// @return rows read, 0 at the end
    long read(@org.jspecify.annotations.Nullable Batch into, long rowsMax) throws IOException {
        long read = 0;
        while (read < rowsMax && (rows.hasNext() || openNext())) {
            Record row = rows.next();
            read++;
            if (into != null) {
                add(row, into);
            }
        }
        return read;
    }

    /// @return false if there are no more files; a file without rows is passed over
    private boolean openNext() throws IOException {
        while (next < files.size()) {
            closeFile();
            Path file = files.get(next++);
            open =
                    Parquet.read(Files.localInput(file.toFile()))
                            .project(SeedColumns.SCHEMA)
                            .withNameMapping(MappingUtil.create(SeedColumns.SCHEMA))
                            .createReaderFunc(schema ->
                                    GenericParquetReaders.buildReader(SeedColumns.SCHEMA, schema))
                            .build();
            rows = open.iterator();
            if (rows.hasNext()) {
                return true;
            }
        }
        return false;
    }

    private void add(Record row, Batch into) {
        Object name = row.getField("metric_name");
        Object value = row.getField("metric_value");
        boolean timed =
                row.getField("timestamp") instanceof OffsetDateTime time
                        && time.toInstant().isAfter(FIRST)
                        && time.toInstant().isBefore(LAST);
        if (!timed || name == null || name.toString().isEmpty() || value == null) {
            leftOut++;
            return;
        }
        Instant time = ((OffsetDateTime) row.getField("timestamp")).toInstant();
        into.numbers.add(
                known.computeIfAbsent(identity(row), this::series),
                time.getEpochSecond() * 1_000_000_000 + time.getNano(),
                0,
                0,
                Numbers.DOUBLE,
                Double.doubleToRawLongBits((Double) value));
    }

    /// In the order of [SeedColumns#SCHEMA], without time and value.
    private static Identity identity(Record row) {
        var texts = new ArrayList<String>();
        for (var column : SeedColumns.SCHEMA.columns()) {
            if (!column.name().equals("timestamp") && !column.name().equals("metric_value")) {
                Object text = row.getField(column.name());
                texts.add(text == null ? "" : text.toString());
            }
        }
        return new Identity(texts);
    }

    private Series series(Identity identity) {
        List<String> texts = identity.texts();
        String type = texts.get(1);
        var resource =
                new Resource(
                        attributes(
                                        "environment", texts.get(5),
                                        "data_plane_id", texts.get(6),
                                        "service.name", texts.get(7),
                                        "cluster_id", texts.get(8),
                                        "region", texts.get(9))
                                .toJson(),
                        "",
                        0,
                        "");
        var scope = new Scope(SCOPE, "", attributes("metric_type", type).toJson(), "", 0);
        var metric =
                new Metric(
                        resource,
                        scope,
                        texts.get(0),
                        "",
                        SUMS.contains(type) ? MetricType.SUM : MetricType.GAUGE,
                        Temporality.UNSPECIFIED,
                        false,
                        "",
                        "{}");
        return registry.intern(
                metric,
                attributes(
                        "http_method", texts.get(2),
                        "http_route", texts.get(3),
                        "http_status_code", texts.get(4)));
    }

    /// Keys and values in turn; empty ones are absent.
    private static Attributes attributes(String... keysAndValues) {
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            if (!keysAndValues[i + 1].isEmpty()) {
                entries.add(
                        new Attributes.Entry(
                                keysAndValues[i], new AttributeValue.Text(keysAndValues[i + 1])));
            }
        }
        return Attributes.of(entries);
    }

    private void closeFile() throws IOException {
        rows.close();
        open.close();
    }

    @Override
    public void close() {
        try {
            closeFile();
        } catch (IOException e) {
            throw new WorldException("cannot close a file: " + e.getMessage(), e);
        }
    }
}

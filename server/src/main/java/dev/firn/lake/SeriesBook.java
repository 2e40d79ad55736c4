package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.model.Fingerprint;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/// The series of the lake by id, read from table `series`: of each fingerprint the row with the
/// highest (`src`, `seq`). They are objects of their own, apart from those of the receivers, whose
/// limits they must not use up. One thread.
final class SeriesBook {
    /// About 1 KB each on the heap. More need a larger one, or a shorter time range.
    static final int SERIES_MAX = 4_000_000;

    private static final Schema COLUMNS =
            SeriesTable.SCHEMA.select(
                    "fingerprint",
                    "series_id",
                    "metric_name",
                    "metric_type",
                    "unit",
                    "temporality",
                    "is_monotonic",
                    "description",
                    "metadata",
                    "resource",
                    "resource_schema_url",
                    "resource_dropped_attributes",
                    "entity_refs",
                    "scope_name",
                    "scope_version",
                    "scope_schema_url",
                    "scope_dropped_attributes",
                    "scope",
                    "attributes",
                    "src",
                    "seq");

    /// A series with the row that it came from.
    private record Known(Series series, String scope, String src, long seq, @Nullable Known other) {
        boolean olderThan(String otherSrc, long otherSeq) {
            int order = src.compareTo(otherSrc);
            return order < 0 || order == 0 && seq < otherSeq;
        }
    }

    private final SeriesRegistry registry;
    private final ScopeTexts scopes = new ScopeTexts();
    private final Map<Long, Known> byId = new HashMap<>();
    private final Map<Resource, Resource> resources = new HashMap<>();
    private final Set<String> filesRead = new HashSet<>();

    SeriesBook(SeriesIdentity identity, Clock clock) {
        this.registry = new SeriesRegistry(identity, clock, SERIES_MAX);
    }

    /// Number of ids.
    int size() {
        return byId.size();
    }

    /// Reads what was added to the table since the last call.
    void refresh(Table table) {
        table.refresh();
        if (table.currentSnapshot() == null) {
            return;
        }
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                if (!filesRead.contains(task.file().location())) {
                    read(table, task.file().location());
                    filesRead.add(task.file().location());
                }
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot plan the lake table " + table.name() + ": " + e.getMessage(), e);
        }
    }

    private void read(Table table, String location) {
        try (CloseableIterable<Record> rows =
                Parquet.read(table.io().newInputFile(location))
                        .project(COLUMNS)
                        .createReaderFunc(file -> GenericParquetReaders.buildReader(COLUMNS, file))
                        .build()) {
            rows.forEach(this::add);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read lake file \"" + location + "\": " + e.getMessage(), e);
        }
    }

    private void add(Record row) {
        var fingerprint = Fingerprint.of(bytes(row.getField("fingerprint")));
        String src = text(row, "src");
        long seq = (Long) row.getField("seq");
        Known first = byId.get(fingerprint.high());
        Known same = first;
        while (same != null && !same.series().fingerprint().equals(fingerprint)) {
            same = same.other();
        }
        if (same != null && !same.olderThan(src, seq)) {
            return;
        }
        if (same == null && byId.size() >= SERIES_MAX) {
            throw new WorldException(
                    "cannot hold the series of the lake: there are more than "
                            + SERIES_MAX
                            + "; compact table series, or retire old series by retention");
        }
        Series series = series(row);
        if (!series.fingerprint().equals(fingerprint)) {
            throw new WorldException(
                    "cannot take series %s from the lake: table series gives it the fingerprint %s"
                            .formatted(series, fingerprint));
        }
        var known = new Known(series, text(row, "scope"), src, seq, without(first, same));
        byId.put(fingerprint.high(), known);
    }

    private static @Nullable Known without(@Nullable Known chain, @Nullable Known one) {
        if (chain == null || chain == one) {
            return chain == null ? null : chain.other();
        }
        return new Known(
                chain.series(),
                chain.scope(),
                chain.src(),
                chain.seq(),
                without(chain.other(), one));
    }

    private static byte[] bytes(Object fixed) {
        return switch (fixed) {
            case byte[] array -> array;
            case ByteBuffer buffer -> {
                var array = new byte[buffer.remaining()];
                buffer.duplicate().get(array);
                yield array;
            }
            default -> throw new IllegalStateException("a fingerprint is no " + fixed.getClass());
        };
    }

    private Series series(Record row) {
        var resource =
                new Resource(
                        text(row, "resource"),
                        text(row, "resource_schema_url"),
                        (int) (long) (Long) row.getField("resource_dropped_attributes"),
                        text(row, "entity_refs"));
        Resource shared = resources.computeIfAbsent(resource, one -> one);
        String name = text(row, "scope_name");
        String version = text(row, "scope_version");
        var scope =
                new Scope(
                        name,
                        version,
                        scopes.attributes(text(row, "scope")),
                        text(row, "scope_schema_url"),
                        (int) (long) (Long) row.getField("scope_dropped_attributes"));
        return registry.intern(
                new Metric(
                        shared,
                        scope,
                        text(row, "metric_name"),
                        text(row, "unit"),
                        type(text(row, "metric_type")),
                        temporality(text(row, "temporality")),
                        (Boolean) row.getField("is_monotonic"),
                        text(row, "description"),
                        text(row, "metadata")),
                text(row, "attributes"));
    }

    private static String text(Record row, String column) {
        return String.valueOf(row.getField(column));
    }

    private static MetricType type(String label) {
        for (MetricType type : MetricType.values()) {
            if (type.label().equals(label)) {
                return type;
            }
        }
        throw new WorldException("cannot take a series of type \"" + label + "\" from the lake");
    }

    private static Temporality temporality(String label) {
        for (Temporality temporality : Temporality.values()) {
            if (temporality.label().equals(label)) {
                return temporality;
            }
        }
        throw new WorldException(
                "cannot take a series of temporality \"" + label + "\" from the lake");
    }

    /// True if several series have this id: only the identity of a row tells which is its own.
    boolean collides(long id) {
        Known known = byId.get(id);
        return known != null && known.other() != null;
    }

    /// The series of an id that does not collide; null if it is not known.
    @Nullable Series find(long id) {
        Known known = byId.get(id);
        return known == null ? null : known.series();
    }

    /// Of the series of an id, the one with this identity; null if it is not known.
    @Nullable Series find(long id, RowIdentity identity, int row) {
        for (Known one = byId.get(id); one != null; one = one.other()) {
            if (identity.is(row, one.series(), one.scope())) {
                return one.series();
            }
        }
        return null;
    }

    /// The columns of a row that are its series' identity.
    static final class RowIdentity {
        private final PointsChunk.Texts name;
        private final PointsChunk.Texts type;
        private final PointsChunk.Texts unit;
        private final PointsChunk.Texts temporality;
        private final PointsChunk.Flat monotonic;
        private final PointsChunk.Texts resource;
        private final PointsChunk.Texts scope;
        private final PointsChunk.Texts attributes;

        RowIdentity(PointsChunk chunk) {
            name = chunk.texts(PointsTable.METRIC_NAME);
            type = chunk.texts(PointsTable.METRIC_TYPE);
            unit = chunk.texts(PointsTable.UNIT);
            temporality = chunk.texts(PointsTable.TEMPORALITY);
            monotonic = chunk.flat(PointsTable.IS_MONOTONIC);
            resource = chunk.texts(PointsTable.RESOURCE);
            scope = chunk.texts(PointsTable.SCOPE);
            attributes = chunk.texts(PointsTable.ATTRIBUTES);
        }

        boolean is(int row, Series series, String scopeText) {
            Metric metric = series.metric();
            return attributes.at(row).equals(series.attributes())
                    && name.at(row).equals(metric.name())
                    && resource.at(row).equals(metric.resource().attributes())
                    && scope.at(row).equals(scopeText)
                    && unit.at(row).equals(metric.unit())
                    && type.at(row).equals(metric.type().label())
                    && temporality.at(row).equals(metric.temporality().label())
                    && monotonic.at(row) == (metric.monotonic() ? 1 : 0);
        }
    }
}

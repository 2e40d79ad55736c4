package dev.firn.lake;

import dev.firn.base.WorldException;
import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.WellKnown;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;

/// Writes a run's series as one data file of table `series`: those that this process has not
/// written yet. Iceberg's record writer is fast enough here: a series comes once, its points for
/// months.
final class SeriesFiles {
    private final Table table;
    private final ScopeTexts scopes = new ScopeTexts();
    private final Map<String, Map<String, String>> maps = new HashMap<>();

    SeriesFiles(Table table) {
        this.table = table;
    }

    List<DataFile> write(RunRows run, SeriesWritten written) {
        int[] fresh = fresh(run.series, written);
        if (fresh.length == 0) {
            return List.of();
        }
        OutputFile output =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(UUID.randomUUID() + ".parquet"));
        try {
            return List.of(write(run, fresh, output));
        } catch (IOException | RuntimeException e) {
            Discard.file(table, output.location());
            if (e instanceof RuntimeException known) {
                throw known;
            }
            throw new WorldException(
                    "cannot write lake file \"" + output.location() + "\": " + e.getMessage(), e);
        }
    }

    private DataFile write(RunRows run, int[] fresh, OutputFile output) throws IOException {
        DataWriter<org.apache.iceberg.data.Record> writer =
                Parquet.writeData(output)
                        .forTable(table)
                        .schema(SeriesTable.SCHEMA)
                        .withSpec(table.spec())
                        .withSortOrder(table.sortOrder())
                        .createWriterFunc(GenericParquetWriter::create)
                        .build();
        try (writer) {
            for (int index : fresh) {
                RunRows.Source source = run.sources.get(run.series.firstSource(index));
                writer.write(record(run.series.at(index), source, run.series.firstTime(index)));
            }
        }
        return writer.toDataFile();
    }

    private static int[] fresh(RunSeries series, SeriesWritten written) {
        return Arrays.stream(RunOrder.sorted(series))
                .filter(i -> !written.contains(series.at(i).fingerprint(), series.at(i).revision()))
                .toArray();
    }

    private GenericRecord record(Series series, RunRows.Source source, long firstTime) {
        Metric metric = series.metric();
        Resource resource = metric.resource();
        Scope scope = metric.scope();
        WellKnown known = series.wellKnown();
        GenericRecord row = GenericRecord.create(SeriesTable.SCHEMA);
        row.setField("fingerprint", series.fingerprint().toBytes());
        row.setField("series_id", series.id());
        row.setField("revision", series.revision());
        row.setField("metric_id", Integer.toUnsignedLong(series.metricId()));
        row.setField("metric_name", metric.name());
        row.setField("metric_type", metric.type().label());
        row.setField("unit", metric.unit());
        row.setField("temporality", metric.temporality().label());
        row.setField("is_monotonic", metric.monotonic());
        row.setField("description", metric.description());
        row.setField("metadata", metric.metadata());
        row.setField("service_name", known.serviceName());
        row.setField("environment", known.environment());
        row.setField("data_plane_id", known.dataPlaneId());
        row.setField("cluster_id", known.clusterId());
        row.setField("region", known.region());
        row.setField("http_method", known.httpMethod());
        row.setField("http_route", known.httpRoute());
        row.setField("http_status_code", known.httpStatusCode());
        row.setField("resource", resource.attributes());
        row.setField("resource_map", map(resource.attributes()));
        row.setField("resource_schema_url", resource.schemaUrl());
        row.setField(
                "resource_dropped_attributes",
                Integer.toUnsignedLong(resource.droppedAttributes()));
        row.setField("entity_refs", resource.entityRefs());
        row.setField("scope", scopes.of(scope));
        row.setField("scope_name", scope.name());
        row.setField("scope_version", scope.version());
        row.setField("scope_map", map(scope.attributes()));
        row.setField("scope_schema_url", scope.schemaUrl());
        row.setField("scope_dropped_attributes", Integer.toUnsignedLong(scope.droppedAttributes()));
        row.setField("attributes", series.attributes());
        row.setField("attributes_map", texts(series.attributes()));
        row.setField("src", source.src());
        row.setField("seq", source.seq());
        row.setField("first_seen", instant(firstTime));
        return row;
    }

    /// The instant, cut to microseconds as Iceberg's timestamps are.
    static OffsetDateTime instant(long nanos) {
        long micros = nanos / 1000;
        return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000)
                .atOffset(ZoneOffset.UTC);
    }

    private Map<String, String> map(String json) {
        return maps.computeIfAbsent(json, SeriesFiles::texts);
    }

    private static Map<String, String> texts(String json) {
        var texts = new LinkedHashMap<String, String>();
        for (Attributes.Entry entry : Attributes.fromJson(json).entries()) {
            texts.put(entry.key(), entry.value().asText());
        }
        return texts;
    }
}

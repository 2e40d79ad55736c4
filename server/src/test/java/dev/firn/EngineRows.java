package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.firn.lake.PointsToOtlp;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.WellKnown;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.data.Record;
import tools.jackson.databind.JsonNode;

/// Everything in the engine's tables as OTLP, by SQL from outside. What the engine does not keep,
/// [#atPrecision] takes from what was sent: times below its precision, and the highest 8 of the 32
/// flag bits (the protocol reserves all but the first).
final class EngineRows {
    private static final long OTLP_FLAGS = 0xff_ffff;
    private static final long IS_INT = 1 << 24;
    private static final long NO_VALUE = 1 << 25;
    private static final long START_EQUALS_TIME = 1 << 26;

    private static final String POINT =
            "SELECT *, toUnixTimestamp64Nano(time) AS time_ns,"
                    + " toUnixTimestamp64Nano(start_time) AS start_ns";

    /// A row that knows which of its columns were read.
    static final class Row {
        private final JsonNode columns;
        private final Set<String> read = new HashSet<>();

        Row(JsonNode columns) {
            this.columns = columns;
        }

        private JsonNode column(String name) {
            read.add(name);
            return Objects.requireNonNull(columns.get(name), name);
        }

        String text(String name) {
            return column(name).asString();
        }

        /// A number of any size; unsigned ones wrap.
        long number(String name) {
            return number(column(name));
        }

        private static long number(JsonNode value) {
            String digits = value.asString();
            return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
        }

        /// A double of which the bits stand in `<name>_bits`.
        double real(String name) {
            read.add(name);
            return Double.longBitsToDouble(number(name + "_bits"));
        }

        List<Long> numbers(String name) {
            return column(name).valueStream().map(Row::number).toList();
        }

        List<Double> reals(String name) {
            read.add(name);
            return numbers(name + "_bits").stream().map(Double::longBitsToDouble).toList();
        }

        Map<String, String> map(String name) {
            var map = new HashMap<String, String>();
            column(name)
                    .properties()
                    .forEach(one -> map.put(one.getKey(), one.getValue().asString()));
            return map;
        }

        void allRead(String... others) {
            read.addAll(List.of(others));
            assertThat(columns.propertyNames()).containsExactlyInAnyOrderElementsOf(read);
        }
    }

    /// Rows of `series` by id.
    final Map<Long, Row> series = new HashMap<>();

    private final Map<List<Long>, List<Exemplar>> exemplars = new HashMap<>();
    private final ExportMetricsServiceRequest.Builder found =
            ExportMetricsServiceRequest.newBuilder();
    private final int retentionDays;

    /// Reads all tables.
    EngineRows(TestFirn firn, int retentionDays) {
        this.retentionDays = retentionDays;
        firn.sql("SELECT *, hex(fingerprint) AS fingerprint_hex FROM series FINAL")
                .forEach(row -> series.put(row.get("series_id").asLong(), new Row(row)));
        rows(firn, POINT + bits("value") + " FROM exemplars ORDER BY ordinal")
                .forEach(this::addExemplar);
        rows(firn, POINT + bits("value") + " FROM samples").forEach(this::addNumber);
        rows(firn, POINT + bits("sum", "min", "max") + bitsOfAll("bounds") + " FROM histograms")
                .forEach(this::addHistogram);
        rows(
                        firn,
                        POINT
                                + bits("sum", "min", "max", "zero_threshold")
                                + " FROM exponential_histograms")
                .forEach(this::addExponential);
        rows(
                        firn,
                        POINT
                                + bits("sum")
                                + bitsOfAll("quantiles")
                                + bitsOfAll("quantile_values")
                                + " FROM summaries")
                .forEach(this::addSummary);
    }

    /// Holds if each series has the columns that its attributes and the lake say, and none was left
    /// out of the comparison.
    void seriesAreAsIn(LakeRows lake) {
        assertThat(lake.series().keySet()).isEqualTo(series.keySet());
        series.forEach((id, row) -> {
            Record other = Objects.requireNonNull(lake.series().get(id));
            Attributes point = Attributes.fromJson(row.text("attributes"));
            Attributes resource = Attributes.fromJson(row.text("resource"));
            sameIdentity(row, other);
            sameWellKnown(row, other, WellKnown.of(point, resource));
            sameMap(row, other, "attributes_map", point);
            sameMap(row, other, "resource_map", resource);
            sameMap(row, other, "scope_map", Attributes.fromJson(row.text("scope_attributes")));
            var days = daysOf(lake, id);
            assertThat(row.text("first_seen")).isEqualTo(days.getFirst().toString());
            assertThat(row.text("last_seen")).isEqualTo(days.getLast().toString());
            assertThat(row.number("retention_days")).isEqualTo(retentionDays);
            row.allRead("fingerprint");
        });
    }

    private static void sameIdentity(Row row, Record other) {
        byte[] fingerprint = (byte[]) LakeRows.field(other, "fingerprint");
        assertThat(row.text("fingerprint_hex"))
                .isEqualTo(HexFormat.of().withUpperCase().formatHex(fingerprint));
        assertThat(row.number("series_id")).isEqualTo(ByteBuffer.wrap(fingerprint).getLong());
        assertThat(row.number("metric_id")).isEqualTo(LakeRows.field(other, "metric_id"));
        assertThat(row.number("revision")).isEqualTo(LakeRows.field(other, "revision"));
        assertThat(row.text("type")).isEqualTo(LakeRows.text(other, "metric_type"));
        assertThat(row.text("temporality")).isEqualTo(LakeRows.text(other, "temporality"));
        assertThat(row.number("monotonic") == 1).isEqualTo(LakeRows.field(other, "is_monotonic"));
    }

    private static void sameWellKnown(Row row, Record other, WellKnown wanted) {
        Map.of(
                        "service_name", wanted.serviceName(),
                        "environment", wanted.environment(),
                        "data_plane_id", wanted.dataPlaneId(),
                        "cluster_id", wanted.clusterId(),
                        "region", wanted.region(),
                        "http_method", wanted.httpMethod(),
                        "http_route", wanted.httpRoute(),
                        "http_status_code", wanted.httpStatusCode())
                .forEach((column, value) -> {
                    assertThat(row.text(column)).as(column).isEqualTo(value);
                    assertThat(LakeRows.text(other, column)).as(column).isEqualTo(value);
                });
    }

    private static void sameMap(Row row, Record other, String column, Attributes wanted) {
        Map<String, String> map = row.map(column);
        assertThat(map.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        wanted.entries().stream().map(Attributes.Entry::key).toList());
        for (Attributes.Entry entry : wanted.entries()) {
            if (entry.value() instanceof AttributeValue.Text(String text)) {
                assertThat(map).containsEntry(entry.key(), text);
            }
        }
        assertThat(LakeRows.field(other, column)).isEqualTo(map);
    }

    private static List<LocalDate> daysOf(LakeRows lake, long id) {
        return lake.points().stream()
                .filter(point -> LakeRows.field(point, "series_id").equals(id))
                .map(point -> ((OffsetDateTime) LakeRows.field(point, "time")).toLocalDate())
                .sorted()
                .toList();
    }

    private static List<Row> rows(TestFirn firn, String statement) {
        return firn.sql(statement).stream().map(Row::new).toList();
    }

    private static String bits(String... columns) {
        var text = new StringBuilder();
        for (String column : columns) {
            text.append(", reinterpretAsUInt64(").append(column).append(") AS ").append(column);
            text.append("_bits");
        }
        return text.toString();
    }

    private static String bitsOfAll(String column) {
        return ", arrayMap(x -> reinterpretAsUInt64(x), " + column + ") AS " + column + "_bits";
    }

    /// All points.
    ExportMetricsServiceRequest otlp() {
        return found.build();
    }

    /// What was sent, but for what the engine does not keep.
    ///
    /// @param unitNanos of its times
    static ExportMetricsServiceRequest atPrecision(
            ExportMetricsServiceRequest sent, long unitNanos) {
        return (ExportMetricsServiceRequest) rounded(sent, unitNanos);
    }

    private static Message rounded(Message message, long unitNanos) {
        Message.Builder builder = message.toBuilder();
        boolean point = message.getDescriptorForType().getName().endsWith("DataPoint");
        for (var entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.getType() == FieldDescriptor.Type.MESSAGE) {
                builder.setField(
                        field,
                        entry.getValue() instanceof List<?> list
                                ? list.stream()
                                        .map(one -> rounded((Message) one, unitNanos))
                                        .toList()
                                : rounded((Message) entry.getValue(), unitNanos));
            } else if (point && field.getName().endsWith("time_unix_nano")) {
                long nanos = (Long) entry.getValue();
                builder.setField(field, nanos - nanos % unitNanos);
            } else if (point && field.getName().equals("flags")) {
                builder.setField(field, (Integer) entry.getValue() & (int) OTLP_FLAGS);
            }
        }
        return builder.build();
    }

    private void addExemplar(Row row) {
        List<Exemplar> of = exemplars.computeIfAbsent(key(row), key -> new ArrayList<>());
        assertThat(row.number("ordinal")).isEqualTo(of.size());
        var exemplar =
                Exemplar.newBuilder()
                        .addAllFilteredAttributes(PointsToOtlp.attributes(row.text("attributes")))
                        .setTimeUnixNano(row.number("exemplar_time"))
                        .setTraceId(hex(row.text("trace_id")))
                        .setSpanId(hex(row.text("span_id")));
        long flags = row.number("flags");
        double real = row.real("value");
        long integer = row.number("value_int");
        if ((flags & IS_INT) != 0) {
            exemplar.setAsInt(integer);
            assertThat(real).isEqualTo(integer);
        } else if ((flags & NO_VALUE) == 0) {
            exemplar.setAsDouble(real);
        }
        finished(row, flags);
        of.add(exemplar.build());
    }

    private static ByteString hex(String digits) {
        return ByteString.copyFrom(HexFormat.of().parseHex(digits));
    }

    private static List<Long> key(Row row) {
        return List.of(row.number("series_id"), row.number("time_ns"), row.number("start_ns"));
    }

    private List<Exemplar> exemplars(Row row) {
        return exemplars.getOrDefault(key(row), List.of());
    }

    private static int flags(Row row) {
        return (int) (row.number("flags") & OTLP_FLAGS);
    }

    /// The columns that no point can do without, and that no column was left unread.
    private void finished(Row row, long flags) {
        assertThat(row.number("metric_id")).isEqualTo(of(row).number("metric_id"));
        assertThat(row.number("seq")).isPositive();
        assertThat(row.text("src")).isNotEmpty();
        assertThat(row.number("retention_days")).isEqualTo(retentionDays);
        if (row.number("time_ns") != row.number("start_ns")) {
            assertThat(flags & START_EQUALS_TIME).isZero();
        }
        row.allRead("time", "start_time");
    }

    private Row of(Row point) {
        return Objects.requireNonNull(series.get(point.number("series_id")));
    }

    private void addNumber(Row row) {
        var point =
                NumberDataPoint.newBuilder()
                        .addAllAttributes(PointsToOtlp.attributes(of(row).text("attributes")))
                        .setTimeUnixNano(row.number("time_ns"))
                        .setStartTimeUnixNano(row.number("start_ns"))
                        .setFlags(flags(row))
                        .addAllExemplars(exemplars(row));
        double real = row.real("value");
        long integer = row.number("value_int");
        if ((row.number("flags") & IS_INT) != 0) {
            point.setAsInt(integer);
            assertThat(real).isEqualTo(integer);
        } else if ((row.number("flags") & NO_VALUE) == 0) {
            point.setAsDouble(real);
        }
        if (of(row).text("type").equals("gauge")) {
            add(row, metric(row).setGauge(Gauge.newBuilder().addDataPoints(point)));
        } else {
            add(
                    row,
                    metric(row)
                            .setSum(
                                    Sum.newBuilder()
                                            .setAggregationTemporality(temporality(row))
                                            .setIsMonotonic(of(row).number("monotonic") == 1)
                                            .addDataPoints(point)));
        }
    }

    private void addHistogram(Row row) {
        var point =
                HistogramDataPoint.newBuilder()
                        .addAllAttributes(PointsToOtlp.attributes(of(row).text("attributes")))
                        .setTimeUnixNano(row.number("time_ns"))
                        .setStartTimeUnixNano(row.number("start_ns"))
                        .setFlags(flags(row))
                        .setCount(row.number("count"))
                        .addAllBucketCounts(row.numbers("bucket_counts"))
                        .addAllExplicitBounds(row.reals("bounds"))
                        .addAllExemplars(exemplars(row));
        optional(row, point);
        add(
                row,
                metric(row)
                        .setHistogram(
                                Histogram.newBuilder()
                                        .setAggregationTemporality(temporality(row))
                                        .addDataPoints(point)));
    }

    private void addExponential(Row row) {
        var point =
                ExponentialHistogramDataPoint.newBuilder()
                        .addAllAttributes(PointsToOtlp.attributes(of(row).text("attributes")))
                        .setTimeUnixNano(row.number("time_ns"))
                        .setStartTimeUnixNano(row.number("start_ns"))
                        .setFlags(flags(row))
                        .setCount(row.number("count"))
                        .setScale((int) row.number("scale"))
                        .setZeroCount(row.number("zero_count"))
                        .setZeroThreshold(row.real("zero_threshold"))
                        .setPositive(buckets(row, "positive"))
                        .setNegative(buckets(row, "negative"))
                        .addAllExemplars(exemplars(row));
        optional(row, point);
        add(
                row,
                metric(row)
                        .setExponentialHistogram(
                                ExponentialHistogram.newBuilder()
                                        .setAggregationTemporality(temporality(row))
                                        .addDataPoints(point)));
    }

    private static ExponentialHistogramDataPoint.Buckets buckets(Row row, String side) {
        return ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset((int) row.number(side + "_offset"))
                .addAllBucketCounts(row.numbers(side + "_counts"))
                .build();
    }

    private static void optional(Row row, Message.Builder point) {
        long has = row.number("has");
        String[] names = {"sum", "min", "max"};
        for (int bit = 0; bit < names.length; bit++) {
            double value = row.real(names[bit]);
            if ((has & 1 << bit) != 0) {
                point.setField(point.getDescriptorForType().findFieldByName(names[bit]), value);
            }
        }
    }

    private void addSummary(Row row) {
        var point =
                SummaryDataPoint.newBuilder()
                        .addAllAttributes(PointsToOtlp.attributes(of(row).text("attributes")))
                        .setTimeUnixNano(row.number("time_ns"))
                        .setStartTimeUnixNano(row.number("start_ns"))
                        .setFlags(flags(row))
                        .setCount(row.number("count"))
                        .setSum(row.real("sum"));
        List<Double> quantiles = row.reals("quantiles");
        List<Double> values = row.reals("quantile_values");
        for (int i = 0; i < quantiles.size(); i++) {
            point.addQuantileValuesBuilder().setQuantile(quantiles.get(i)).setValue(values.get(i));
        }
        add(row, metric(row).setSummary(Summary.newBuilder().addDataPoints(point)));
    }

    private AggregationTemporality temporality(Row row) {
        return switch (of(row).text("temporality")) {
            case "delta" -> AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
            case "cumulative" -> AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
            default -> AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED;
        };
    }

    private Metric.Builder metric(Row row) {
        Row of = of(row);
        return Metric.newBuilder()
                .setName(of.text("metric_name"))
                .setUnit(of.text("unit"))
                .setDescription(of.text("description"))
                .addAllMetadata(PointsToOtlp.attributes(of.text("metadata")));
    }

    private void add(Row row, Metric.Builder metric) {
        finished(row, row.number("flags"));
        Row of = of(row);
        found.addResourceMetrics(
                ResourceMetrics.newBuilder()
                        .setSchemaUrl(of.text("resource_schema_url"))
                        .setResource(
                                Resource.newBuilder()
                                        .addAllAttributes(
                                                PointsToOtlp.attributes(of.text("resource")))
                                        .addAllEntityRefs(
                                                PointsToOtlp.entities(of.text("entity_refs")))
                                        .setDroppedAttributesCount(
                                                (int) of.number("resource_dropped_attributes")))
                        .addScopeMetrics(
                                ScopeMetrics.newBuilder()
                                        .setSchemaUrl(of.text("scope_schema_url"))
                                        .setScope(
                                                InstrumentationScope.newBuilder()
                                                        .setName(of.text("scope_name"))
                                                        .setVersion(of.text("scope_version"))
                                                        .addAllAttributes(
                                                                PointsToOtlp.attributes(
                                                                        of.text(
                                                                                "scope_attributes")))
                                                        .setDroppedAttributesCount(
                                                                (int)
                                                                        of.number(
                                                                                "scope_dropped_attributes")))
                                        .addMetrics(metric)));
    }
}

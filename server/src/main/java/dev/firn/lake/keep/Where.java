package dev.firn.lake.keep;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import dev.firn.model.Series;
import dev.firn.model.WellKnown;
import java.time.OffsetDateTime;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.expressions.StrictMetricsEvaluator;
import org.jspecify.annotations.Nullable;

/// Which points are meant: conditions that must all hold. Text form:
///
/// ```
/// metric_name = 'http.server.duration' AND environment IN ('dev', 'test')
///   AND time >= '2026-11-01' AND time < '2026-11-02T12:00:00Z' AND attributes['user.id'] = '17'
/// ```
///
/// Columns of texts (`=`, `!=`, `IN`), `series_id` (`=`, `IN`), `time` (`>=`, `<`; whole
/// milliseconds, so that lake and engine, which rounds down, agree), and `attributes['key']` and
/// `resource['key']` (`=`, by value and type: 17 is not '17'). There is no OR: ask twice.
///
/// @param text as it was written
public record Where(List<Term> terms, String text) {
    /// Columns of texts that may be named, in both tables.
    static final List<String> TEXTS =
            List.of(
                    "metric_name",
                    "metric_type",
                    "unit",
                    "service_name",
                    "environment",
                    "data_plane_id",
                    "cluster_id",
                    "region",
                    "http_method",
                    "http_route",
                    "http_status_code");

    /// One condition.
    public sealed interface Term {
        /// A column of texts is (or is not) one of some values.
        record Text(String column, boolean not, List<String> values) implements Term {
            public Text {
                values = List.copyOf(values);
            }
        }

        /// The series is one of these.
        record Id(List<Long> values) implements Term {
            public Id {
                values = List.copyOf(values);
            }
        }

        /// The time is at or after, or before, an instant.
        record Time(boolean from, long millis) implements Term {}

        /// A point's or its resource's attribute has this value.
        ///
        /// @param column `attributes` or `resource`
        record Attribute(String column, String key, AttributeValue value) implements Term {}
    }

    public Where {
        terms = List.copyOf(terms);
    }

    /// Everything.
    public static final Where ALL = new Where(List.of(), "");

    /// Reads the text form; empty means everything.
    ///
    /// @throws dev.firn.base.InputException that says what is wrong and where
    public static Where parse(String text) {
        return new WhereParser(text).parse();
    }

    /// True if it names nothing but what a series is, so that whole series are meant.
    public boolean seriesOnly() {
        return terms.stream().noneMatch(Term.Time.class::isInstance);
    }

    /// What conditions are asked of.
    private interface Row {
        /// Value of a column of texts; of `attributes` and `resource`, their canonical JSON.
        String text(String column);

        long seriesId();

        /// Whether its time is at or after this, in milliseconds since 1970.
        ///
        /// @param otherwise of a row that has no time
        boolean from(long millis, boolean otherwise);
    }

    private record LakeRow(Record row) implements Row {
        @Override
        public String text(String column) {
            return (String) row.getField(column);
        }

        @Override
        public long seriesId() {
            return (Long) row.getField("series_id");
        }

        @Override
        public boolean from(long millis, boolean otherwise) {
            return row.getField("time") instanceof OffsetDateTime time
                    ? micros(time) >= millis * 1_000
                    : otherwise;
        }
    }

    private record PointRow(Series series, long timeNanos) implements Row {
        @Override
        public String text(String column) {
            Metric metric = series.metric();
            WellKnown known = series.wellKnown();
            return switch (column) {
                case "metric_name" -> metric.name();
                case "metric_type" -> metric.type().label();
                case "unit" -> metric.unit();
                case "service_name" -> known.serviceName();
                case "environment" -> known.environment();
                case "data_plane_id" -> known.dataPlaneId();
                case "cluster_id" -> known.clusterId();
                case "region" -> known.region();
                case "http_method" -> known.httpMethod();
                case "http_route" -> known.httpRoute();
                case "http_status_code" -> known.httpStatusCode();
                case "attributes" -> series.attributes();
                case "resource" -> metric.resource().attributes();
                default -> throw new IllegalArgumentException(column);
            };
        }

        @Override
        public long seriesId() {
            return series.id();
        }

        @Override
        public boolean from(long millis, boolean otherwise) {
            return Math.floorDiv(timeNanos, 1_000_000) >= millis;
        }
    }

    /// True if a row of table `points` is meant; of table `series` (without `time`), if its points
    /// may be.
    boolean matches(Record row) {
        return matches(new LakeRow(row));
    }

    /// True if a point of this series is meant.
    ///
    /// @param timeNanos of the point, since 1970
    public boolean matches(Series series, long timeNanos) {
        return matches(new PointRow(series, timeNanos));
    }

    private boolean matches(Row row) {
        for (Term term : terms) {
            if (!matches(term, row)) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(Term term, Row row) {
        return switch (term) {
            case Term.Text(String column, boolean not, List<String> values) ->
                    values.contains(row.text(column)) != not;
            case Term.Id(List<Long> values) -> values.contains(row.seriesId());
            case Term.Time(boolean from, long millis) -> row.from(millis, from) == from;
            case Term.Attribute(String column, String key, AttributeValue value) ->
                    Attributes.fromJson(row.text(column))
                            .find(key)
                            .map(value::equals)
                            .orElse(false);
        };
    }

    private static long micros(OffsetDateTime time) {
        return time.toEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    }

    /// What may be known of a row without reading it whole: whether it may be meant.
    boolean mayMatch(String metricName, String environment, String plane, long timeMicros) {
        for (Term term : terms) {
            boolean may =
                    switch (term) {
                        case Term.Text(String column, boolean not, List<String> values) ->
                                switch (column) {
                                    case "metric_name" -> values.contains(metricName) != not;
                                    case "environment" -> values.contains(environment) != not;
                                    case "data_plane_id" -> values.contains(plane) != not;
                                    default -> true;
                                };
                        case Term.Time(boolean from, long millis) ->
                                (timeMicros >= millis * 1_000) == from;
                        case Term.Id _, Term.Attribute _ -> true;
                    };
            if (!may) {
                return false;
            }
        }
        return true;
    }

    /// Filter for Iceberg that lets every row pass that is meant, and perhaps more: attributes are
    /// not in it, and columns that the table lacks.
    Expression filter(Schema schema) {
        Expression all = Expressions.alwaysTrue();
        for (Term term : terms) {
            Expression one = filter(term, schema);
            if (one != null) {
                all = Expressions.and(all, one);
            }
        }
        return all;
    }

    private static @Nullable Expression filter(Term term, Schema schema) {
        return switch (term) {
            case Term.Text(String column, boolean not, List<String> values) ->
                    not ? Expressions.notIn(column, values) : Expressions.in(column, values);
            case Term.Id(List<Long> values) -> Expressions.in("series_id", values);
            case Term.Time(boolean from, long millis) -> {
                if (schema.findField("time") == null) {
                    yield null;
                }
                yield from
                        ? Expressions.greaterThanOrEqual("time", millis * 1_000)
                        : Expressions.lessThan("time", millis * 1_000);
            }
            case Term.Attribute _ -> null;
        };
    }

    /// False if the file's bounds say that none of its rows is meant.
    boolean mayMatch(Schema schema, DataFile file) {
        return new InclusiveMetricsEvaluator(schema, filter(schema)).eval(file);
    }

    /// True if the file's bounds say that all of its rows are meant.
    boolean matchesAll(Schema schema, DataFile file) {
        return terms.stream().noneMatch(Term.Attribute.class::isInstance)
                && new StrictMetricsEvaluator(schema, filter(schema)).eval(file);
    }

    /// Columns that [#matches] reads of a table.
    List<String> columns(Schema schema) {
        return terms.stream()
                .map(term ->
                        switch (term) {
                            case Term.Text(String column, _, _) -> column;
                            case Term.Id _ -> "series_id";
                            case Term.Time _ -> "time";
                            case Term.Attribute(String column, _, _) -> column;
                        })
                .filter(column -> schema.findField(column) != null)
                .distinct()
                .toList();
    }

    @Override
    public String toString() {
        return text.isBlank() ? "everything" : text;
    }
}

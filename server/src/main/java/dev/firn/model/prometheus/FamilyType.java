package dev.firn.model.prometheus;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Prometheus' types of metrics, with their numbers in `io.prometheus.client.MetricType`.
public enum FamilyType {
    COUNTER(0, "counter", ""),
    GAUGE(1, "gauge", ""),
    SUMMARY(2, "summary", "quantile"),
    UNKNOWN(3, "untyped", ""),
    HISTOGRAM(4, "histogram", "le");

    private final int code;
    private final String text;
    private final String reservedLabel;

    FamilyType(int code, String text, String reservedLabel) {
        this.code = code;
        this.text = text;
        this.reservedLabel = reservedLabel;
    }

    public int code() {
        return code;
    }

    /// After `# TYPE` in the text format.
    public String text() {
        return text;
    }

    /// Label of the type's own samples, empty if none.
    public String reservedLabel() {
        return reservedLabel;
    }

    /// The type that a metric becomes; gauges follow the hint that Prometheus receivers leave.
    public static FamilyType of(Metric metric) {
        return switch (metric.type()) {
            case SUM -> metric.monotonic() ? COUNTER : hinted(metric);
            case GAUGE -> hinted(metric);
            case HISTOGRAM, EXPONENTIAL_HISTOGRAM -> HISTOGRAM;
            case SUMMARY -> SUMMARY;
        };
    }

    private static FamilyType hinted(Metric metric) {
        if (metric.metadata().equals("{}")) {
            return GAUGE;
        }
        @Nullable AttributeValue hint =
                Attributes.fromJson(metric.metadata()).find("prometheus.type").orElse(null);
        return hint instanceof AttributeValue.Text(String type) && type.equals("unknown")
                ? UNKNOWN
                : GAUGE;
    }

    /// Names under which the family `name` stands in the text format and, once Prometheus has taken
    /// it apart, in protobuf.
    public List<String> textNames(String name) {
        return switch (this) {
            case COUNTER, GAUGE, UNKNOWN -> List.of(name);
            case SUMMARY -> List.of(name, name + "_sum", name + "_count");
            case HISTOGRAM -> List.of(name, name + "_bucket", name + "_sum", name + "_count");
        };
    }

    /// The same in OpenMetrics, where counters' families lack `_total`.
    public List<String> openMetricsNames(String name) {
        return switch (this) {
            case GAUGE, UNKNOWN -> List.of(name);
            case COUNTER -> {
                String stem = Names.stem(name);
                yield stem.equals(name) ? List.of(name) : List.of(stem, name, stem + "_created");
            }
            case SUMMARY -> List.of(name, name + "_sum", name + "_count", name + "_created");
            case HISTOGRAM ->
                    List.of(
                            name,
                            name + "_bucket",
                            name + "_sum",
                            name + "_count",
                            name + "_created");
        };
    }
}

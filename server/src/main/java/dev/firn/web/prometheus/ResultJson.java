package dev.firn.web.prometheus;

import dev.firn.model.prometheus.GoFloat;
import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.eval.QueryValue.Matrix;
import dev.firn.query.promql.eval.QueryValue.Sample;
import dev.firn.query.promql.eval.QueryValue.Scalar;
import dev.firn.query.promql.eval.QueryValue.Series;
import dev.firn.query.promql.eval.QueryValue.Text;
import dev.firn.query.promql.eval.QueryValue.Vector;
import dev.firn.query.promql.value.Bucket;
import dev.firn.query.promql.value.BucketWalk;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Results of queries as Prometheus' JSON.
final class ResultJson {
    private final JsonGenerator out;

    ResultJson(JsonGenerator out) {
        this.out = out;
    }

    /// `"resultType":…,"result":…` within an object.
    ///
    /// @param atMillis time of the query, for strings
    void result(QueryValue value, long atMillis) {
        switch (value) {
            case Scalar(long time, double number) -> {
                type("scalar");
                out.writeStartArray();
                sample(time, number);
                out.writeEndArray();
            }
            case Text(String text) -> {
                type("string");
                out.writeStartArray();
                out.writeRawValue(seconds(atMillis));
                out.writeString(text);
                out.writeEndArray();
            }
            case Vector(long time, var samples) -> {
                type("vector");
                out.writeStartArray();
                samples.forEach(sample -> vector(time, sample));
                out.writeEndArray();
            }
            case Matrix(var series) -> {
                type("matrix");
                out.writeStartArray();
                series.forEach(this::series);
                out.writeEndArray();
            }
        }
    }

    private void type(String type) {
        out.writeStringProperty("resultType", type);
        out.writeName("result");
    }

    private void vector(long time, Sample sample) {
        out.writeStartObject();
        out.writeName("metric");
        labels(sample.labels());
        NativeHistogram histogram = sample.histogram();
        out.writeName(histogram == null ? "value" : "histogram");
        out.writeStartArray();
        point(time, sample.value(), histogram);
        out.writeEndArray();
        out.writeEndObject();
    }

    private void point(long time, double value, @Nullable NativeHistogram histogram) {
        if (histogram == null) {
            sample(time, value);
        } else {
            out.writeRawValue(seconds(time));
            histogram(histogram);
        }
    }

    private void sample(long time, double value) {
        out.writeRawValue(seconds(time));
        out.writeString(number(value));
    }

    private void series(Series series) {
        out.writeStartObject();
        out.writeName("metric");
        labels(series.labels());
        Samples samples = series.samples();
        if (samples.times().length > 0) {
            out.writeName("values");
            out.writeStartArray();
            for (int i = 0; i < samples.times().length; i++) {
                out.writeStartArray();
                sample(samples.times()[i], samples.values()[i]);
                out.writeEndArray();
            }
            out.writeEndArray();
        }
        if (samples.histogramTimes().length > 0) {
            out.writeName("histograms");
            out.writeStartArray();
            for (int i = 0; i < samples.histogramTimes().length; i++) {
                out.writeStartArray();
                point(samples.histogramTimes()[i], 0, samples.histograms()[i]);
                out.writeEndArray();
            }
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    void labels(Labels labels) {
        out.writeStartObject();
        for (int i = 0; i < labels.size(); i++) {
            out.writeStringProperty(labels.nameAt(i), labels.valueAt(i));
        }
        out.writeEndObject();
    }

    private void histogram(NativeHistogram histogram) {
        out.writeStartObject();
        out.writeStringProperty("count", number(histogram.count()));
        out.writeStringProperty("sum", number(histogram.sum()));
        boolean begun = false;
        for (BucketWalk walk = histogram.upwards(); walk.next(); ) {
            Bucket bucket = walk.bucket();
            if (bucket.count() == 0) {
                continue;
            }
            if (!begun) {
                out.writeName("buckets");
                out.writeStartArray();
                begun = true;
            }
            bucket(bucket);
        }
        if (begun) {
            out.writeEndArray();
        }
        out.writeEndObject();
    }

    /// 0: open left, 1: open right, 2: open on both sides, 3: closed on both.
    private void bucket(Bucket bucket) {
        int borders =
                bucket.lowerInclusive()
                        ? bucket.upperInclusive() ? 3 : 1
                        : bucket.upperInclusive() ? 0 : 2;
        out.writeStartArray();
        out.writeNumber(borders);
        out.writeString(number(bucket.lower()));
        out.writeString(number(bucket.upper()));
        out.writeString(number(bucket.count()));
        out.writeEndArray();
    }

    /// A value as Prometheus writes it.
    static String number(double value) {
        return Double.isNaN(value) || Double.isInfinite(value)
                ? GoFloat.general(value)
                : GoFloat.json(value);
    }

    /// A time in seconds, with three digits behind the point or none.
    static String seconds(long millis) {
        String sign = millis < 0 ? "-" : "";
        long size = Math.abs(millis);
        long fraction = size % 1000;
        return sign + size / 1000 + (fraction == 0 ? "" : String.format(".%03d", fraction));
    }
}

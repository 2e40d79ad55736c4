package dev.firn.receive;

import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Temporality;
import dev.firn.model.prometheus.Escaping;
import dev.firn.model.prometheus.Names;
import dev.firn.receive.PrometheusSeries.Exemplar;
import dev.firn.receive.PrometheusSeries.Histogram;
import dev.firn.receive.PrometheusSeries.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads requests of Prometheus' remote write, version 1 (`prometheus.WriteRequest`) and 2
/// (`io.prometheus.write.v2.Request`).
///
/// Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
final class RemoteWriteParser {
    /// Buckets side by side of one side of a histogram; more are a mistake or an attack.
    private static final int BUCKETS_MAX = 1 << 16;

    private static final int DEPTH = 1;
    private static final int COUNTER = 1;
    private static final Names NAMES = new Names("", true, false, Escaping.ALLOW_UTF_8);
    private static final Resource NO_RESOURCE = new Resource("{}", "", 0, "");
    private static final Scope NO_SCOPE = new Scope("", "", "{}", "", 0);
    private static final List<String> TYPES =
            List.of(
                    "unknown",
                    "counter",
                    "gauge",
                    "histogram",
                    "gaugehistogram",
                    "summary",
                    "info",
                    "stateset");

    /// Bytes of memory that a value of a list takes beside what it holds.
    private static final int ENTRY = 32;

    private final WireReader in;
    private final boolean second;
    private long room;
    private final List<String> symbols = new ArrayList<>();
    private final Map<SortedMap<String, String>, PrometheusSeries> series = new LinkedHashMap<>();
    private final Map<String, About> metadata = new LinkedHashMap<>();
    private final List<String> refused = new ArrayList<>();
    private long refusedSamples;

    /// What is said about a metric's family.
    record About(int type, String help, String unit) {}

    /// A request.
    ///
    /// @param metadata of families, as version 1 has them
    /// @param refused what was wrong with samples that were left out
    record Parsed(
            List<PrometheusSeries> series,
            Map<String, About> metadata,
            List<String> refused,
            long refusedSamples) {}

    private RemoteWriteParser(WireReader in, boolean second, long room) {
        this.in = in;
        this.second = second;
        this.room = room;
    }

    /// @param second whether it is of version 2
    /// @param room bytes that its samples may take in memory, and as OTLP with their labels
    /// @throws Receiver.MalformedBody if it cannot be parsed
    /// @throws Refusal if there is not enough room
    static Parsed parse(byte[] body, int length, boolean second, long room) {
        var in =
                new WireReader(
                        second ? "io.prometheus.write.v2.Request" : "prometheus.WriteRequest");
        var parser = new RemoteWriteParser(in.over(body, 0, length), second, room);
        if (second) {
            parser.symbols(); // they may stand behind what refers to them
            in.over(body, 0, length);
        }
        parser.request();
        return new Parsed(
                List.copyOf(parser.series.values()),
                parser.metadata,
                parser.refused,
                parser.refusedSamples);
    }

    /// A small request may stand for much: a label for each of its samples, a gap in a histogram.
    private void take(long bytes) {
        room -= bytes;
        if (room < 0) {
            throw Refusal.limit(
                    Refusal.Limit.BODY_BYTES,
                    Refusal.Kind.TOO_LARGE,
                    0,
                    "cannot accept the request: its samples with their labels and buckets take more"
                            + " than limits.request_bytes_max; send fewer at a time");
        }
    }

    private String text() {
        String text = in.string();
        take(ENTRY + text.length());
        return text;
    }

    private void symbols() {
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == (4 << 3 | 2)) {
                symbols.add(text());
            } else {
                in.skip(tag, DEPTH);
            }
        }
    }

    private void request() {
        int ofSeries = (second ? 5 : 1) << 3 | 2;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == ofSeries) {
                int outer = in.push();
                series();
                in.pop(outer);
            } else if (!second && tag == (3 << 3 | 2)) {
                int outer = in.push();
                family();
                in.pop(outer);
            } else {
                in.skip(tag, DEPTH);
            }
        }
    }

    private void family() {
        int type = 0;
        String name = "";
        String help = "";
        String unit = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 -> type = in.varint32();
                case 2 << 3 | 2 -> name = text();
                case 4 << 3 | 2 -> help = text();
                case 5 << 3 | 2 -> unit = text();
                default -> in.skip(tag, DEPTH + 1);
            }
        }
        metadata.put(name, new About(type, help, unit));
    }

    private void series() {
        var one = new PrometheusSeries();
        var pairs = new ArrayList<String>();
        var about = new About(0, "", "");
        long created = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 | 2, 1 << 3 -> labels(tag, pairs);
                case 2 << 3 | 2 -> one.samples.add(nested(this::sample));
                case 3 << 3 | 2 -> histogramOrExemplar(one, second);
                case 4 << 3 | 2 -> histogramOrExemplar(one, !second);
                case 5 << 3 | 2 -> about = second ? nested(this::about) : nested(this::nothing);
                case 6 << 3 -> created = in.varint64();
                default -> in.skip(tag, DEPTH + 1);
            }
        }
        String wrong = labels(pairs, one.labels);
        if (wrong.isEmpty()) {
            take(one.samples.size() * written(one.labels));
            add(one, about, created);
        } else {
            refuse(one.samples.size(), wrong);
        }
    }

    /// Bytes that labels take at each point.
    private static long written(Map<String, String> labels) {
        long bytes = 0;
        for (Map.Entry<String, String> label : labels.entrySet()) {
            bytes += ENTRY + label.getKey().length() + label.getValue().length();
        }
        return bytes;
    }

    private void histogramOrExemplar(PrometheusSeries one, boolean histogram) {
        if (!histogram) {
            one.exemplars.add(nested(this::exemplar));
            return;
        }
        nested(this::histogram)
                .ifPresentOrElse(
                        one.samples::add,
                        () ->
                                refuse(
                                        1,
                                        "a histogram has counts that are no whole numbers, or too"
                                                + " many buckets"));
    }

    private interface Message<T> {
        T read();
    }

    private <T> T nested(Message<T> message) {
        take(2 * ENTRY);
        int outer = in.push();
        T read = message.read();
        in.pop(outer);
        return read;
    }

    private About nothing() {
        return new About(0, "", "");
    }

    private void refuse(long samples, String why) {
        refusedSamples += samples;
        if (refused.size() < 5 && !refused.contains(why)) {
            refused.add(why);
        }
    }

    private void add(PrometheusSeries one, About about, long created) {
        if (created > 0) {
            one.samples.replaceAll(sample ->
                    sample.startMillis() == 0
                            ? new Sample(
                                    sample.timeMillis(),
                                    created,
                                    sample.value(),
                                    sample.histogram())
                            : sample);
        }
        PrometheusSeries known = series.putIfAbsent(one.labels, one);
        PrometheusSeries into = known == null ? one : known;
        if (known != null) {
            into.samples.addAll(one.samples);
            into.exemplars.addAll(one.exemplars);
        }
        into.help = about.help;
        into.type = about.type == 0 ? "" : TYPES.get(about.type % TYPES.size());
        String name = into.name();
        into.counter =
                name.endsWith("_total")
                        && (about.type == 0 || about.type == COUNTER)
                        && isKept(name, "", true);
        into.unit = isKept(name, about.unit, into.counter) ? about.unit : "";
    }

    /// Whether a name that is translated back when it is asked for is still the same one.
    private static boolean isKept(String name, String unit, boolean counter) {
        return name.equals(
                NAMES.metric(
                        new Metric(
                                NO_RESOURCE,
                                NO_SCOPE,
                                name,
                                PrometheusToOtlp.unit(unit),
                                counter ? MetricType.SUM : MetricType.GAUGE,
                                counter ? Temporality.CUMULATIVE : Temporality.UNSPECIFIED,
                                counter,
                                "",
                                "{}")));
    }

    /// Fills the map; returns what is wrong.
    private static String labels(List<String> pairs, SortedMap<String, String> to) {
        if (pairs.size() % 2 != 0) {
            return "a series has a label without a value";
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            String name = pairs.get(i);
            if (name.isEmpty()) {
                return "a series has a label without a name";
            }
            if (to.containsKey(name)) {
                return "a series has label \"" + name + "\" twice";
            }
            if (!pairs.get(i + 1).isEmpty()) {
                to.put(name, pairs.get(i + 1));
            }
        }
        return to.containsKey(PrometheusSeries.NAME) ? "" : "a series has no __name__";
    }

    private void label(List<String> pairs) {
        int outer = in.push();
        String name = "";
        String value = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 | 2 -> name = text();
                case 2 << 3 | 2 -> value = text();
                default -> in.skip(tag, DEPTH + 2);
            }
        }
        in.pop(outer);
        pairs.add(name);
        pairs.add(value);
    }

    private void labels(int tag, List<String> pairs) {
        if (tag == 1 << 3) {
            pairs.add(symbol(in.varint32()));
        } else if (second) {
            references(pairs);
        } else {
            label(pairs);
        }
    }

    private void references(List<String> pairs) {
        int outer = in.push();
        while (in.at < in.limit) {
            pairs.add(symbol(in.varint32()));
        }
        in.pop(outer);
    }

    private String symbol(int reference) {
        if (reference < 0 || reference >= symbols.size()) {
            throw in.malformed("symbol " + reference + " does not exist", in.at);
        }
        take(ENTRY);
        return symbols.get(reference);
    }

    private Sample sample() {
        double value = 0;
        long time = 0;
        long start = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 | 1 -> value = Double.longBitsToDouble(in.fixed64());
                case 2 << 3 -> time = in.varint64();
                case 3 << 3 -> start = in.varint64();
                default -> in.skip(tag, DEPTH + 2);
            }
        }
        return new Sample(time, start, value, null);
    }

    private Exemplar exemplar() {
        var pairs = new ArrayList<String>();
        double value = 0;
        long time = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 | 2, 1 << 3 -> labels(tag, pairs);
                case 2 << 3 | 1 -> value = Double.longBitsToDouble(in.fixed64());
                case 3 << 3 -> time = in.varint64();
                default -> in.skip(tag, DEPTH + 2);
            }
        }
        var labels = new TreeMap<String, String>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            labels.put(pairs.get(i), pairs.get(i + 1));
        }
        take(written(labels));
        return new Exemplar(labels, value, time);
    }

    private About about() {
        int type = 0;
        String help = "";
        String unit = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 -> type = in.varint32();
                case 3 << 3 -> help = symbol(in.varint32());
                case 4 << 3 -> unit = symbol(in.varint32());
                default -> in.skip(tag, DEPTH + 2);
            }
        }
        return new About(Math.max(0, type), help, unit);
    }

    /// One side of a histogram on its way.
    private final class Side {
        private final List<int[]> spans = new ArrayList<>();
        private final List<Double> counts = new ArrayList<>();
        private long last;

        private void delta(long delta) {
            last += delta;
            add(last);
        }

        private void add(double count) {
            take(ENTRY);
            counts.add(count);
        }

        private int first() {
            return spans.isEmpty() ? 0 : spans.getFirst()[0];
        }

        /// Side by side; null if there is no such form.
        private long @Nullable [] dense() {
            long width = 0;
            long named = 0;
            for (int[] span : spans) {
                width += (width == 0 && named == 0 ? 0L : span[0]) + span[1];
                named += span[1];
                if (span[1] < 0 || width > BUCKETS_MAX || width < named) {
                    return null;
                }
            }
            if (named != counts.size()) {
                return null;
            }
            take(2 * Long.BYTES * width); // a bucket takes up to nine bytes of OTLP, too
            long[] dense = new long[(int) width];
            int at = 0;
            int next = 0;
            for (int s = 0; s < spans.size(); s++) {
                at += s == 0 ? 0 : spans.get(s)[0];
                for (int i = 0; i < spans.get(s)[1]; i++) {
                    double count = counts.get(next++);
                    if (count < 0 || count != Math.rint(count)) {
                        return null;
                    }
                    dense[at++] = (long) count;
                }
            }
            return dense;
        }
    }

    /// Empty where OTLP has no form for it.
    private Optional<Sample> histogram() {
        var positive = new Side();
        var negative = new Side();
        double[] bounds = {};
        double count = 0;
        double zero = 0;
        double sum = 0;
        double threshold = 0;
        int schema = 0;
        int hint = 0;
        long time = 0;
        long start = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 -> count = in.varint64();
                case 2 << 3 | 1 -> count = Double.longBitsToDouble(in.fixed64());
                case 3 << 3 | 1 -> sum = Double.longBitsToDouble(in.fixed64());
                case 4 << 3 -> schema = in.sint32();
                case 5 << 3 | 1 -> threshold = Double.longBitsToDouble(in.fixed64());
                case 6 << 3 -> zero = in.varint64();
                case 7 << 3 | 1 -> zero = Double.longBitsToDouble(in.fixed64());
                case 8 << 3 | 2 -> negative.spans.add(nested(this::span));
                case 9 << 3 | 2 -> packed(() -> negative.delta(zigzag(in.varint64())));
                case 9 << 3 -> negative.delta(zigzag(in.varint64()));
                case 10 << 3 | 2 -> packed(() -> negative.add(real()));
                case 10 << 3 | 1 -> negative.add(real());
                case 11 << 3 | 2 -> positive.spans.add(nested(this::span));
                case 12 << 3 | 2 -> packed(() -> positive.delta(zigzag(in.varint64())));
                case 12 << 3 -> positive.delta(zigzag(in.varint64()));
                case 13 << 3 | 2 -> packed(() -> positive.add(real()));
                case 13 << 3 | 1 -> positive.add(real());
                case 14 << 3 -> hint = in.varint32();
                case 15 << 3 -> time = in.varint64();
                case 16 << 3 | 2 -> {
                    var list = new ArrayList<Double>();
                    packed(() -> {
                        take(ENTRY);
                        list.add(real());
                    });
                    bounds = list.stream().mapToDouble(Double::doubleValue).toArray();
                }
                case 17 << 3 -> start = in.varint64();
                default -> in.skip(tag, DEPTH + 2);
            }
        }
        long[] up = positive.dense();
        long[] down = negative.dense();
        if (up == null || down == null || !isWhole(count, zero)) {
            return Optional.empty();
        }
        boolean custom = schema == CUSTOM;
        if (custom && positive.first() + up.length > bounds.length + 1) {
            return Optional.empty();
        }
        var sample =
                new Sample(
                        time,
                        start,
                        0,
                        new Histogram(
                                hint == GAUGE,
                                schema,
                                threshold,
                                (long) zero,
                                (long) count,
                                sum,
                                positive.first(),
                                up,
                                negative.first(),
                                down,
                                custom ? bounds : null));
        return Optional.of(sample);
    }

    private static final int CUSTOM = -53;
    private static final int GAUGE = 3;

    private static boolean isWhole(double... counts) {
        return Arrays.stream(counts).allMatch(one -> one >= 0 && one == Math.rint(one));
    }

    private void packed(Runnable one) {
        int outer = in.push();
        while (in.at < in.limit) {
            one.run();
        }
        in.pop(outer);
    }

    private double real() {
        return Double.longBitsToDouble(in.fixed64());
    }

    private static long zigzag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }

    private int[] span() {
        int offset = 0;
        int length = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 1 << 3 -> offset = in.sint32();
                case 2 << 3 -> length = in.varint32();
                default -> in.skip(tag, DEPTH + 3);
            }
        }
        return new int[] {offset, length};
    }
}

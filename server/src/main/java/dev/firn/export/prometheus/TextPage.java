package dev.firn.export.prometheus;

import dev.firn.model.prometheus.FamilyType;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.Names;
import dev.firn.model.prometheus.SeriesLabels;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The text format of Prometheus, 0.0.4 and 1.0.0 (exposition_formats.md), and OpenMetrics 1.0,
/// which has exemplars, start times and units besides.
final class TextPage extends PageWriter {
    private static final byte[] INFINITY = "le=\"+Inf\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = new byte[0];

    private final TextOut out = new TextOut();
    private final boolean openMetrics;
    private final boolean timestamps;

    TextPage(OutputStream to, boolean openMetrics, boolean timestamps) {
        super(to);
        this.openMetrics = openMetrics;
        this.timestamps = timestamps;
    }

    @Override
    void targets(String name, Collection<List<Label>> lines) throws IOException {
        String family = openMetrics ? Targets.stem(name) : name;
        comment("HELP", family, "Target metadata");
        comment("TYPE", family, openMetrics ? "info" : "gauge");
        SampleName sample = SampleName.of(name);
        for (List<Label> labels : lines) {
            begin(sample, Label.text(labels), NOTHING);
            out.put('1').put('\n');
            flushIfFull();
        }
    }

    private void comment(String kind, String family, String text) {
        out.put("# ").put(kind).put(' ').put(SampleName.inComment(family)).put(' ');
        out.put(text).put('\n');
    }

    @Override
    boolean shows(Family family) {
        return !openMetrics || family.inOpenMetrics;
    }

    @Override
    byte[] labels(Family.Entry entry, SeriesLabels labels) {
        return entry.labels;
    }

    @Override
    void begin(Family family) {
        boolean counter = family.type == FamilyType.COUNTER;
        boolean nameless = counter && !family.total(); // OpenMetrics' counters need _total
        String name = openMetrics && counter ? Names.stem(family.name) : family.name;
        if (!family.help().isEmpty()) {
            comment("HELP", name, help(family.help()));
        }
        comment("TYPE", name, type(family.type, nameless));
        if (openMetrics && !family.unit().isEmpty()) {
            comment("UNIT", name, family.unit());
        }
    }

    private String type(FamilyType type, boolean nameless) {
        boolean unknown = type == FamilyType.UNKNOWN || nameless;
        return openMetrics && unknown ? "unknown" : type.text();
    }

    private String help(String text) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return openMetrics ? escaped.replace("\"", "\\\"") : escaped;
    }

    /// `name{labels,more} `.
    private void begin(SampleName name, byte[] labels, byte[] more) {
        out.put(name.bytes());
        boolean open = name.quoted();
        if (labels.length > 0) {
            out.put(open ? ',' : '{').put(labels);
            open = true;
        }
        if (more.length > 0) {
            out.put(open ? ',' : '{').put(more);
            open = true;
        }
        if (open) {
            out.put('}');
        }
        out.put(' ');
    }

    /// The time, if wanted, the exemplar, if any, and the line's end.
    private void end(Slot slot, @Nullable Exemplar exemplar) {
        if (timestamps && openMetrics) {
            out.put(' ').seconds(slot.time());
        } else if (timestamps) {
            out.put(' ').signed(slot.time() / 1_000_000);
        }
        if (openMetrics && exemplar != null) {
            out.put(" # {").put(exemplar.text()).put("} ").real(exemplar.value);
            if (exemplar.time > 0) {
                out.put(' ').seconds(exemplar.time);
            }
        }
        out.put('\n');
    }

    private void created(Family family, byte[] labels, Slot slot) {
        if (openMetrics && slot.start() > 0) {
            begin(family.created, labels, NOTHING);
            out.seconds(slot.start()).put('\n');
        }
    }

    @Override
    void number(Family family, byte[] labels, NumberSlot slot) {
        begin(family.plain, labels, NOTHING);
        if (slot.integer()) {
            out.signed(slot.bits());
        } else {
            out.real(slot.value());
        }
        boolean counter = family.type == FamilyType.COUNTER && family.total();
        end(slot, counter ? slot.exemplar() : null);
        if (counter) {
            created(family, labels, slot);
        }
    }

    @Override
    void histogram(Family family, byte[] labels, HistogramSlot slot) {
        Boundaries bounds = slot.bounds();
        long cumulative = 0;
        for (int i = 0; i < bounds.size(); i++) {
            cumulative = slot.cumulative(i, cumulative);
            begin(family.bucket, labels, bounds.label(i, openMetrics));
            out.unsigned(cumulative);
            end(slot, slot.exemplar(i));
        }
        begin(family.bucket, labels, INFINITY);
        out.unsigned(slot.count());
        end(slot, slot.exemplar(bounds.size()));
        if (slot.hasSum()) {
            begin(family.sum, labels, NOTHING);
            out.real(slot.sum());
            end(slot, null);
        }
        count(family, labels, slot, slot.count());
    }

    private void count(Family family, byte[] labels, Slot slot, long count) {
        begin(family.count, labels, NOTHING);
        out.unsigned(count);
        end(slot, null);
        created(family, labels, slot);
    }

    /// These formats have no native histograms: what stays is the bucket of everything, as the
    /// Collector shows it.
    @Override
    void exponential(Family family, byte[] labels, ExponentialSlot slot) {
        begin(family.bucket, labels, INFINITY);
        out.unsigned(slot.count());
        end(slot, slot.latest());
        begin(family.sum, labels, NOTHING);
        out.real(slot.sum());
        end(slot, null);
        count(family, labels, slot, slot.count());
    }

    @Override
    void summary(Family family, byte[] labels, SummarySlot slot) {
        Boundaries quantiles = slot.quantiles();
        for (int i = 0; i < quantiles.size(); i++) {
            begin(family.plain, labels, quantiles.label(i, openMetrics));
            out.real(slot.value(i));
            end(slot, null);
        }
        begin(family.sum, labels, NOTHING);
        out.real(slot.sum());
        end(slot, null);
        count(family, labels, slot, slot.count());
    }

    @Override
    void end(Family family) {
        // samples end by themselves
    }

    @Override
    void end() {
        if (openMetrics) {
            out.put("# EOF\n");
        }
    }

    @Override
    int mark() {
        return out.bytes.size();
    }

    @Override
    void cut(int mark) {
        out.bytes.truncate(mark);
    }

    @Override
    void spill(Family family) throws IOException {
        flushIfFull();
    }

    private void flushIfFull() throws IOException {
        if (out.bytes.size() >= FLUSH_BYTES) {
            flush();
        }
    }

    @Override
    void flush() throws IOException {
        send(out.bytes.array(), out.bytes.size());
        out.bytes.reset();
    }
}

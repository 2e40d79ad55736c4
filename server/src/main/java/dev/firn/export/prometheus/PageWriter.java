package dev.firn.export.prometheus;

import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.SeriesLabels;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.List;

/// Writes a page, series by series: what a scraper waits for is never larger than a buffer, and a
/// slot is locked only while its numbers are printed into memory.
abstract sealed class PageWriter permits TextPage, ProtobufPage {
    /// Bytes that are handed to the network at a time.
    static final int FLUSH_BYTES = 64 << 10;

    private final OutputStream out;

    /// Series that were written.
    private long series;

    PageWriter(OutputStream out) {
        this.out = out;
    }

    /// A writer for the format.
    ///
    /// @param timestamps whether samples carry their points' time
    static PageWriter of(PageFormat format, boolean timestamps, OutputStream out) {
        return switch (format.syntax()) {
            case TEXT -> new TextPage(out, false, timestamps);
            case OPEN_METRICS -> new TextPage(out, true, timestamps);
            case PROTOBUF -> new ProtobufPage(out, timestamps);
        };
    }

    /// Writes the whole page; returns how many series it has.
    ///
    /// @param oldestTicks series last updated before are left out
    final long write(Index index, long oldestTicks) throws IOException {
        Collection<List<Label>> targets = Targets.shown(index, oldestTicks);
        if (!targets.isEmpty()) {
            targets(index.targetInfo(), targets);
        }
        for (Family family : index.families()) {
            if (shows(family)) {
                family(family, index.labels(), oldestTicks);
            }
        }
        end();
        flush();
        return series;
    }

    private void family(Family family, SeriesLabels labels, long oldestTicks) throws IOException {
        boolean headed = false;
        for (Family.Entry entry : family.entries.values()) {
            int before = mark();
            if (!headed) {
                begin(family);
            }
            if (sample(entry, labels, oldestTicks)) {
                headed = true;
                series++;
            } else if (!headed) {
                cut(before);
            }
            spill(family);
        }
        if (headed) {
            end(family);
        }
    }

    private boolean sample(Family.Entry entry, SeriesLabels labels, long oldestTicks) {
        Slot slot = entry.slot;
        byte[] rendered = labels(entry, labels);
        synchronized (slot) {
            if (!slot.visible(oldestTicks)) {
                return false;
            }
            switch (slot) {
                case NumberSlot number -> number(entry.family, rendered, number);
                case HistogramSlot histogram -> histogram(entry.family, rendered, histogram);
                case ExponentialSlot histogram -> exponential(entry.family, rendered, histogram);
                case SummarySlot summary -> summary(entry.family, rendered, summary);
            }
            return true;
        }
    }

    /// Hands bytes to the network.
    final void send(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    /// The family of `target_info`, a line for each list of labels.
    abstract void targets(String name, Collection<List<Label>> lines) throws IOException;

    /// Whether the format can show the family.
    abstract boolean shows(Family family);

    /// An entry's labels in this format.
    abstract byte[] labels(Family.Entry entry, SeriesLabels labels);

    /// What comes before a family's samples.
    abstract void begin(Family family);

    abstract void number(Family family, byte[] labels, NumberSlot slot);

    abstract void histogram(Family family, byte[] labels, HistogramSlot slot);

    abstract void exponential(Family family, byte[] labels, ExponentialSlot slot);

    abstract void summary(Family family, byte[] labels, SummarySlot slot);

    /// What comes after a family's samples.
    abstract void end(Family family) throws IOException;

    /// What comes last.
    abstract void end();

    /// Where the buffer stands.
    abstract int mark();

    /// Back to where it stood.
    abstract void cut(int mark);

    /// Sends the buffer if it is full; more of the family may come.
    abstract void spill(Family family) throws IOException;

    /// Sends the buffer.
    abstract void flush() throws IOException;
}

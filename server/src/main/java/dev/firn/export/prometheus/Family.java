package dev.firn.export.prometheus;

import dev.firn.model.Series;
import dev.firn.model.prometheus.FamilyType;
import dev.firn.model.prometheus.Label;
import dev.firn.model.prometheus.Names;
import dev.firn.model.prometheus.SeriesLabels;
import java.util.Arrays;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// Series of one name and type, in the order of their labels. Its entries are changed by [Index]
/// only; scrapes walk them meanwhile.
final class Family {
    /// A series' place on the page.
    static final class Entry {
        final Family family;
        final byte[] labels;
        volatile Slot slot;
        private volatile byte @Nullable [] protobufLabels;

        Entry(Family family, byte[] labels, Slot slot) {
            this.family = family;
            this.labels = labels;
            this.slot = slot;
        }

        /// Labels in protobuf; rendered when first asked for.
        byte[] protobufLabels(SeriesLabels rendering) {
            byte[] known = protobufLabels;
            if (known == null) {
                Series owner = slot.owner();
                known =
                        Label.protobuf(
                                rendering.of(
                                        owner.metric(),
                                        owner.attributes(),
                                        family.type.reservedLabel()));
                protobufLabels = known;
            }
            return known;
        }
    }

    final String name;
    final FamilyType type;
    final ConcurrentSkipListMap<byte[], Entry> entries =
            new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    final Boundaries.Cache boundaries;

    /// False while another family has one of its names in OpenMetrics; guarded by [Index].
    volatile boolean inOpenMetrics = true;

    private volatile String help = "";
    private volatile String unit = "";

    private final boolean total;
    final SampleName plain;
    final SampleName bucket;
    final SampleName sum;
    final SampleName count;
    final SampleName created;

    Family(String name, FamilyType type) {
        this.name = name;
        this.type = type;
        boundaries = new Boundaries.Cache(type.reservedLabel());
        total = !Names.stem(name).equals(name);
        plain = SampleName.of(name);
        bucket = SampleName.of(name + "_bucket");
        sum = SampleName.of(name + "_sum");
        count = SampleName.of(name + "_count");
        created =
                SampleName.of((type == FamilyType.COUNTER ? Names.stem(name) : name) + "_created");
    }

    /// The first texts that are not empty stay: comments must not contradict each other.
    void describe(String newHelp, String newUnit) {
        if (help.isEmpty()) {
            help = newHelp;
        }
        if (unit.isEmpty()) {
            unit = newUnit;
        }
    }

    /// Whether the name ends with `_total`.
    boolean total() {
        return total;
    }

    String help() {
        return help;
    }

    String unit() {
        return unit;
    }
}

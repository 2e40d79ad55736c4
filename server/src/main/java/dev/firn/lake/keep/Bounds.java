package dev.firn.lake.keep;

import dev.firn.lake.LakePaths;
import dev.firn.model.Position;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.data.Record;

/// How far each writer's rows are meant: those of cuts that came later are not. Rows of a writer
/// that is not named (imported ones) are meant whatever their number.
///
/// @param cuts number of the last cut, by writer
public record Bounds(Map<String, Long> cuts) {
    public Bounds {
        cuts = java.util.Collections.unmodifiableMap(new TreeMap<>(cuts));
    }

    /// Where a table's writers stand.
    ///
    /// @param properties of the table
    public static Bounds of(Map<String, String> properties) {
        var cuts = new TreeMap<String, Long>();
        properties.forEach((key, position) -> {
            if (key.startsWith(LakePaths.WRITER_PROPERTY)) {
                cuts.put(
                        key.substring(LakePaths.WRITER_PROPERTY.length()),
                        Position.parse(position).sequence());
            }
        });
        return new Bounds(cuts);
    }

    /// The same, one writer's rows bounded by a cut.
    public Bounds with(String writer, long cut) {
        var all = new TreeMap<>(cuts);
        all.put(writer, cut);
        return new Bounds(all);
    }

    boolean contains(Record row) {
        return contains((String) row.getField("src"), (Long) row.getField("seq"));
    }

    /// Whether a writer's cut is meant.
    public boolean contains(String src, long seq) {
        Long last = cuts.get(src);
        return last == null || seq <= last;
    }
}

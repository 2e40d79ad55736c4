package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The newest points of all [Source]s: what each would bring along if another series joined it. All
/// first stages of all pipelines share it.
///
/// Nothing is written to the log for a point that the log holds anyhow, as it is or under the name
/// of what its series has become; after a kill it is read there again. Changed under the exclusive
/// lock of [StateRoom] only.
final class Sources {
    static final String NAME = "sources";
    static final int VERSION = 1;

    private final Map<StreamKey, Source> sources = new HashMap<>();

    int size() {
        return sources.size();
    }

    /// The source, a new one if it is not known.
    Source at(StreamKey key) {
        return sources.computeIfAbsent(key, Source::new);
    }

    /// The source, if it is known.
    @Nullable Source find(StreamKey key) {
        return sources.get(key);
    }

    /// Forgets a source that nothing uses.
    void dropUnused(StreamKey key) {
        Source source = sources.get(key);
        if (source != null && source.users == 0) {
            sources.remove(key);
        }
    }

    /// Forgets all that nothing uses.
    void dropUnused() {
        sources.values().removeIf(source -> source.users == 0);
    }

    void write(ByteWriter out) {
        out.varint(sources.size());
        sources.values().forEach(source -> source.write(out));
    }

    /// Takes what [#write], or [Passing], wrote.
    void read(ByteReader in) {
        for (int i = in.count(); i > 0; i--) {
            Source source = at(StreamKey.read(in));
            long lastTime = in.i64();
            long valueTime = in.i64();
            long start = in.i64();
            PointValue value = in.u8() == 0 ? null : PointValue.read(in);
            source.observe(lastTime, valueTime, start, value);
        }
    }

    /// Repeats what a request's points in the log tell.
    ///
    /// @param only the one source of a series, as far as the stage knows whose points these are;
    ///   throws none, gives null where it is not known or there are several
    void replay(Batch points, Function<StreamKey, @Nullable StreamKey> only) {
        for (Points.Kind kind : List.of(Points.Kind.values())) {
            Points of = points.points(kind);
            for (int row = 0; row < of.size(); row++) {
                StreamKey key = only.apply(StreamKey.of(of.series[row]));
                if (key != null) {
                    at(key).observe(of, row);
                }
            }
        }
    }
}

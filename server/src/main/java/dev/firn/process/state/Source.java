package dev.firn.process.state;

import dev.firn.base.ByteWriter;
import dev.firn.model.PointValue;
import dev.firn.model.Points;

/// A series as its sender sends it, which is the only one to have become another: its newest point.
final class Source extends Newest {
    final StreamKey key;

    /// Series that it is the only one to have become; under the room's lock.
    int users;

    Source(StreamKey key) {
        this.key = key;
    }

    /// A point of it went on as it was.
    void observe(Points points, int row) {
        observe(points, row, true);
    }

    /// What it has become, as long as it was the only one.
    ///
    /// @param keepsValue whether values of this kind are added up over time
    Aggregate alone(boolean keepsValue) {
        return alone(key, keepsValue);
    }

    void write(ByteWriter out) {
        Aggregate now = alone(true);
        PointValue value = now.total();
        key.write(out);
        out.i64(now.lastTime()).i64(now.valueTime()).i64(now.start()).u8(value == null ? 0 : 1);
        if (value != null) {
            value.write(out);
        }
    }

    /// A point as [#write] would leave it for a source that saw no other.
    static void write(StreamKey key, Points points, int row, ByteWriter out) {
        var one = new Source(key);
        one.observe(points, row);
        one.write(out);
    }
}

package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.PointValue;
import org.jspecify.annotations.Nullable;

/// What several series have become, so far.
///
/// @param only the one member, as long as there was no other; null once there was
/// @param lastTime time of the newest point that was made; 0 for none
/// @param start of its points; 0 if unknown
/// @param floor a member that is new and began before this has been counted in part, or may have
///   been: only what it grows by counts
/// @param valueTime time of the only member's newest value
/// @param live members whose streams have not ended
/// @param total of the members; null where it is not kept (deltas, gauges) or there is none yet
/// @param low what the double `total` lacks to the exact sum
record Aggregate(
        @Nullable StreamKey only,
        long lastTime,
        long start,
        long floor,
        long valueTime,
        long live,
        @Nullable PointValue total,
        double low) {
    private static final int HAS_ONLY = 1;
    private static final int HAS_TOTAL = 2;

    static final StreamCodec<Aggregate> CODEC =
            new StreamCodec<>() {
                @Override
                public int version() {
                    return 1;
                }

                @Override
                public void write(Aggregate value, ByteWriter out) {
                    value.write(out);
                }

                @Override
                public Aggregate read(ByteReader in) {
                    return readFrom(in);
                }
            };

    private void write(ByteWriter out) {
        StreamKey member = only;
        PointValue sum = total;
        out.u8((member == null ? 0 : HAS_ONLY) | (sum == null ? 0 : HAS_TOTAL));
        out.i64(lastTime).i64(start).i64(floor).i64(valueTime).varint(live);
        if (member != null) {
            member.write(out);
        }
        if (sum != null) {
            sum.write(out);
            out.f64(low);
        }
    }

    private static Aggregate readFrom(ByteReader in) {
        int has = in.u8();
        long lastTime = in.i64();
        long start = in.i64();
        long floor = in.i64();
        long valueTime = in.i64();
        long live = in.varint();
        StreamKey only = (has & HAS_ONLY) != 0 ? StreamKey.read(in) : null;
        PointValue total = (has & HAS_TOTAL) != 0 ? PointValue.read(in) : null;
        double low = total == null ? 0 : in.f64();
        return new Aggregate(only, lastTime, start, floor, valueTime, live, total, low);
    }

    Aggregate withFloor(long atLeast) {
        return new Aggregate(
                only, lastTime, start, Math.max(floor, atLeast), valueTime, live, total, low);
    }

    Aggregate withLive(long members) {
        return new Aggregate(only, lastTime, start, floor, valueTime, members, total, low);
    }

    Aggregate withTotal(@Nullable PointValue sum, double rest) {
        return new Aggregate(only, lastTime, start, floor, valueTime, live, sum, rest);
    }

    Aggregate withLastTime(long time) {
        return new Aggregate(only, time, start, floor, valueTime, live, total, low);
    }
}

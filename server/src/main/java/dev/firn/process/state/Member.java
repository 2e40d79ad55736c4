package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.PointValue;

/// One of several series that have become one: its newest point.
///
/// @param of what it has become
/// @param ended whether a stale marker came after it
record Member(StreamKey of, long time, long start, boolean ended, PointValue value) {
    static final StreamCodec<Member> CODEC =
            new StreamCodec<>() {
                @Override
                public int version() {
                    return 1;
                }

                @Override
                public void write(Member member, ByteWriter out) {
                    member.of.write(out);
                    out.i64(member.time).i64(member.start).u8(member.ended ? 1 : 0);
                    member.value.write(out);
                }

                @Override
                public Member read(ByteReader in) {
                    return new Member(
                            StreamKey.read(in),
                            in.i64(),
                            in.i64(),
                            in.u8() != 0,
                            PointValue.read(in));
                }
            };
}

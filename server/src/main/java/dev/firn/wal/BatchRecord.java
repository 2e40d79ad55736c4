package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.Intake.Answer;
import dev.firn.model.Intake.RequestKey;

/// What stands in front of the definitions and points of a BATCH record.
///
/// @param key of the request
/// @param answer that it got
/// @param millis wall time of the append
/// @param cut to which the record belongs
/// @param points in it, all kinds
record BatchRecord(RequestKey key, Answer answer, long millis, long cut, long points) {
    void write(ByteWriter out) {
        writeRequest(out, key, answer, millis);
        out.varint(cut).varint(points);
    }

    static BatchRecord read(ByteReader in) {
        var key = new RequestKey(in.i64(), in.i64());
        long millis = in.i64();
        Answer answer = readAnswer(in);
        return new BatchRecord(key, answer, millis, in.varint(), in.varint());
    }

    /// A request as BATCH and RETRIES records hold it.
    static void writeRequest(ByteWriter out, RequestKey key, Answer answer, long millis) {
        out.i64(key.high()).i64(key.low()).i64(millis);
        out.varint(answer.rejectedPoints()).string(answer.message());
    }

    /// The answer at the end of a request.
    static Answer readAnswer(ByteReader in) {
        long rejected = in.varint();
        String message = in.string();
        return rejected == 0 && message.isEmpty() ? Answer.OK : new Answer(rejected, message);
    }
}

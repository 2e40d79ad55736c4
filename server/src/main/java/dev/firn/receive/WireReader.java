package dev.firn.receive;

import dev.firn.receive.Receiver.MalformedBody;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads protobuf's wire format from a byte array, with the rules of protobuf's own Java parser:
/// varints of up to ten bytes of which only the needed bits count, at most 100 levels of messages
/// and groups, strings in strict UTF-8. Every read is checked against [#limit].
///
/// Fields are open to the package because this is the hot path: `DecoderBenchmark` in bench/.
final class WireReader {
    /// Eight bytes, little-endian.
    static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// Nested messages and groups that protobuf's own parser takes before it refuses.
    static final int DEPTH_MAX = 100;

    private static final byte[] NOTHING = new byte[0];

    private final String message;

    byte[] bytes = NOTHING;
    int at;
    int limit;

    /// Of OTLP's requests.
    WireReader() {
        this("ExportMetricsServiceRequest");
    }

    /// @param message what is read, for messages
    WireReader(String message) {
        this.message = message;
    }

    /// Starts over at `bytes[from, to)`.
    WireReader over(byte[] body, int from, int to) {
        bytes = body;
        at = from;
        limit = to;
        return this;
    }

    /// An idle reader keeps no body alive.
    void letGo() {
        over(NOTHING, 0, 0);
    }

    /// The next field's tag (number and wire type); 0 at the end of the message.
    int tag() {
        if (at == limit) {
            return 0;
        }
        int from = at;
        int tag = varint32();
        if (tag >>> 3 == 0) {
            throw malformed("a field has number 0", from);
        }
        return tag;
    }

    /// The low 32 bits of a varint.
    int varint32() {
        if (at < limit && bytes[at] >= 0) {
            return bytes[at++];
        }
        return (int) longVarint();
    }

    /// A varint.
    long varint64() {
        if (at < limit && bytes[at] >= 0) {
            return bytes[at++];
        }
        return longVarint();
    }

    private long longVarint() {
        int from = at;
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == limit) {
                throw malformed("the message ends within a varint", from);
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a varint has more than 10 bytes", from);
    }

    /// A zigzag varint of 32 bits.
    int sint32() {
        int value = varint32();
        return (value >>> 1) ^ -(value & 1);
    }

    /// Eight bytes.
    long fixed64() {
        if (limit - at < 8) {
            throw malformed("the message ends within a 64-bit field", at);
        }
        long value = (long) LONGS.get(bytes, at);
        at += 8;
        return value;
    }

    /// The length of what follows, which is all there.
    int length() {
        int from = at;
        int length = varint32();
        if (length < 0 || length > limit - at) {
            throw malformed(
                    "a field claims "
                            + (length & 0xffffffffL)
                            + " bytes where "
                            + (limit - at)
                            + " are left",
                    from);
        }
        return length;
    }

    /// Goes over a length and what follows it.
    void skipDelimited() {
        int length = length(); // moves `at`, so not in one expression with it
        at += length;
    }

    /// A string field's text.
    String string() {
        int length = length();
        int from = at;
        at += length;
        var text = new String(bytes, from, length, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') >= 0) {
            checkUtf8(from, length); // either sent so, or put there for what is no UTF-8
        }
        return text;
    }

    private void checkUtf8(int from, int length) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
        } catch (CharacterCodingException e) {
            throw malformed("a text is not UTF-8", from);
        }
    }

    /// Goes into a length-delimited field; returns the limit to go back to with [#pop].
    int push() {
        int length = length();
        int outer = limit;
        limit = at + length;
        return outer;
    }

    /// Goes into a message at `depth`; returns the limit to go back to with [#pop].
    int pushMessage(int depth) {
        checkDepth(depth);
        return push();
    }

    /// Leaves a field, whether or not all of it was read.
    void pop(int outer) {
        at = limit;
        limit = outer;
    }

    private void checkDepth(int depth) {
        if (depth >= DEPTH_MAX) {
            throw malformed("messages are nested more than " + DEPTH_MAX + " deep", at);
        }
    }

    /// Skips the field whose tag was just read, in a message at `depth`.
    void skip(int tag, int depth) {
        switch (tag & 7) {
            case 0 -> varint64();
            case 1 -> forward(8);
            case 2 -> skipDelimited();
            case 3 -> skipGroup(tag >>> 3, depth);
            case 5 -> forward(4);
            case 4 -> throw malformed("a group ends that did not begin", at);
            default -> throw malformed("wire type " + (tag & 7) + " does not exist", at);
        }
    }

    private void forward(int count) {
        if (limit - at < count) {
            throw malformed("the message ends within a field of " + count + " bytes", at);
        }
        at += count;
    }

    private void skipGroup(int number, int depth) {
        checkDepth(depth);
        int from = at;
        for (int tag = tag(); tag != 0; tag = tag()) {
            if ((tag & 7) == 4) {
                if (tag >>> 3 != number) {
                    throw malformed("group " + number + " ends as group " + (tag >>> 3), at);
                }
                return;
            }
            skip(tag, depth + 1);
        }
        throw malformed("group " + number + " does not end", from);
    }

    /// What to throw.
    MalformedBody malformed(String what, int offset) {
        return new MalformedBody(
                "cannot parse "
                        + message
                        + " at offset "
                        + offset
                        + ": "
                        + what
                        + "; the request was dropped, check the sender's encoder");
    }
}

package dev.firn.receive;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Decompresses bodies array to array and stops at the first byte above the limit, so that a
/// compression bomb never holds more than the limit. Hot path: `ServersBench` in bench/.
final class Decompressor {
    /// A decoder of zstd as a content coding must not be made to keep a larger window (RFC 9659).
    private static final int ZSTD_WINDOW_LOG_MAX = 23;

    private static final int KEPT = 32;
    private static final int GZIP_TRAILER = 8;

    /// The first guess at the size trusts what the body claims up to this factor only.
    private static final int GUESS_FACTOR_MAX = 32;

    private final ArrayBlockingQueue<Inflater> inflaters = new ArrayBlockingQueue<>(KEPT);
    private final ArrayBlockingQueue<ZstdDecompressCtx> contexts = new ArrayBlockingQueue<>(KEPT);

    /// Fills `out` from `in[0, length)`.
    ///
    /// @param limit most bytes of content
    /// @param limitName its name, for the message
    /// @throws Refusal MALFORMED, TOO_LARGE or, when no buffer is to be had, EXHAUSTED
    void decompress(Compression how, Body in, Body out, int limit, String limitName) {
        switch (how) {
            case GZIP -> gunzip(in.bytes(), in.length(), out, limit, limitName);
            case ZSTD -> unzstd(in.bytes(), in.length(), out, limit, limitName);
            case IDENTITY -> throw new IllegalArgumentException("identity is not decompressed");
        }
    }

    private void gunzip(byte[] in, int length, Body out, int limit, String limitName) {
        Inflater inflater = inflaters.poll();
        if (inflater == null) {
            inflater = new Inflater(true);
        }
        try {
            out.ensure(firstGuess(length < 18 ? 0 : i32(in, length - 4), length, limit));
            int at = 0;
            do {
                at = member(inflater, in, at, length, out, limit, limitName);
            } while (at < length);
        } finally {
            inflater.reset();
            if (!inflaters.offer(inflater)) {
                inflater.end();
            }
        }
    }

    /// One byte more than claimed, so that the end is seen without growing.
    private static int firstGuess(long claimed, int length, int limit) {
        long trusted = Math.max(16_384, (long) GUESS_FACTOR_MAX * length);
        long guess = claimed <= 0 ? 4L * length : claimed;
        return (int) Math.min(Math.min(guess, trusted), limit) + 1;
    }

    /// A member of RFC 1952; returns where the next starts.
    private static int member(
            Inflater inflater,
            byte[] in,
            int start,
            int length,
            Body out,
            int limit,
            String limitName) {
        int from = header(in, start, length);
        int before = out.length();
        inflater.reset();
        inflater.setInput(in, from, length - from);
        inflate(inflater, out, limit, limitName);
        int end = length - inflater.getRemaining();
        if (length - end < GZIP_TRAILER) {
            throw truncated("gzip", length);
        }
        var crc = new CRC32();
        crc.update(out.bytes(), before, out.length() - before);
        if ((int) crc.getValue() != i32(in, end) || out.length() - before != i32(in, end + 4)) {
            throw malformed("gzip", "its checksum or length does not fit its content");
        }
        return end + GZIP_TRAILER;
    }

    private static void inflate(Inflater inflater, Body out, int limit, String limitName) {
        try {
            while (!inflater.finished()) {
                out.grow(limit + 1);
                int read = inflater.inflate(out.bytes(), out.length(), out.room());
                out.advance(read);
                if (out.length() > limit) {
                    throw tooLarge(limit, limitName);
                }
                if (read == 0 && inflater.needsInput()) {
                    throw truncated("gzip", out.length());
                }
                if (read == 0 && inflater.needsDictionary()) {
                    throw malformed("gzip", "it needs a preset dictionary");
                }
            }
        } catch (DataFormatException e) {
            throw malformed("gzip", String.valueOf(e.getMessage()));
        }
    }

    /// Skips a header of RFC 1952 §2.3; returns where the deflated bytes start.
    private static int header(byte[] in, int start, int length) {
        if (length - start < 10) {
            throw truncated("gzip", length);
        }
        int flags = in[start + 3];
        if ((in[start] & 0xff) != 0x1f || (in[start + 1] & 0xff) != 0x8b || in[start + 2] != 8) {
            throw malformed("gzip", "no gzip header at byte " + start);
        }
        int at = start + 10;
        if ((flags & 4) != 0) {
            at += at + 2 > length ? 2 : 2 + (in[at] & 0xff | (in[at + 1] & 0xff) << 8);
        }
        if ((flags & 8) != 0) {
            at = afterZero(in, at, length);
        }
        if ((flags & 16) != 0) {
            at = afterZero(in, at, length);
        }
        if ((flags & 2) != 0) {
            at += 2;
        }
        if (at >= length) {
            throw truncated("gzip", length);
        }
        return at;
    }

    private static int afterZero(byte[] in, int start, int length) {
        int at = start;
        while (at < length && in[at] != 0) {
            at++;
        }
        return at + 1;
    }

    private static int i32(byte[] in, int at) {
        return in[at] & 0xff
                | (in[at + 1] & 0xff) << 8
                | (in[at + 2] & 0xff) << 16
                | (in[at + 3] & 0xff) << 24;
    }

    private void unzstd(byte[] in, int length, Body out, int limit, String limitName) {
        long claimed = Zstd.getFrameContentSize(in, 0, length);
        if (claimed > limit) {
            throw tooLarge(limit, limitName);
        }
        if (claimed <= 0 || claimed > (long) GUESS_FACTOR_MAX * length) {
            stream(in, length, out, limit, limitName);
            return;
        }
        out.ensure((int) claimed);
        try {
            out.advance(oneShot(in, length, out));
        } catch (ZstdException e) {
            if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                throw malformed("zstd", String.valueOf(e.getMessage()));
            }
            // several frames, of which only the first one's size was known
            stream(in, length, out, limit, limitName);
        }
        if (out.length() > limit) {
            throw tooLarge(limit, limitName);
        }
    }

    private int oneShot(byte[] in, int length, Body out) {
        ZstdDecompressCtx context = contexts.poll();
        if (context == null) {
            context = new ZstdDecompressCtx();
        }
        try {
            return context.decompressByteArray(out.bytes(), 0, out.room(), in, 0, length);
        } finally {
            context.reset();
            if (!contexts.offer(context)) {
                context.close();
            }
        }
    }

    private static void stream(byte[] in, int length, Body out, int limit, String limitName) {
        out.ensure(firstGuess(0, length, limit));
        try (var stream =
                new ZstdInputStreamNoFinalizer(
                        new ByteArrayInputStream(in, 0, length), RecyclingBufferPool.INSTANCE)) {
            stream.setLongMax(ZSTD_WINDOW_LOG_MAX);
            while (true) {
                out.grow(limit + 1);
                int read = stream.read(out.bytes(), out.length(), out.room());
                if (read < 0) {
                    return;
                }
                out.advance(read);
                if (out.length() > limit) {
                    throw tooLarge(limit, limitName);
                }
            }
        } catch (IOException e) {
            throw malformed("zstd", String.valueOf(e.getMessage()));
        }
    }

    private static Refusal truncated(String what, int at) {
        return malformed(what, "it ends early, after " + at + " bytes");
    }

    private static Refusal malformed(String what, String why) {
        return Refusal.of(
                Refusal.Kind.MALFORMED, "cannot decompress the " + what + " body: " + why);
    }

    private static Refusal tooLarge(int limit, String limitName) {
        return Refusal.limit(
                Refusal.Limit.BODY_BYTES,
                Refusal.Kind.TOO_LARGE,
                0,
                "cannot accept the body: decompressed it is larger than "
                        + limitName
                        + " "
                        + limit
                        + " bytes; send smaller batches, or raise that limit");
    }

    /// Frees what is kept outside the heap.
    void close() {
        for (Inflater each = inflaters.poll(); each != null; each = inflaters.poll()) {
            each.end();
        }
        for (ZstdDecompressCtx each = contexts.poll(); each != null; each = contexts.poll()) {
            each.close();
        }
    }
}

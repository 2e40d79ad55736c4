package dev.firn.engine.child;

import static dev.firn.engine.child.CompressedBlocks.BLOCK_BYTES_MAX;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4FrameJavaDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Compression of whole messages: `Content-Encoding` gzip, zstd and (requests only) lz4 frames, and
/// ClickHouse's own blocks.
final class Codings {
    /// An LZ4 frame is unpacked whole: clients use it for texts and modest inserts.
    private static final int FRAME_BYTES_MAX = 32 << 20;

    /// 8 MiB: what usual levels of compression need.
    private static final int ZSTD_WINDOW_LOG_MIN = 23;

    private Codings() {}

    /// The request's body as the client meant it. What must be unpacked whole, a block or a frame,
    /// may have `unpackedBytesMax`.
    static InputStream decoded(Http.Request request, int unpackedBytesMax) throws IOException {
        String coding = request.headers().getOrDefault("content-encoding", "");
        InputStream body =
                switch (coding.toLowerCase(Locale.ROOT)) {
                    case "", "identity" -> request.body();
                    case "gzip", "x-gzip" -> new GZIPInputStream(request.body(), 64 << 10);
                    case "zstd" -> zstd(request.body(), unpackedBytesMax);
                    case "lz4" ->
                            frame(request.body(), Math.min(unpackedBytesMax, FRAME_BYTES_MAX));
                    default ->
                            throw EngineException.of(
                                    EngineException.NOT_IMPLEMENTED,
                                    "NOT_IMPLEMENTED",
                                    "Unknown Content-Encoding: use gzip, zstd or lz4");
                };
        return request.flag("decompress")
                ? new CompressedBlocks.Input(body, Math.min(unpackedBytesMax, BLOCK_BYTES_MAX))
                : body;
    }

    /// A zstd frame announces how much of what was unpacked must be kept.
    private static InputStream zstd(InputStream body, int unpackedBytesMax) throws IOException {
        var in = new ZstdInputStream(body);
        int log = 31 - Integer.numberOfLeadingZeros(unpackedBytesMax);
        in.setLongMax(Math.max(ZSTD_WINDOW_LOG_MIN, log));
        return in;
    }

    private static InputStream frame(InputStream body, int bytesMax) throws IOException {
        byte[] packed = body.readNBytes(bytesMax);
        if (packed.length == 0) {
            return InputStream.nullInputStream();
        }
        int size = (int) Math.min(bytesMax, Math.max(1 << 20, packed.length * 8L));
        while (true) {
            byte[] plain = new byte[size];
            try {
                int count =
                        new Lz4FrameJavaDecompressor()
                                .decompress(packed, 0, packed.length, plain, 0, size);
                return new ByteArrayInputStream(Arrays.copyOf(plain, count));
            } catch (MalformedInputException | IllegalArgumentException e) {
                if (size >= bytesMax) {
                    throw EngineException.of(
                            EngineException.CANNOT_DECOMPRESS,
                            "CANNOT_DECOMPRESS",
                            "Cannot decompress the body: it is no LZ4 frame of at most "
                                    + bytesMax
                                    + " bytes");
                }
                size = (int) Math.min(bytesMax, size * 8L);
            }
        }
    }

    /// Which `Content-Encoding` the answer gets: only where the client asks twice, as ClickHouse
    /// has it (`enable_http_compression=1` and `Accept-Encoding`).
    static @Nullable String answerCoding(Http.Request request) {
        if (!request.flag("enable_http_compression")) {
            return null;
        }
        String accepted =
                request.headers().getOrDefault("accept-encoding", "").toLowerCase(Locale.ROOT);
        if (accepted.contains("zstd")) {
            return "zstd";
        }
        if (accepted.contains("lz4")) {
            return "lz4";
        }
        return accepted.contains("gzip") ? "gzip" : null;
    }

    static OutputStream encoded(OutputStream out, @Nullable String coding) throws IOException {
        if (coding == null) {
            return out;
        }
        return switch (coding) {
            case "zstd" -> new ZstdOutputStream(out, 1);
            case "lz4" -> new Lz4FrameOutput(out);
            default -> new GZIPOutputStream(out, 64 << 10);
        };
    }
}

package dev.firn.engine.child;

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

    private Codings() {}

    /// The request's body as the client meant it.
    static InputStream decoded(Http.Request request) throws IOException {
        String coding = request.headers().getOrDefault("content-encoding", "");
        InputStream body =
                switch (coding.toLowerCase(Locale.ROOT)) {
                    case "", "identity" -> request.body();
                    case "gzip", "x-gzip" -> new GZIPInputStream(request.body(), 64 << 10);
                    case "zstd" -> new ZstdInputStream(request.body());
                    case "lz4" -> frame(request.body());
                    default ->
                            throw EngineException.of(
                                    EngineException.NOT_IMPLEMENTED,
                                    "NOT_IMPLEMENTED",
                                    "Unknown Content-Encoding: use gzip, zstd or lz4");
                };
        return request.flag("decompress") ? new CompressedBlocks.Input(body) : body;
    }

    private static InputStream frame(InputStream body) throws IOException {
        byte[] packed = body.readNBytes(FRAME_BYTES_MAX);
        if (packed.length == 0) {
            return InputStream.nullInputStream();
        }
        int size = (int) Math.min(FRAME_BYTES_MAX, Math.max(1 << 20, packed.length * 8L));
        while (true) {
            byte[] plain = new byte[size];
            try {
                int count =
                        new Lz4FrameJavaDecompressor()
                                .decompress(packed, 0, packed.length, plain, 0, size);
                return new ByteArrayInputStream(Arrays.copyOf(plain, count));
            } catch (MalformedInputException | IllegalArgumentException e) {
                if (size >= FRAME_BYTES_MAX) {
                    throw EngineException.of(
                            EngineException.CANNOT_DECOMPRESS,
                            "CANNOT_DECOMPRESS",
                            "Cannot decompress the body: it is no LZ4 frame of at most "
                                    + FRAME_BYTES_MAX
                                    + " bytes");
                }
                size = (int) Math.min(FRAME_BYTES_MAX, size * 8L);
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

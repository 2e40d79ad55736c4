package dev.firn.export.send;

import com.github.luben.zstd.Zstd;
import dev.firn.config.ClientConfig.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// A request's body compressed as a whole.
public final class Packing {
    private static final int BUFFER = 1 << 14;

    private final Compression compression;
    private final int level;

    /// @param level -1 for the library's own
    public Packing(Compression compression, int level) {
        this.compression = compression;
        this.level = level;
    }

    /// As `Content-Encoding` says it; "" for none.
    public String name() {
        return switch (compression) {
            case NONE -> "";
            case GZIP -> "gzip";
            case ZSTD -> "zstd";
        };
    }

    /// The bytes that travel.
    public byte[] pack(byte[] plain) {
        return switch (compression) {
            case NONE -> plain;
            case GZIP -> gzip(plain);
            case ZSTD -> Zstd.compress(plain, level < 0 ? Zstd.defaultCompressionLevel() : level);
        };
    }

    private byte[] gzip(byte[] plain) {
        var out = new ByteArrayOutputStream(plain.length / 4 + 64);
        try (var gzip = new Gzip(out, level)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static final class Gzip extends GZIPOutputStream {
        Gzip(ByteArrayOutputStream out, int level) throws IOException {
            super(out, BUFFER);
            def.setLevel(level < 0 ? Deflater.DEFAULT_COMPRESSION : level);
        }
    }
}

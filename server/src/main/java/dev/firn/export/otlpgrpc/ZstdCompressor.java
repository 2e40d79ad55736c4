package dev.firn.export.otlpgrpc;

import com.github.luben.zstd.ZstdOutputStream;
import io.grpc.Compressor;
import java.io.IOException;
import java.io.OutputStream;

/// `grpc-encoding: zstd`, as Collectors understand it.
final class ZstdCompressor implements Compressor {
    @Override
    public String getMessageEncoding() {
        return "zstd";
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
        return new ZstdOutputStream(out);
    }
}

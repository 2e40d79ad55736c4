package dev.firn.export.otlpgrpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Messages as the bytes they are.
final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    /// With its length known, grpc sizes its buffers once.
    private static final class Known extends ByteArrayInputStream implements KnownLength {
        Known(byte[] bytes) {
            super(bytes);
        }
    }

    @Override
    public InputStream stream(byte[] message) {
        return new Known(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw Status.UNAVAILABLE
                    .withDescription("the answer cannot be read")
                    .withCause(e)
                    .asRuntimeException();
        }
    }
}

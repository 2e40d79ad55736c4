package dev.firn.receive;

import io.grpc.Codec;
import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Raw bytes of a gRPC message into an array of [BodyBuffers], still compressed: grpc's own
/// decompressors run on the event loop and turn a broken stream into UNKNOWN, which no sender
/// retries. So [#registry]'s decompressors only put a mark in front of the bytes that says which
/// compression it was, and the call's own thread decompresses.
final class GrpcMessages implements MethodDescriptor.Marshaller<GrpcMessages.Message> {
    private static final Compression[] COMPRESSIONS = Compression.values();

    private final BodyBuffers buffers;
    private final int bytesMax;

    /// A message as it came, or why there is none.
    record Message(Body body, Compression compression, @Nullable Refusal refusal) {}

    GrpcMessages(BodyBuffers buffers, int bytesMax) {
        this.buffers = buffers;
        this.bytesMax = bytesMax;
    }

    static DecompressorRegistry registry() {
        return DecompressorRegistry.emptyInstance()
                .with(new Marking("gzip", Compression.GZIP), true)
                .with(new Marking("zstd", Compression.ZSTD), true)
                .with(Codec.Identity.NONE, false);
    }

    /// Runs on grpc's thread and never throws: what is thrown here becomes UNKNOWN.
    @Override
    public Message parse(InputStream stream) {
        Body body = buffers.open();
        try (stream) {
            // grpc hands uncompressed messages over with a known length, others wrapped
            Compression compression =
                    stream instanceof KnownLength
                            ? Compression.IDENTITY
                            : COMPRESSIONS[stream.read()];
            body.ensure(stream.available() + 1);
            for (int read = 0; read >= 0; ) {
                body.advance(read);
                if (body.length() > bytesMax) {
                    throw tooLarge();
                }
                body.grow(bytesMax + 1);
                read = stream.read(body.bytes(), body.length(), body.room());
            }
            return new Message(body, compression, null);
        } catch (Refusal e) {
            body.close();
            return new Message(body, Compression.IDENTITY, e);
        } catch (StatusRuntimeException e) {
            // grpc counts the mark, too, and so sees one byte more than we allow
            body.close();
            return new Message(body, Compression.IDENTITY, tooLarge());
        } catch (IOException | RuntimeException e) {
            body.close();
            var refusal =
                    Refusal.retry(Refusal.Kind.UNAVAILABLE, 1, "cannot read the message: " + e);
            return new Message(body, Compression.IDENTITY, refusal);
        }
    }

    private Refusal tooLarge() {
        return Refusal.limit(
                Refusal.Limit.BODY_BYTES,
                Refusal.Kind.TOO_LARGE,
                0,
                "cannot accept the message: it is larger than max_recv_msg_size_mib "
                        + bytesMax
                        + " bytes; send smaller batches, or raise that limit");
    }

    @Override
    public InputStream stream(Message message) {
        throw new UnsupportedOperationException("a server sends no requests");
    }

    private record Marking(String encoding, Compression compression) implements Decompressor {
        @Override
        public String getMessageEncoding() {
            return encoding;
        }

        @Override
        public InputStream decompress(InputStream compressed) {
            return new Marked(compression.ordinal(), compressed);
        }
    }

    /// The mark as first byte, then the stream.
    private static final class Marked extends InputStream {
        private final InputStream stream;
        private int mark;

        Marked(int mark, InputStream stream) {
            this.mark = mark;
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            if (mark >= 0) {
                int result = mark;
                mark = -1;
                return result;
            }
            return stream.read();
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (mark >= 0 && length > 0) {
                to[offset] = (byte) read();
                return 1;
            }
            return stream.read(to, offset, length);
        }

        @Override
        public int available() throws IOException {
            return stream.available() + (mark >= 0 ? 1 : 0);
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /// Ready bytes of answers.
    static final class Answers implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] answer) {
            return new ByteArrayInputStream(answer);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException("a server reads no answers");
        }
    }
}

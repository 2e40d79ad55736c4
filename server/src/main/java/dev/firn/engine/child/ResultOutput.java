package dev.firn.engine.child;

import dev.firn.engine.child.Chdb.Statistics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A statement's answer on its way out. The first bytes are held back, so that a failure within
/// them still becomes a proper status; what is longer streams.
final class ResultOutput {
    private final Http.Response response;
    private final boolean blocks;
    private final @Nullable String coding;
    private final int holdBytes;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream(8192);
    private @Nullable OutputStream stream;
    private @Nullable CachedQuery copy;

    /// Holds back up to `holdBytes`.
    ResultOutput(Http.Request request, Http.Response response, int holdBytes) {
        this.response = response;
        this.blocks = request.flag("compress");
        this.coding = blocks ? null : Codings.answerCoding(request);
        this.holdBytes = holdBytes;
    }

    /// From here on the answer is gathered for the cache, too.
    void copyTo(CachedQuery question) {
        copy = question;
    }

    /// All was written and is good: what was gathered may be kept.
    void whole(Statistics statistics) {
        if (copy != null) {
            copy.keep(statistics);
        }
    }

    void write(byte[] bytes, int length) throws IOException {
        if (copy != null) {
            copy.gather(bytes, length);
        }
        if (stream == null) {
            if (held.size() + length <= holdBytes) {
                held.write(bytes, 0, length);
                return;
            }
            if (coding != null) {
                response.header("Content-Encoding", coding);
            }
            stream = wrap(response.stream());
            held.writeTo(stream);
            held.reset();
        }
        stream.write(bytes, 0, length);
    }

    private OutputStream wrap(OutputStream out) throws IOException {
        return blocks ? new CompressedBlocks.Output(out) : Codings.encoded(out, coding);
    }

    /// Ends a good answer.
    void finish() throws IOException {
        if (stream != null) {
            stream.close();
            return;
        }
        if (coding != null) {
            response.header("Content-Encoding", coding);
        }
        var whole = new ByteArrayOutputStream(held.size() + 64);
        try (OutputStream out = wrap(whole)) {
            held.writeTo(out);
        }
        response.send(whole.toByteArray());
    }

    /// Ends a bad answer that has begun: the text goes where a reader of plain text sees it, and
    /// the message never gets its proper end, so that no client takes it for whole.
    void breakOff(EngineException failure) throws IOException {
        response.closeAfter();
        if (stream != null) {
            stream.write(("\n" + failure.text() + "\n").getBytes(StandardCharsets.UTF_8));
            stream.flush();
        }
    }
}

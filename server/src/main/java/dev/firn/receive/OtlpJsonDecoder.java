package dev.firn.receive;

import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;

/// Decodes OTLP/JSON: translated to protobuf first, so that both encodings meet the same checks.
/// Not thread-safe; reused.
final class OtlpJsonDecoder {
    private final OtlpProtobufDecoder decoder;
    private final ByteWriter translated = new ByteWriter(1024);

    OtlpJsonDecoder(OtlpProtobufDecoder decoder) {
        this.decoder = decoder;
    }

    /// As [OtlpProtobufDecoder#decode]. Offsets in its complaints count translated bytes; only a
    /// nesting that is too deep can still be found there.
    long decode(byte[] body, int length, String sender, Batch batch) {
        OtlpJsonTranslator.translate(body, length, translated.reset());
        return decoder.decode(translated.array(), translated.size(), sender, batch);
    }

    /// Memory kept for the next request.
    int retainedBytes() {
        return translated.array().length;
    }
}

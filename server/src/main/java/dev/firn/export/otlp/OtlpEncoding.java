package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;

/// One encoder's work on one batch.
interface OtlpEncoding {
    /// Bytes of attribute lists that an encoder keeps for the next batch, for each place where they
    /// can stand.
    long CACHE_BYTES_MAX = 16L << 20;

    /// Appends the grouped batch.
    void encode(
            Batch batch,
            Grouping grouping,
            Iterable<Grouping.ResourceGroup> resources,
            ByteWriter out);

    /// OTLP's length of a trace id. Others are invalid by the specification, and receivers refuse
    /// the whole request for one: they are left out.
    int TRACE_ID_BYTES = 16;

    /// OTLP's length of a span id; see [#TRACE_ID_BYTES].
    int SPAN_ID_BYTES = 8;
}

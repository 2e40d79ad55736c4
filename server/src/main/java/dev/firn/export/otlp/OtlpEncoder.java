package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;
import java.util.concurrent.ArrayBlockingQueue;

/// Batches as OTLP. Every field of the protocol that a batch holds is written, grouped by resource,
/// scope and metric; attributes are in the order of their keys. Trace and span ids that are not 16
/// and 8 bytes long are left out, because receivers refuse a whole request for one. Thread-safe.
public final class OtlpEncoder {
    /// What is written.
    public enum Format {
        /// The bytes of an ExportMetricsServiceRequest.
        PROTOBUF,
        /// One line of OTLP/JSON without its newline, as the Collector's file exporter writes it
        /// (pdata's JSON marshaler): names in lowerCamelCase, ids as hex, 64-bit integers as text,
        /// enums as numbers, default values left out.
        JSON
    }

    /// A grouping that one huge batch has blown up is not kept.
    private static final int RETAINED_ROWS_MAX = 1 << 20;

    private final OtlpEncoding encoding;
    private final ArrayBlockingQueue<Grouping> idle =
            new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors() + 2);

    /// An encoder for all threads.
    public OtlpEncoder(Format format) {
        encoding =
                switch (format) {
                    case PROTOBUF -> new OtlpProtobuf();
                    case JSON -> new OtlpJson();
                };
    }

    /// Appends one request with all points of the batch.
    public void encode(Batch batch, ByteWriter out) {
        Grouping grouping = idle.poll();
        if (grouping == null) {
            grouping = new Grouping();
        }
        try {
            encoding.encode(batch, grouping, grouping.group(batch), out);
        } finally {
            grouping.clear();
            if (grouping.retainedRows() <= RETAINED_ROWS_MAX) {
                idle.offer(grouping);
            }
        }
    }
}

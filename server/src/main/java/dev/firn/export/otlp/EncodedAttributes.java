package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import dev.firn.model.Attributes;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Encoded attribute lists by their canonical JSON: a series keeps its attributes, so that most
/// points cost one copy. Bounded: two generations, of which the older is dropped when the younger
/// has half of the bytes. Thread-safe.
final class EncodedAttributes {
    /// How a list is written; writes nothing for an empty one.
    @FunctionalInterface
    interface Encoding {
        void encode(Attributes attributes, ByteWriter out);
    }

    /// Estimated memory of an entry beside its contents.
    private static final int ENTRY_BYTES = 120;

    private static final byte[] NOTHING = new byte[0];

    private final Encoding encoding;
    private final long generationBytesMax;
    private final AtomicLong youngBytes = new AtomicLong();
    private volatile ConcurrentHashMap<String, byte[]> young = new ConcurrentHashMap<>();
    private volatile ConcurrentHashMap<String, byte[]> old = new ConcurrentHashMap<>();

    EncodedAttributes(long bytesMax, Encoding encoding) {
        this.encoding = encoding;
        this.generationBytesMax = bytesMax / 2;
    }

    /// The encoded form of canonical JSON; never changed by the caller.
    byte[] of(String canonical) {
        if (canonical.equals("{}")) {
            return NOTHING;
        }
        byte[] known = young.get(canonical);
        if (known != null) {
            return known;
        }
        known = old.get(canonical);
        if (known == null) {
            var out = new ByteWriter(2 * canonical.length());
            encoding.encode(Attributes.fromJson(canonical), out);
            known = out.toBytes();
        }
        put(canonical, known);
        return known;
    }

    private void put(String canonical, byte[] encoded) {
        if (young.putIfAbsent(canonical, encoded) == null) {
            long bytes = ENTRY_BYTES + 2L * canonical.length() + encoded.length;
            if (youngBytes.addAndGet(bytes) > generationBytesMax) {
                turn();
            }
        }
    }

    private synchronized void turn() {
        if (youngBytes.get() > generationBytesMax) {
            old = young;
            young = new ConcurrentHashMap<>();
            youngBytes.set(0);
        }
    }

    /// Lists held now.
    int size() {
        return young.size() + old.size();
    }
}

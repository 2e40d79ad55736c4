package dev.firn.model;

import dev.firn.base.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The canonical form of a series, version 1, and what is derived from it; drawn in
/// `docs/formats/series.md`. A function object, so that a test can put a colliding hash in its
/// place.
@FunctionalInterface
public interface SeriesIdentity {
    /// Version byte of the canonical form.
    int VERSION = 1;

    /// The digest that names a series, from the canonical bytes.
    Fingerprint fingerprint(byte[] canonical);

    /// SHA-256.
    SeriesIdentity SHA_256 = canonical -> Fingerprint.of(sha256(canonical));

    /// The canonical bytes: every part with its length, so that no two identities share them.
    static byte[] canonical(Metric metric, String attributes) {
        var out = new ByteWriter(512);
        out.bytes("firn-series".getBytes(StandardCharsets.US_ASCII)).u8(VERSION);
        out.string(metric.resource().attributes());
        out.string(metric.scope().name())
                .string(metric.scope().version())
                .string(metric.scope().attributes());
        out.string(metric.name()).string(metric.unit());
        out.u8(metric.type().code()).u8(metric.temporality().code()).u8(metric.monotonic() ? 1 : 0);
        out.string(attributes);
        return out.toBytes();
    }

    /// A number that changes with what describes a series without being its identity.
    static long revision(Metric metric) {
        var out = new ByteWriter(256);
        out.string(metric.description()).string(metric.metadata());
        out.string(metric.resource().schemaUrl()).varint(metric.resource().droppedAttributes());
        out.string(metric.resource().entityRefs());
        out.string(metric.scope().schemaUrl()).varint(metric.scope().droppedAttributes());
        return Fingerprint.longAt(sha256(out.toBytes()), 0);
    }

    /// First 4 bytes of the name's SHA-256.
    static int metricId(String name) {
        return (int) (Fingerprint.longAt(sha256(name.getBytes(StandardCharsets.UTF_8)), 0) >>> 32);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

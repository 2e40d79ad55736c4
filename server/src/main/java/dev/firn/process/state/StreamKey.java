package dev.firn.process.state;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import dev.firn.model.Fingerprint;
import dev.firn.model.Series;

/// Which stream a state belongs to. Descriptions are no part of it.
///
/// @param high of the series' fingerprint
/// @param low of the series' fingerprint
/// @param start what else tells streams of one series apart: the start time, else 0
/// @param form form of the values, else 0
record StreamKey(long high, long low, long start, byte form) {
    static StreamKey of(Series series) {
        return of(series, 0, (byte) 0);
    }

    static StreamKey of(Series series, long start, byte form) {
        Fingerprint fingerprint = series.fingerprint();
        return new StreamKey(fingerprint.high(), fingerprint.low(), start, form);
    }

    Fingerprint fingerprint() {
        return new Fingerprint(high, low);
    }

    void write(ByteWriter out) {
        out.i64(high).i64(low).varint(start).u8(form);
    }

    static StreamKey read(ByteReader in) {
        return new StreamKey(in.i64(), in.i64(), in.varint(), (byte) in.u8());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high ^ Long.rotateLeft(start, 32)); // SHA-256 bits: spread enough
    }
}

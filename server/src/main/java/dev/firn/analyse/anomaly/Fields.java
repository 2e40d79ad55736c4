package dev.firn.analyse.anomaly;

import java.nio.ByteBuffer;

/// Goes over a state's fields in a fixed order and either writes them or reads them back, so that
/// snapshot and restore are one list of fields and cannot differ.
final class Fields {
    private final ByteBuffer bytes;
    private final Deed deed;

    private enum Deed {
        MEASURE,
        WRITE,
        READ
    }

    private int size;

    private Fields(ByteBuffer bytes, Deed deed) {
        this.bytes = bytes;
        this.deed = deed;
    }

    static Fields measuring() {
        return new Fields(ByteBuffer.allocate(0), Deed.MEASURE);
    }

    static Fields writing(ByteBuffer bytes) {
        return new Fields(bytes, Deed.WRITE);
    }

    static Fields reading(ByteBuffer bytes) {
        return new Fields(bytes, Deed.READ);
    }

    /// Bytes that were gone over so far.
    int size() {
        return size;
    }

    double of(double value) {
        return Double.longBitsToDouble(of(Double.doubleToRawLongBits(value)));
    }

    long of(long value) {
        size += Long.BYTES;
        return switch (deed) {
            case MEASURE -> value;
            case READ -> bytes.getLong();
            case WRITE -> {
                bytes.putLong(value);
                yield value;
            }
        };
    }

    int of(int value) {
        return (int) of((long) value);
    }

    boolean of(boolean value) {
        return of(value ? 1L : 0L) != 0;
    }

    void of(double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = of(values[i]);
        }
    }

    void of(float[] values) {
        size += Float.BYTES * values.length;
        for (int i = 0; i < values.length && deed != Deed.MEASURE; i++) {
            if (deed == Deed.READ) {
                values[i] = Float.intBitsToFloat(bytes.getInt());
            } else {
                bytes.putInt(Float.floatToRawIntBits(values[i]));
            }
        }
    }
}

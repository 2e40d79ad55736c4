package dev.firn.receive;

import dev.firn.model.Numbers;
import dev.firn.model.Series;

/// NumberDataPoint → [Numbers]. Hot path: `DecoderBenchmark` in bench/.
final class NumberDecoder {
    private final PointFrame frame;
    private final WireReader in;

    NumberDecoder(PointFrame frame) {
        this.frame = frame;
        this.in = frame.in;
    }

    /// Reads the message that fills the reader up to its limit.
    void decode() {
        Numbers numbers = frame.batch().numbers;
        byte form = Numbers.NONE;
        long bits = 0;
        frame.beginPoint(numbers);
        for (int from = in.at, tag = in.tag(); tag != 0; from = in.at, tag = in.tag()) {
            switch (tag) {
                case 17 -> frame.start = in.fixed64();
                case 25 -> frame.time = in.fixed64();
                case 33 -> {
                    bits = in.fixed64();
                    form = Numbers.DOUBLE;
                }
                case 42 -> frame.exemplars.decode();
                case 49 -> {
                    bits = in.fixed64();
                    form = Numbers.INT;
                }
                case 58 -> frame.attribute(from);
                case 64 -> frame.flags = in.varint32();
                default -> in.skip(tag, SeriesResolver.POINT_DEPTH);
            }
        }
        Series series = frame.resolve(null);
        if (series == null) {
            return;
        }
        if (frame.stale()) {
            form = Numbers.NONE;
            bits = 0;
        }
        numbers.add(series, frame.time, frame.start, frame.flags, form, bits);
    }
}

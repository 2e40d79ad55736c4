package dev.firn.receive;

import dev.firn.model.Batch;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import java.util.Arrays;

/// Decodes exemplars into the batch while their point is still being read; a point that turns out
/// bad takes them back.
final class ExemplarDecoder {
    private static final int DEPTH = SeriesResolver.POINT_DEPTH + 1;
    private static final byte[] NO_BYTES = new byte[0];

    private final WireReader in;
    private final IdentityParser parser;
    private final ReceiveLimits limits;
    private final WireReader checked = new WireReader();
    private final IdentityRun attributes = new IdentityRun();
    private Batch batch = new Batch();
    private Points.Kind kind = Points.Kind.NUMBERS;
    private int row;
    private int mark;
    private long dropped;

    ExemplarDecoder(WireReader in, IdentityParser parser, ReceiveLimits limits) {
        this.in = in;
        this.parser = parser;
        this.limits = limits;
    }

    void beginRequest(Batch into) {
        batch = into;
        dropped = 0;
    }

    void letGo() {
        checked.letGo();
        attributes.letGo();
    }

    void beginPoint(Points.Kind ofKind, int atRow) {
        kind = ofKind;
        row = atRow;
        mark = batch.exemplars.size();
    }

    void abandonPoint() {
        if (batch.exemplars.size() > mark) {
            batch.exemplars.truncate(mark);
        }
    }

    /// Exemplars beyond the limit, in this request.
    long dropped() {
        return dropped;
    }

    /// Reads one exemplar, from its length on.
    void decode() {
        int outer = in.pushMessage(DEPTH - 1);
        long time = 0;
        byte form = Numbers.NONE;
        long bits = 0;
        byte[] span = NO_BYTES;
        byte[] trace = NO_BYTES;
        int count = 0;
        attributes.reset(in.bytes);
        for (int from = in.at, tag = in.tag(); tag != 0; from = in.at, tag = in.tag()) {
            switch (tag) {
                case 17 -> time = in.fixed64();
                case 25 -> {
                    bits = in.fixed64();
                    form = Numbers.DOUBLE;
                }
                case 49 -> {
                    bits = in.fixed64();
                    form = Numbers.INT;
                }
                case 34 -> span = copy();
                case 42 -> trace = copy();
                case 58 -> {
                    in.skipDelimited();
                    attributes.add(from, in.at);
                    count++;
                }
                default -> in.skip(tag, DEPTH);
            }
        }
        in.pop(outer);
        attributes.end();
        if (!fits(count)) {
            OtlpSchema.checkKeyValues(checked, attributes, DEPTH);
            dropped++;
            return;
        }
        String json = parser.attributes(attributes, DEPTH).toJson();
        batch.exemplars.add(kind, row, time, form, bits, trace, span, json);
    }

    private boolean fits(int attributesCount) {
        int before = batch.exemplars.size();
        return before - mark < limits.exemplarsPerPointMax()
                && before < limits.exemplarsPerRequestMax()
                && attributesCount <= limits.attributesPerPointMax()
                && attributes.to() - attributes.from() <= limits.identityBytesMax();
    }

    private byte[] copy() {
        int length = in.length();
        in.at += length;
        return Arrays.copyOfRange(in.bytes, in.at - length, in.at);
    }
}

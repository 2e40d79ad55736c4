package dev.firn.export.otlp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.ByteWriter;
import dev.firn.base.Forall;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class GoNumbersTest {
    private static String json(double value) {
        var out = new ByteWriter(16);
        GoNumbers.json(value, out);
        return new String(out.toBytes(), US_ASCII);
    }

    /// Expected texts are those of Go's strconv.FormatFloat(x, 'f' or 'e', -1, 64).
    @Test
    void numbersAreWrittenAsGoDoes() {
        assertThat(json(0)).isEqualTo("0");
        assertThat(json(-0.0)).isEqualTo("-0");
        assertThat(json(0.005)).isEqualTo("0.005");
        assertThat(json(-2.5)).isEqualTo("-2.5");
        assertThat(json(0.1 + 0.2)).isEqualTo("0.30000000000000004");
        assertThat(json(123456.7890625)).isEqualTo("123456.7890625");
        assertThat(json(1e-6)).isEqualTo("0.000001");
        assertThat(json(1e-7)).isEqualTo("1e-07");
        assertThat(json(1.5e-300)).isEqualTo("1.5e-300");
        assertThat(json(1e20)).isEqualTo("100000000000000000000");
        assertThat(json(1.25e21)).isEqualTo("1.25e+21");
        assertThat(json(9007199254740993.0)).isEqualTo("9007199254740992");
        assertThat(json(Double.NaN)).isEqualTo("\"NaN\"");
        assertThat(json(Double.NEGATIVE_INFINITY)).isEqualTo("\"-Infinity\"");
        assertThat(GoNumbers.shortest(123456789)).isEqualTo("1.23456789e+08");
        assertThat(GoNumbers.shortest(0.0001)).isEqualTo("0.0001");
        assertThat(GoNumbers.sixDecimals(-0.0000004)).isEqualTo("-0.000000");
        assertThat(GoNumbers.sixDecimals(1e22)).isEqualTo("10000000000000000000000.000000");
    }

    @Test
    void theTextIsTheShortestThatGivesTheValueBack() {
        Forall.of(
                200_000,
                5,
                random -> {
                    double value =
                            switch (random.nextInt(4)) {
                                case 0 -> random.nextInt(2_000_000) / 1_000.0;
                                case 1 -> random.nextGaussian();
                                case 2 -> random.nextLong() / Math.pow(10, random.nextInt(20));
                                default -> Double.longBitsToDouble(random.nextLong());
                            };
                    if (!Double.isFinite(value)) {
                        return;
                    }
                    String text = json(value);
                    assertThat(Double.parseDouble(text)).isEqualTo(value);
                    if (Math.abs(value) >= Double.MIN_NORMAL) {
                        assertThat(significant(text))
                                .isEqualTo(significant(Double.toString(value)));
                    }
                });
    }

    @Test
    void wholeNumbersHaveAllTheirDigits() {
        Forall.of(
                20_000,
                6,
                random -> {
                    long some = random.nextLong() >>> random.nextInt(64);
                    for (long value : new long[] {some, -some, ten(random.nextInt(20)) - 1}) {
                        var out = new ByteWriter(1);
                        GoNumbers.unsigned(value, out.u8(' '));
                        GoNumbers.decimal(value, out.u8(' '));
                        assertThat(new String(out.toBytes(), US_ASCII))
                                .isEqualTo(" " + Long.toUnsignedString(value) + " " + value);
                    }
                });
    }

    private static long ten(int power) {
        return Long.parseUnsignedLong("1" + "0".repeat(power));
    }

    private static BigDecimal significant(String text) {
        return new BigDecimal(text).stripTrailingZeros();
    }
}

package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.ByteWriter;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Fingerprint;
import dev.firn.model.LongLists;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBlockTest {
    private static final int[] ORDER = {2, 0, 1};

    @TempDir static Path folder;
    private static EngineFixture engine;

    private final NativeBlock block = new NativeBlock(new ByteWriter(16));

    @BeforeAll
    static void start() throws InterruptedException {
        engine = new EngineFixture(folder);
        engine.client.execute("CREATE DATABASE t");
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static void insert(String table, String columns, ByteWriter rows)
            throws InterruptedException {
        engine.client.insert("t." + table, columns, rows, "test-" + table);
    }

    @Test
    void elevenColumnsOfNumbersArriveInTheGivenOrder() throws InterruptedException {
        engine.client.execute(
                "CREATE TABLE t.numbers (a UInt8, b UInt16, c UInt32, d Int32, e Int64, f UInt64,"
                        + " g Float64, h Float64, i DateTime64(3, 'UTC'), j DateTime64(6, 'UTC'),"
                        + " k DateTime64(9, 'UTC'), l Date, m UInt64) ENGINE = Memory");
        long[] longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE};
        long[] nanos = {1, 1_999_999, 1_795_132_800_123_456_789L};
        block.begin(13, ORDER, 0, 3)
                .uint8("a", new byte[] {-1, 1, 9})
                .uint16("b", new int[] {65_535, 7}, new int[] {0, 1, 1})
                .uint32("c", new int[] {-1, 1, 2})
                .int32("d", new int[] {-1, Integer.MIN_VALUE, 2})
                .int64("e", longs)
                .uint64("f", longs)
                .float64("g", new double[] {-0.0, Double.POSITIVE_INFINITY, 0.1})
                .float64Bits("h", new long[] {0x7ff8_0000_0000_0001L, 0xfff0_0000_0000_0001L, 0})
                .time("i", TimePrecision.MILLIS, nanos)
                .time("j", TimePrecision.MICROS, nanos)
                .time("k", TimePrecision.NANOS, nanos)
                .date("l", new int[] {0, 65_535, 20_000})
                .uint64Constant("m", 5);
        insert("numbers", "a, b, c, d, e, f, g, h, i, j, k, l, m", block.end());

        assertThat(
                        engine.rows(
                                "SELECT a, b, c, d, e, f, hex(reinterpretAsUInt64(g)),"
                                        + " hex(reinterpretAsUInt64(h)),"
                                        + " toUnixTimestamp64Milli(i), toUnixTimestamp64Micro(j),"
                                        + " toUnixTimestamp64Nano(k), toUInt16(l), m FROM t.numbers"))
                .containsExactly(
                        "9|7|2|2|9223372036854775807|9223372036854775807|3FB999999999999A|00|1795132800123|1795132800123456|1795132800123456789|20000|5",
                        "255|65535|4294967295|-1|-9223372036854775808|9223372036854775808|8000000000000000|7FF8000000000001|0|0|1|0|5",
                        "1|7|1|-2147483648|-1|18446744073709551615|7FF0000000000000|FFF0000000000001|1|1999|1999999|65535|5");
    }

    @Test
    void textsArriveWhateverTheirBytes() throws InterruptedException {
        engine.client.execute(
                "CREATE TABLE t.texts (a String, b LowCardinality(String),"
                        + " c LowCardinality(String), d String, e FixedString(16)) ENGINE = Memory");
        List<String> texts = List.of("", "tab\tand 'quote' ü €", "x".repeat(70_000));
        byte[][] ids = {{}, {0, (byte) 0xff, 0x1a}, new byte[16]};
        block.begin(5, ORDER, 0, 3)
                .string("a", texts::get)
                .string("b", texts::get)
                .lowCardinalityConstant("c", "writer-1")
                .hex("d", i -> ids[i])
                .fixedString16("e", i -> new Fingerprint(i, -1).toBytes());
        insert("texts", "a, b, c, d, e", block.end());

        assertThat(
                        engine.rows(
                                "SELECT length(a), length(b), a = b, c, d, hex(e) FROM t.texts"
                                        + " WHERE a = '' OR a LIKE '%€' OR length(a) = 70000"))
                .containsExactly(
                        "70000|70000|1|writer-1|"
                                + "0".repeat(32)
                                + "|0000000000000002FFFFFFFFFFFFFFFF",
                        "0|0|1|writer-1||0000000000000000FFFFFFFFFFFFFFFF",
                        "22|22|1|writer-1|00ff1a|0000000000000001FFFFFFFFFFFFFFFF");
    }

    @Test
    void arraysMayBeEmptyAndKeepTheirBits() throws InterruptedException {
        engine.client.execute(
                "CREATE TABLE t.arrays (a Array(UInt64), b Array(Float64), c Array(UInt64))"
                        + " ENGINE = Memory");
        var counts = new LongLists();
        var reals = new LongLists();
        var empty = new LongLists();
        for (int row = 0; row < 3; row++) {
            for (int i = 0; i < row; i++) {
                counts.push(-1 - i);
                reals.push(0x7ff8_0000_0000_0000L + i);
            }
            counts.endRow();
            reals.endRow();
            empty.endRow();
        }
        block.begin(3, ORDER, 0, 3)
                .uint64Array("a", counts)
                .float64Array("b", reals)
                .uint64Array("c", empty);
        insert("arrays", "a, b, c", block.end());

        assertThat(
                        engine.rows(
                                "SELECT a, arrayMap(x -> hex(reinterpretAsUInt64(x)), b), c FROM"
                                        + " t.arrays"))
                .containsExactly(
                        "[18446744073709551615,18446744073709551614]|['7FF8000000000000','7FF8000000000001']|[]",
                        "[]|[]|[]",
                        "[18446744073709551615]|['7FF8000000000000']|[]");
    }

    @Test
    void mapsHoldTypedValuesAsTextAndMayBeBig() throws InterruptedException {
        engine.client.execute(
                "CREATE TABLE t.maps (a Map(LowCardinality(String), String)) ENGINE = Memory");
        var big = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < 1_000; i++) {
            big.add(new Attributes.Entry("key " + i, new AttributeValue.Text("value " + i)));
        }
        var typed =
                Attributes.of(
                        List.of(
                                new Attributes.Entry("text", new AttributeValue.Text("a \"b\"")),
                                new Attributes.Entry("int", new AttributeValue.Int(-5)),
                                new Attributes.Entry("real", new AttributeValue.Real(1)),
                                new Attributes.Entry("bool", new AttributeValue.Bool(true)),
                                new Attributes.Entry("none", new AttributeValue.Empty()),
                                new Attributes.Entry(
                                        "list",
                                        new AttributeValue.Array(
                                                List.of(new AttributeValue.Text("x"))))));
        List<Attributes> maps = List.of(Attributes.EMPTY, typed, Attributes.of(big));
        block.begin(1, ORDER, 0, 3).attributeMap("a", maps::get);
        insert("maps", "a", block.end());

        assertThat(engine.rows("SELECT length(a), a['key 999'] FROM t.maps"))
                .containsExactly("1000|value 999", "0|", "6|");
        assertThat(
                        engine.rows(
                                "SELECT a['text'], a['int'], a['real'], a['bool'], a['none'],"
                                        + " a['list'] FROM t.maps WHERE mapContains(a, 'text')"))
                .containsExactly("a \"b\"|-5|1.0|true|null|[\"x\"]");
    }

    @Test
    void aBlockOfManyRowsIsOnePart() throws InterruptedException {
        engine.client.execute("CREATE TABLE t.parts (a Int64) ENGINE = MergeTree ORDER BY a");
        int rows = 300_000;
        long[] values = IntStream.range(0, rows).mapToLong(i -> i).toArray();
        int[] order = IntStream.range(0, rows).toArray();
        insert("parts", "a", block.begin(1, order, 0, rows).int64("a", values).end());

        assertThat(
                        engine.rows(
                                "SELECT count(), sum(rows) FROM system.parts WHERE database = 't'"
                                        + " AND table = 'parts' AND active"))
                .containsExactly("1|300000");
    }

    @Test
    void refusalsSayWhetherARetryMayHelp() {
        block.begin(1, new int[] {0}, 0, 1).string("a", i -> "x");
        assertThatThrownBy(() -> insert("missing", "a", block.end()))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(60);
                            assertThat(e.retryable()).isTrue();
                        });
        assertThatThrownBy(() -> engine.client.execute("SELECT throwIf(1)"))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> {
                            // Not known to speak of data: it must never send a cut to quarantine.
                            assertThat(e.code()).isEqualTo(395);
                            assertThat(e.outcome()).isEqualTo(EngineException.Outcome.BUSY);
                        });
        assertThatThrownBy(() -> engine.client.execute("SELECT toInt32('x')"))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(6);
                            assertThat(e.outcome()).isEqualTo(EngineException.Outcome.REFUSED);
                        });
        // A block that cannot be read is a bug of ours, and no reason to give a cut up.
        var garbage = new ByteWriter(16).bytes("garbage".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(
                        () -> {
                            engine.client.execute(
                                    "CREATE TABLE IF NOT EXISTS t.one (a Int64) ENGINE = Memory");
                            insert("one", "a", garbage);
                        })
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.outcome()).isEqualTo(EngineException.Outcome.BUSY));
    }
}

package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecompressorTest {
    private static final int LIMIT = 1 << 20;

    private final BodyBuffers buffers =
            new BodyBuffers(ServerLimits.DEFAULT, 1L << 30, () -> false);
    private final Decompressor decompressor = new Decompressor();

    private byte[] run(Compression how, byte[] compressed) {
        try (Body in = buffers.open();
                Body out = buffers.open()) {
            in.ensure(compressed.length);
            System.arraycopy(compressed, 0, in.bytes(), 0, compressed.length);
            in.advance(compressed.length);
            decompressor.decompress(how, in, out, LIMIT, "the_limit");
            return Arrays.copyOf(out.bytes(), out.length());
        }
    }

    private Refusal refusal(Compression how, byte[] compressed) {
        try {
            run(how, compressed);
        } catch (Refusal e) {
            return e;
        }
        throw new AssertionError("it was accepted");
    }

    private static byte[] random(Random random, int length, int alphabet) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(alphabet);
        }
        return bytes;
    }

    @Test
    void whatWasCompressedComesBack() {
        var random = new Random(7);
        for (int length : new int[] {0, 1, 100, 16_384, 131_072, 131_073, LIMIT - 1, LIMIT}) {
            for (int alphabet : new int[] {1, 5, 256}) {
                byte[] plain = random(random, length, alphabet);
                assertThat(run(Compression.GZIP, ServerFixture.gzip(plain))).isEqualTo(plain);
                assertThat(run(Compression.ZSTD, ServerFixture.zstd(plain))).isEqualTo(plain);
            }
        }
        assertThat(buffers.inflightBytes()).isZero();
    }

    @Test
    void severalMembersOrFramesFollowEachOther() {
        byte[] a = random(new Random(1), 5_000, 9);
        byte[] b = random(new Random(2), 300_000, 9);
        byte[] both = join(a, b);
        assertThat(run(Compression.GZIP, join(ServerFixture.gzip(a), ServerFixture.gzip(b))))
                .isEqualTo(both);
        assertThat(run(Compression.ZSTD, join(ServerFixture.zstd(a), ServerFixture.zstd(b))))
                .isEqualTo(both);
    }

    @Test
    void aByteAboveTheLimitIsRefused() {
        for (int alphabet : new int[] {1, 256}) {
            byte[] plain = random(new Random(3), LIMIT + 1, alphabet);
            assertThat(refusal(Compression.GZIP, ServerFixture.gzip(plain)).kind())
                    .isEqualTo(Refusal.Kind.TOO_LARGE);
            assertThat(refusal(Compression.ZSTD, ServerFixture.zstd(plain)).kind())
                    .isEqualTo(Refusal.Kind.TOO_LARGE);
        }
    }

    @Test
    void bombsHoldNoMoreThanTheLimit() throws Exception {
        byte[] gzip = ServerFixture.gzip(new byte[200 << 20]);
        var zstd = new ByteArrayOutputStream();
        // without a size in its header
        try (var out = new com.github.luben.zstd.ZstdOutputStreamNoFinalizer(zstd)) {
            for (int i = 0; i < 200; i++) {
                out.write(new byte[1 << 20]);
            }
        }
        var limits = new ServerLimits(1 << 20, 1 << 20, 1 << 20, 6L << 20, 1, 1, 1000, 1000, 1);
        for (boolean isGzip : new boolean[] {true, false}) {
            byte[] bomb = isGzip ? gzip : zstd.toByteArray();
            var few = new BodyBuffers(limits, 1L << 30, () -> false);
            try (Body in = few.open();
                    Body out = few.open()) {
                in.ensure(bomb.length);
                System.arraycopy(bomb, 0, in.bytes(), 0, bomb.length);
                in.advance(bomb.length);
                assertThatThrownBy(() ->
                                decompressor.decompress(
                                        isGzip ? Compression.GZIP : Compression.ZSTD,
                                        in,
                                        out,
                                        LIMIT,
                                        "the_limit"))
                        .hasMessageContaining("the_limit");
                assertThat(out.bytes().length).isLessThanOrEqualTo(2 * LIMIT);
            }
            assertThat(few.inflightBytes()).isZero();
        }
    }

    @Test
    void everyTruncationIsRefusedAsMalformed() {
        byte[] plain = random(new Random(4), 400, 7);
        byte[] gzip = ServerFixture.gzip(plain);
        byte[] zstd = ServerFixture.zstd(plain);
        for (int cut = 0; cut < gzip.length; cut++) {
            assertThat(refusal(Compression.GZIP, Arrays.copyOf(gzip, cut)).kind())
                    .as("gzip cut at %d", cut)
                    .isEqualTo(Refusal.Kind.MALFORMED);
        }
        for (int cut = 1; cut < zstd.length; cut++) {
            assertThat(refusal(Compression.ZSTD, Arrays.copyOf(zstd, cut)).kind())
                    .as("zstd cut at %d", cut)
                    .isEqualTo(Refusal.Kind.MALFORMED);
        }
    }

    @Test
    void mutationsNeverBreakAnythingButTheRequest() {
        var random = new Random(5);
        byte[] plain = random(random, 2_000, 7);
        for (Compression how : new Compression[] {Compression.GZIP, Compression.ZSTD}) {
            byte[] good =
                    how == Compression.GZIP ? ServerFixture.gzip(plain) : ServerFixture.zstd(plain);
            for (int round = 0; round < 3_000; round++) {
                byte[] bad = good.clone();
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                try {
                    run(how, bad);
                } catch (Refusal e) {
                    assertThat(e.kind()).isIn(Refusal.Kind.MALFORMED, Refusal.Kind.TOO_LARGE);
                }
            }
        }
        assertThat(buffers.inflightBytes()).isZero();
        assertThat(run(Compression.GZIP, ServerFixture.gzip(plain))).isEqualTo(plain);
        assertThat(run(Compression.ZSTD, ServerFixture.zstd(plain))).isEqualTo(plain);
    }

    @Test
    void optionalPartsOfAGzipHeaderAreSkipped() {
        byte[] plain = "name and comment".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] gzip = ServerFixture.gzip(plain);
        byte[] extra = {3, 0, 1, 2, 3, 'n', 0, 'c', 'c', 0, 9, 9};
        byte[] head = Arrays.copyOf(gzip, 10);
        head[3] = 4 | 8 | 16 | 2;
        byte[] whole = join(join(head, extra), Arrays.copyOfRange(gzip, 10, gzip.length));
        assertThat(run(Compression.GZIP, whole)).isEqualTo(plain);
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}

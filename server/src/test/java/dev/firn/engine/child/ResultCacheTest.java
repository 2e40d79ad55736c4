package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.child.Chdb.Statistics;
import dev.firn.engine.child.ResultCache.Key;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What the cache of results keeps, how long, and how much of it.
final class ResultCacheTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong clock = new AtomicLong(1);
    private final ResultCache cache =
            new ResultCache(new CacheLimits(10_000, 5, 2_000, 300), clock::get);

    private static Key key(String statement) {
        return new Key("READER", "", statement, "TSV", Map.of(), Map.of());
    }

    private void put(Key key, int bytes) {
        cache.put(key, new byte[bytes], Statistics.NONE, clock.get(), cache.epoch());
    }

    @Test
    void answerTellsItsAgeAndGoesAtItsEnd() {
        put(key("a"), 10);
        clock.addAndGet(120 * SECOND);
        assertThat(cache.find(key("a"), 300)).isNotNull();
        assertThat(cache.find(key("a"), 300))
                .isNotNull()
                .extracting(ResultCache.Answer::ageSeconds)
                .isEqualTo(120);
        assertThat(cache.find(key("a"), 60)).as("a younger one was wanted").isNull();
        clock.addAndGet(180 * SECOND);
        assertThat(cache.find(key("a"), 300)).isNull();
        assertThat(cache.figures().entries()).isZero();
        assertThat(cache.figures().bytes()).isZero();
        assertThat(cache.figures().hits()).isEqualTo(2);
        assertThat(cache.figures().misses()).isEqualTo(2);
    }

    @Test
    void leastRecentlyUsedGivesWayToNumberAndSize() {
        for (String name : new String[] {"a", "b", "c", "d", "e"}) {
            put(key(name), 10);
        }
        assertThat(cache.find(key("a"), 300)).isNotNull();
        put(key("f"), 10);
        assertThat(cache.find(key("b"), 300)).isNull();
        assertThat(cache.find(key("a"), 300)).isNotNull();
        for (int i = 0; i < 100; i++) {
            put(key("large" + i), 1_900);
            assertThat(cache.figures().bytes()).isBetween(1_900L, 10_000L);
        }
        put(key("too large"), 2_001);
        assertThat(cache.find(key("too large"), 300)).isNull();
    }

    @Test
    void everyPartOfTheQuestionCounts() {
        put(key("a"), 1);
        for (Key other :
                new Key[] {
                    key("b"),
                    new Key("INTERNAL", "", "a", "TSV", Map.of(), Map.of()),
                    new Key("READER", "x", "a", "TSV", Map.of(), Map.of()),
                    new Key("READER", "", "a", "CSV", Map.of(), Map.of()),
                    new Key("READER", "", "a", "TSV", Map.of("limit", "1"), Map.of()),
                    new Key("READER", "", "a", "TSV", Map.of(), Map.of("p", "1"))
                }) {
            assertThat(cache.find(other, 300)).as("%s", other).isNull();
        }
    }

    @Test
    void answerBegunBeforeEmptyingDoesNotComeInAfter() {
        long begun = cache.epoch();
        cache.clear();
        cache.put(key("a"), new byte[1], Statistics.NONE, clock.get(), begun);
        assertThat(cache.find(key("a"), 300)).isNull();
    }

    @Test
    void gatheringHasALimitOfItsOwn() {
        assertThat(cache.reserve(0, 2_001)).as("more than one answer may have").isFalse();
        assertThat(cache.reserve(0, 1_500)).isTrue();
        assertThat(cache.reserve(0, 1_001)).as("more than a quarter of all").isFalse();
        cache.release(1_500);
        assertThat(cache.reserve(0, 1_001)).isTrue();
    }
}

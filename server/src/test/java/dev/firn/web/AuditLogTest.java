package dev.firn.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.web.AuditLog.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    @TempDir private Path folder;
    private long ticks;

    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return ticks;
                }

                @Override
                public long ticks() {
                    return ticks;
                }
            };

    private static Entry entry(int number) {
        return new Entry("anna", "127.0.0.1", "act " + number, "done");
    }

    @Test
    void entriesOutliveARestartNewestFirst() {
        try (var log = AuditLog.open(folder, clock)) {
            log.done(entry(1));
        }
        try (var log = AuditLog.open(folder, clock)) {
            log.done(entry(2));
            assertThat(log.newest(10))
                    .extracting(one -> one.path("what").asString(""))
                    .containsExactly("act 2", "act 1");
            assertThat(log.newest(1)).hasSize(1);
            assertThat(log.newest(1).getFirst())
                    .hasToString(
                            "{\"at\":\"1970-01-01T00:00:00Z\",\"user\":\"anna\","
                                    + "\"from\":\"127.0.0.1\",\"what\":\"act 2\",\"result\":\"done\"}");
        }
    }

    @Test
    void aFullFileMakesRoom() throws Exception {
        try (var log = AuditLog.open(folder, 1_000, clock)) {
            for (int i = 0; i < 100; i++) {
                log.done(entry(i));
                assertThat(log.newest(1).getFirst().path("what").asString(""))
                        .isEqualTo("act " + i);
            }
            assertThat(Files.size(folder.resolve(AuditLog.FILE))).isLessThanOrEqualTo(1_000);
            assertThat(log.newest(1_000)).hasSizeBetween(8, 20);
        }
    }

    @Test
    void whatKeptItFromMakingRoomEndsNothing() throws Exception {
        Path inTheWay = folder.resolve(AuditLog.FILE_BEFORE).resolve("x");
        Files.createDirectories(inTheWay);
        try (var log = AuditLog.open(folder, 300, clock)) {
            for (int i = 0; i < 5; i++) {
                log.done(entry(i));
            }
            Files.delete(inTheWay);
            log.done(entry(5));
            assertThat(log.newest(1).getFirst().path("what").asString("")).isEqualTo("act 5");
        }
    }

    @Test
    void aFloodOfRefusalsIsCounted() {
        try (var log = AuditLog.open(folder, clock)) {
            for (int i = 0; i < 50; i++) {
                log.refused(entry(i));
            }
            log.done(entry(50));
            ticks += 2_000_000_000L;
            log.refused(entry(51));
            assertThat(log.newest(10))
                    .extracting(one -> one.path("what").asString(""))
                    .containsExactly("act 51", "act 50", "act 0");
            assertThat(log.newest(1).getFirst().path("refused_before").asInt(0)).isEqualTo(49);
        }
    }

    @Test
    void aLineIsOneLineAndATornOneIsShown() throws Exception {
        Files.writeString(folder.resolve(AuditLog.FILE), "{\"at\":\"19");
        try (var log = AuditLog.open(folder, clock)) {
            log.done(new Entry("a\nb", "x", "y".repeat(5_000), "\"}"));
            assertThat(log.newest(10)).hasSize(2);
            assertThat(log.newest(10).get(1).path("broken").asString("")).isEqualTo("{\"at\":\"19");
            assertThat(log.newest(1).getFirst().path("what").asString("")).hasSize(1_002);
        }
    }
}

package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.DataFormat;
import dev.firn.base.FolderLock;
import dev.firn.base.WorldException;
import dev.firn.receive.FlatOtlp;
import dev.firn.receive.RandomOtlp;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Data directories that released Firns left behind are opened by this one, and every point is
/// there. A version's is made once, with `-Dfirn.fixture=VERSION -Dtest=UpgradeTest`, and never
/// again.
class UpgradeTest {
    private static final Path FIXTURES = Path.of("src/test/resources/upgrade");

    /// The lake's files name each other by absolute paths.
    private static final Path HOME = Path.of("/tmp/firn-upgrade-test");

    private static final Path DATA = HOME.resolve("data");
    private static final String SENT = "sent.binpb";
    private static final String SENT_AT = "sent-at";
    private static final int REQUESTS = 30;
    private static final String COUNT =
            "SELECT (SELECT count() FROM samples) + (SELECT count() FROM histograms)"
                    + " + (SELECT count() FROM exponential_histograms) + (SELECT count() FROM summaries) AS points";
    private static final int RETENTION_DAYS = 36_500;
    private static final String KEEP =
            "engine: {retention: "
                    + RETENTION_DAYS
                    + "d}\nexporters: {prometheus: {endpoint: \"127.0.0.1:0\"}}\n"
                    + "service: {telemetry: {metrics: {level: none}}}\n";

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void everyPointOfAnOlderFirnIsRead(String version) throws IOException {
        try (FolderLock _ = home()) {
            unpack(FIXTURES.resolve(version + ".zip"));
            var sent =
                    ExportMetricsServiceRequest.parseFrom(Files.readAllBytes(HOME.resolve(SENT)));
            long then = Long.parseLong(Files.readString(HOME.resolve(SENT_AT)));
            try (var firn = TestFirn.start(DATA, KEEP)) {
                firn.verify();
                LakeRows lake = LakeRows.read(DATA);
                lake.pointsAreAsTheirSeries();
                List<String> points = FlatOtlp.accepted(sent, then);
                assertThat(points).hasSizeGreaterThan(100);
                RoundTripTest.same(lake.otlp(), points);
                var engine = new EngineRows(firn, RETENTION_DAYS);
                engine.seriesAreAsIn(lake);
                RoundTripTest.same(
                        engine.otlp(),
                        FlatOtlp.accepted(EngineRows.atPrecision(sent, 1_000_000), then));

                firn.postProtobuf(sent); // and it goes on
                firn.verify();
                int more = FlatOtlp.accepted(sent, Clock.system().nanos()).size();
                assertThat(LakeRows.read(DATA).points()).hasSize(points.size() + more);
            }
            clear(HOME);
        }
    }

    @Test
    void dataOfANewerFirnIsRefused(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("format"), "firn-data " + (DataFormat.CURRENT + 1) + "\n");
        Served.Ran ran = Served.command("serve", "--data", folder.toString());
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err())
                .contains("it has format 2, this Firn knows up to 1; start the newer Firn");
        assertThat(folder).isDirectoryNotContaining("glob:**/wal");
    }

    @Test
    void aFileThatSaysNoVersionIsRefused(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("format"), "2");
        assertThatThrownBy(() -> FolderLock.tryLock(folder))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("says \"2\", not \"firn-data N\"");
    }

    /// Half of the points are in lake and engine, the others in log and engine only: the copy is
    /// made while Firn runs, as a crash leaves it.
    @Test
    @EnabledIfSystemProperty(named = "firn.fixture", matches = ".+")
    void fixtureOfThisVersion() throws IOException {
        try (FolderLock _ = home()) {
            var messages = new RandomOtlp(new Random(7));
            var sent = ExportMetricsServiceRequest.newBuilder();
            try (var firn = TestFirn.start(DATA, KEEP)) {
                for (int number = 0; number < REQUESTS; number++) {
                    ExportMetricsServiceRequest request =
                            RoundTripTest.named(messages.request(), number);
                    firn.postProtobuf(request);
                    sent.mergeFrom(request);
                    if (number == REQUESTS / 2) {
                        firn.verify();
                    }
                }
                long now = Clock.system().nanos();
                int points = FlatOtlp.accepted(sent.build(), now).size();
                Served.await(() -> points == firn.sql(COUNT).getFirst().get("points").asLong());
                Files.write(HOME.resolve(SENT), sent.build().toByteArray());
                Files.writeString(HOME.resolve(SENT_AT), Long.toString(now));
                Files.createDirectories(FIXTURES);
                pack(
                        FIXTURES.resolve(
                                Objects.requireNonNull(System.getProperty("firn.fixture"))
                                        + ".zip"));
            }
            clear(HOME);
        }
    }

    /// Two test runs on one machine take turns.
    private static FolderLock home() throws IOException {
        Path turn = Files.createDirectories(Path.of(HOME + "-turn"));
        var held = new FolderLock[1];
        Served.await(() -> {
            held[0] = FolderLock.tryLock(turn).orElse(null);
            return held[0] != null;
        });
        clear(HOME);
        Files.createDirectories(HOME);
        return held[0];
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void pack(Path file) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file));
                Stream<Path> walked = Files.walk(HOME)) {
            List<Path> files =
                    walked.filter(Files::isRegularFile).map(HOME::relativize).sorted().toList();
            for (Path each : files) {
                zip.putNextEntry(new ZipEntry(each.toString()));
                Files.copy(HOME.resolve(each), zip);
            }
        }
    }

    private static void unpack(Path file) throws IOException {
        try (var zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry each = zip.getNextEntry(); each != null; each = zip.getNextEntry()) {
                Path to = HOME.resolve(each.getName());
                Files.createDirectories(Objects.requireNonNull(to.getParent()));
                Files.copy(zip, to);
            }
        }
    }
}

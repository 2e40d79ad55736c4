package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.SmallDisk;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionsTest {
    private static final String VIEW = "CREATE OR REPLACE VIEW otel_metrics.v AS SELECT %d AS a";
    private static final String READ = "SELECT a FROM otel_metrics.v";

    @TempDir Path folder;

    private static List<Path> views(Path data) throws Exception {
        try (var paths = Files.find(data, 5, (path, its) -> path.endsWith("v.sql"))) {
            return paths.toList();
        }
    }

    @Test
    void anEmptyOneKeepsNothingFromOpening() throws Exception {
        try (var engine = TestEngine.start(folder)) {
            new EngineClient(engine).run(VIEW.formatted(1));
        }
        assertThat(views(folder)).hasSize(1);
        Files.newOutputStream(views(folder).getFirst(), StandardOpenOption.TRUNCATE_EXISTING)
                .close();
        try (var engine = TestEngine.start(folder)) {
            assertThat(views(folder)).isEmpty();
            var client = new EngineClient(engine);
            client.run(VIEW.formatted(2));
            assertThat(client.run(READ)).isEqualTo("2\n");
        }
    }

    @Test
    void aFullDiskTakesNoDefinition(@TempDir Path mount) throws Exception {
        try (var _ = new SmallDisk(mount, "200m");
                var engine = TestEngine.start(mount.resolve("data"))) {
            var client = new EngineClient(engine);
            client.run(VIEW.formatted(1));
            Path full = mount.resolve("full");
            long room = Files.getFileStore(mount).getUsableSpace();
            Files.write(full, new byte[(int) room - (1 << 20)]);
            assertThat(
                            client.send(
                                            client.internal("")
                                                    .POST(
                                                            HttpRequest.BodyPublishers.ofString(
                                                                    VIEW.formatted(2))))
                                    .body())
                    .contains("NOT_ENOUGH_SPACE");
            assertThat(client.run(READ)).isEqualTo("1\n");
            Files.delete(full);
            client.run(VIEW.formatted(3));
            assertThat(client.run(READ)).isEqualTo("3\n");
        }
    }
}

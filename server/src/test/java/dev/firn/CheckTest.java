package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `firn check` on what is shipped, and on statements, which another room parses.
class CheckTest {
    private static final String REST =
            """
            receivers: {otlp: {protocols: {grpc: }}}
            exporters: {firn: }
            service: {pipelines: {metrics: {receivers: [otlp], processors: [transform], exporters: [firn]}}}
            """;

    @TempDir Path folder;

    private Served.Ran check(String... texts) throws IOException {
        String[] arguments = new String[texts.length + 1];
        arguments[0] = "check";
        for (int i = 0; i < texts.length; i++) {
            Path file = Files.writeString(folder.resolve(i + ".yaml"), texts[i]);
            arguments[i + 1] = file.toString();
        }
        return Served.command(arguments);
    }

    @Test
    void aStatementsMistakeHasItsPlaceAmongTheOthers() throws IOException {
        Served.Ran ran =
                check(
                        REST + "wal: {segment_sise: 1}\n",
                        """
                        processors:
                          transform:
                            metric_statements:
                              - context: datapoint
                                statements:
                                  - set(attributes["a"], "b")
                                  - set(attributes["a"
                        """);
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err())
                .contains("0.yaml:4: wal.segment_sise: unknown key; did you mean \"segment_size\"?")
                .contains("1.yaml:7: processors.transform.metric_statements[0].statements[1]: ");
    }

    @Test
    void theShippedFilesAreWell() {
        String production = "../config/config-production.yaml";
        assertThat(Served.command("check", production, "../config/firn.yaml"))
                .isEqualTo(new Served.Ran(0, "ok\n", ""));
        assertThat(Served.command("check", "../config/uploader.yaml"))
                .isEqualTo(new Served.Ran(0, "ok\n", ""));
        Served.Ran alone = Served.command("check", production);
        assertThat(alone.exit()).isZero();
        assertThat(alone.err().lines().filter(line -> line.startsWith("warning: ")))
                .singleElement()
                .asString()
                .contains("nothing durable keeps the points");
    }
}

package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `firn serve` keeps its lake in shape by itself.
class ScheduledUpkeepTest {
    private static final String CONFIG =
            """
            engine: {enabled: false}
            lake: {commit_interval: 1s, compact: {interval: 1s}}\
            """;
    private static final int COMMITS = 8;

    @TempDir Path data;

    private static long files(Served served) {
        for (JsonNode table : served.json("/api/firn/v1/lake")) {
            if (table.get("name").asString().equals("points")) {
                return table.get("files").asLong();
            }
        }
        throw new AssertionError("no table points");
    }

    @Test
    void smallFilesAreMergedWithoutBeingAsked() {
        try (var served = new Served(data, CONFIG)) {
            for (int commit = 0; commit < COMMITS; commit++) {
                served.sendAll(commit, commit + 1);
                served.assertLakeRows((commit + 1L) * Served.POINTS);
            }
            // Four alike are merged, so that at most three wait beside what was.
            Served.await(() -> files(served) <= COMMITS / 2);
            served.assertLakeRows((long) COMMITS * Served.POINTS);
            assertThat(served.get("/metrics").body())
                    .containsPattern(
                            "firn_lake_job_runs_total\\{job=\"compact\",outcome=\"done\"\\} [1-9]")
                    .contains("firn_lake_job_runs_total{job=\"compact\",outcome=\"failed\"} 0.0")
                    .contains("job=\"expire\"")
                    .contains("job=\"orphans\"")
                    .contains("job=\"manifests\"");
        }
    }
}

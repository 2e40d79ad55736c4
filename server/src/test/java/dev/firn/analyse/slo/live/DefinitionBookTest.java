package dev.firn.analyse.slo.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.analyse.slo.Indicator;
import dev.firn.analyse.slo.Slo;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.query.SloDefinitions;
import dev.firn.query.SloDefinitions.Definition;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files and rows together.
class DefinitionBookTest {
    @TempDir Path data;

    private DefinitionBook book(SloDefinitions rows, String... files) {
        return new DefinitionBook(
                List.of(files),
                rows,
                name -> name.equals("jobs_total") ? List.of("jobs") : List.of(),
                Clock.system());
    }

    private static List<String> names(DefinitionBook.All all) {
        return all.objectives().stream().map(one -> one.slo().name()).toList();
    }

    @Test
    void rowsWithAFilesKeyAreOverriddenAndTheOthersAreObjectives() throws InterruptedException {
        var rows = SloDefinitions.open(data);
        DefinitionBook.All all = book(rows).current();
        assertThat(names(all))
                .containsExactly(
                        "prod-http-latency",
                        "prod-http-errors",
                        "dev-http-latency",
                        "dev-http-errors");
        assertThat(all.overridden()).hasSize(4).noneMatch(DefinitionBook.Overridden::differs);
        assertThat(all.shown()).containsExactlyInAnyOrderElementsOf(rows.all());

        rows.put(new Definition("prod", "http_server_duration", "error_rate", 2, "laxer"));
        rows.put(new Definition("qa", "http_server_duration", "latency_p99", 0.25, "fast"));
        rows.put(new Definition("prod", "jobs_total", "availability", 99.9, ""));
        all = book(rows).current();
        assertThat(names(all))
                .contains("qa-http_server_duration-latency_p99", "prod-jobs_total-availability")
                .hasSize(6);
        assertThat(all.overridden().stream().filter(DefinitionBook.Overridden::differs))
                .singleElement()
                .matches(one -> one.by().equals("prod-http-errors") && one.row().threshold() == 2);
        assertThat(all.shown())
                .hasSize(6)
                .filteredOn(one -> one.sloType().equals("error_rate"))
                .extracting(Definition::threshold)
                .containsExactlyInAnyOrder(1.0, 5.0);
        var byName =
                all.objectives().stream()
                        .collect(Collectors.toMap(one -> one.slo().name(), Defined::slo));
        Slo fast = Objects.requireNonNull(byName.get("qa-http_server_duration-latency_p99"));
        assertThat(fast.target()).isEqualByComparingTo("0.99");
        assertThat(fast.indicator().good())
                .isEqualTo(new Indicator.Good.Within(new BigDecimal("0.25")));
        assertThat(fast.window().minutes()).isEqualTo(7 * 1440);
        Slo jobs = Objects.requireNonNull(byName.get("prod-jobs_total-availability"));
        assertThat(jobs.target()).isEqualByComparingTo("0.999");
        assertThat(jobs.indicator().metrics()).containsExactly("jobs");
        assertThat(rows.remove("qa", "http_server_duration", "latency_p99")).isTrue();
        assertThat(rows.remove("qa", "http_server_duration", "latency_p99")).isFalse();
        assertThat(names(book(rows).current())).hasSize(5);
    }

    @Test
    void filesThatChangeAreReadAgainAndMistakesLeaveWhatWas() throws Exception {
        String shipped = Files.readString(Path.of("../config/slo/http.yaml"));
        Path file = Files.writeString(data.resolve("a.yaml"), shipped);
        var rows = SloDefinitions.open(data);
        DefinitionBook book = book(rows, file.toString());
        long before = book.current().objectives().getFirst().digest();
        Files.writeString(file, shipped.replace("value: 0.5", "value: 0.25"));
        DefinitionBook.All all = book.current();
        assertThat(all.trouble()).isNull();
        assertThat(all.objectives().getFirst().digest()).isNotEqualTo(before);
        // another target counts the same events
        Files.writeString(file, shipped.replace("targetPercent: 95", "targetPercent: 97"));
        assertThat(book.current().objectives().getFirst().digest()).isEqualTo(before);
        Files.writeString(file, "kind: SLO\n");
        all = book.current();
        assertThat(all.trouble()).contains("a.yaml:1");
        assertThat(all.objectives().getFirst().slo().target()).isEqualByComparingTo("0.97");
        assertThatThrownBy(() -> book(rows, file.toString()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.yaml:1");
    }
}

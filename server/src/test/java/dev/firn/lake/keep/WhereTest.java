package dev.firn.lake.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import dev.firn.model.AttributeValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhereTest {
    @Test
    void everyFormIsRead() {
        assertThat(
                        Where.parse(
                                        "metric_name = 'it''s' AND region IN ('a','b') and unit !="
                                                + " 'ms' AND series_id IN (-5, 18446744073709551615)"
                                                + " AND time >= '2026-11-01' AND time <"
                                                + " '2026-11-01T00:00:00.001Z' AND"
                                                + " attributes['a b'] = -7 AND resource['c'] = true"
                                                + " AND attributes['d'] = 1.5")
                                .terms())
                .containsExactly(
                        new Where.Term.Text("metric_name", false, List.of("it's")),
                        new Where.Term.Text("region", false, List.of("a", "b")),
                        new Where.Term.Text("unit", true, List.of("ms")),
                        new Where.Term.Id(List.of(-5L, -1L)),
                        new Where.Term.Time(true, 1_793_491_200_000L),
                        new Where.Term.Time(false, 1_793_491_200_001L),
                        new Where.Term.Attribute("attributes", "a b", new AttributeValue.Int(-7)),
                        new Where.Term.Attribute("resource", "c", new AttributeValue.Bool(true)),
                        new Where.Term.Attribute("attributes", "d", new AttributeValue.Real(1.5)));
        assertThat(Where.parse(" ").terms()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "name = 'x'|at character 1: \"name\" is none of metric_name, ",
                "unit = 'x' OR unit = 'y'|there is no OR; ask twice",
                "unit = x|expected a text in single quotes",
                "unit = 'x|a text that begins with ' does not end",
                "time = '2026-11-01'|expected >= or < after time",
                "time >= 'yesterday'|expected a time such as '2026-11-01'",
                "time >= '2026-11-01T00:00:00.0001Z'|whole milliseconds",
                "series_id = 'x'|expected a series_id",
                "attributes['a'] > 1|at character 17: ",
                "unit IN ()|expected a text in single quotes",
                "unit = 'x' unit = 'y'|at character 12: expected AND",
                "unit =|expected a text in quotes here"
            })
    void whatIsWrongIsSaidWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> Where.parse(text))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}

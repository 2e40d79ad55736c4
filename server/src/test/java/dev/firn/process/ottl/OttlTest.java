package dev.firn.process.ottl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OttlTest {
    private static boolean holds(String condition) {
        return new OttlTrial().holds(condition);
    }

    private static String text(Context context, String statement) {
        return OttlTrial.problem(context, statement).toString();
    }

    @Test
    void numbersCompareAcrossTypesAndNothingElseDoes() {
        for (String yes :
                List.of(
                        "1 == 1.0",
                        "2 > 1.5",
                        "attributes[\"count\"] == 3.0",
                        "\"a\" < \"b\"",
                        "\"é\" > \"z\"",
                        "true > false",
                        "true >= true",
                        "nil == nil",
                        "nil <= nil",
                        "nil != 1",
                        "0x0a < 0x0b",
                        "\"1\" != 1",
                        "[1, 2] == [1, 2]",
                        "[1, 2] != [1, 2.0]",
                        "{\"a\": {\"b\": 1}} == {\"a\": {\"b\": 1}}",
                        "time > start_time",
                        "time - start_time == start_time + (time - start_time) - start_time",
                        "metric.type == METRIC_DATA_TYPE_SUM",
                        "metric.name == \"http.requests\"",
                        "resource.attributes[\"service.name\"] == \"checkout\"",
                        "scope.version == \"1.2\"",
                        "resource.attributes != nil")) {
            assertThat(holds(yes)).as(yes).isTrue();
        }
        for (String no :
                List.of(
                        "nil < 1",
                        "1 < nil",
                        "nil < nil",
                        "\"a\" < 1",
                        "\"a\" == 1",
                        "true == \"true\"",
                        "{\"a\": 1} < {\"a\": 2}",
                        "time == time_unix_nano",
                        "0x0a == \"\\n\"")) {
            assertThat(holds(no)).as(no).isFalse();
        }
    }

    @Test
    void andBindsTighterThanOrAndNotTighterThanBoth() {
        assertThat(holds("true or true and false")).isTrue();
        assertThat(holds("(true or true) and false")).isFalse();
        assertThat(holds("not true or true")).isTrue();
        assertThat(holds("not (true or true)")).isFalse();
        assertThat(holds("not 1 == 2 and 1 == 1")).isTrue();
        assertThat(holds("(1 + 2) * 3 == 9 and (2 == 2)")).isTrue();
    }

    @Test
    void theRightSideIsNotLookedAtWhereTheLeftDecides() {
        assertThat(holds("true or 1 / 0 == 1")).isTrue();
        assertThat(holds("false and 1 / 0 == 1")).isFalse();
        assertThatThrownBy(() -> holds("false or 1 / 0 == 1")).hasMessage("division by 0");
    }

    @Test
    void arithmeticFollowsGo() {
        for (String yes :
                List.of(
                        "1 + 2 * 3 == 7",
                        "(1 + 2) * 3 == 9",
                        "7 / 2 == 3",
                        "-7 / 2 == -3",
                        "7.0 / 2 == 3.5",
                        "1 - 2 - 3 == -4",
                        "8 / 4 / 2 == 1",
                        "-(1 + 1) == -2",
                        "1 - -1 == 2",
                        "9223372036854775807 + 1 < 0",
                        "attributes[\"ratio\"] * 2 == attributes[\"count\"]")) {
            assertThat(holds(yes)).as(yes).isTrue();
        }
        assertThatThrownBy(() -> holds("metric.name + 1 == 1"))
                .hasMessageContaining("expected a number, a time or a duration");
        assertThatThrownBy(() -> holds("time * 2 == time")).hasMessageContaining("multiply");
    }

    @Test
    void theContextIsInferredFromThePaths() {
        assertThat(ofPoints("set(resource.attributes[\"a\"], metric.name)")).isFalse();
        assertThat(ofPoints("set(datapoint.attributes[\"a\"], metric.name)")).isFalse();
        assertThat(ofPoints("set(metric.name, \"a\") where datapoint.value_int > 1")).isTrue();
        assertThat(ofPoints("set(datapoint.time, datapoint.start_time)")).isTrue();
        assertThat(ofPoints("set(resource.attributes[\"a\"], METRIC_DATA_TYPE_SUM)")).isFalse();
        assertThat(
                        Ottl.check(null, List.of(), List.of("set(attributes[\"a\"], 1)"))
                                .problems()
                                .toString())
                .contains("column 5: the context is not known: paths begin with it");
        assertThat(
                        Ottl.check(
                                        null,
                                        List.of(),
                                        List.of("set(attributes[\"a\"], resource.schema_url)"))
                                .problems()
                                .toString())
                .contains("must begin with its context, resource: write \"resource.attributes\"");
    }

    private static boolean ofPoints(String statement) {
        Ottl.Group group = Ottl.check(null, List.of(), List.of(statement));
        assertThat(group.problems()).isEmpty();
        return group.statements().getFirst().ofPoints();
    }

    @Test
    void aContextSeesThoseAboveItOnly() {
        assertThat(text(Context.RESOURCE, "set(attributes[\"a\"], metric.name)"))
                .isEqualTo(
                        "column 22: a statement of the resource context does not see"
                                + " \"metric.name\"; its context would have to be metric");
        assertThat(text(Context.METRIC, "set(attributes[\"a\"], 1)"))
                .contains("the metric context has no path \"attributes\"");
        assertThat(text(Context.RESOURCE, "set(schema_url, FLAG_NONE)"))
                .contains("the resource context has no enum symbol \"FLAG_NONE\"");
    }

    @Test
    void pathsAreChecked() {
        assertThat(text(Context.METRIC, "set(metric.type, 1)"))
                .isEqualTo("column 5: a metric's type is not changed by setting it");
        assertThat(text(Context.DATAPOINT, "set(bucket_counts, [1])"))
                .contains("lists of numbers inside a point cannot be set");
        assertThat(text(Context.DATAPOINT, "set(exemplars, nil)")).contains("is not supported");
        assertThat(text(Context.DATAPOINT, "set(attributes.a, 1)"))
                .contains("a key is written in brackets: attributes[\"a\"]");
        assertThat(text(Context.DATAPOINT, "set(attributes[0], 1)"))
                .contains("a map is indexed by text, not by an integer");
        assertThat(text(Context.DATAPOINT, "set(flags[\"a\"], 1)")).contains("cannot be indexed");
        assertThat(text(Context.DATAPOINT, "set(metric.cache[\"a\"], 1)"))
                .contains("here it is \"datapoint.cache\"");
        assertThat(text(Context.DATAPOINT, "set(\"a\", 1)")).contains("target must be a path");
    }

    @Test
    void argumentsAreChecked() {
        assertThat(text(Context.METRIC, "set(name)"))
                .contains("set(target, value) is given 1 argument");
        assertThat(text(Context.METRIC, "set(name, \"a\", 1)")).contains("is given 3 arguments");
        assertThat(text(Context.METRIC, "set(name, valeu=\"a\")"))
                .contains("set() has no parameter \"valeu\"; it has target, value");
        assertThat(text(Context.METRIC, "set(target=name, \"a\")"))
                .contains("without a name stands behind a named one");
        assertThat(text(Context.METRIC, "set(name, target=name)")).contains("is given twice");
        assertThat(text(Context.DATAPOINT, "limit(attributes, \"2\", [])"))
                .contains("limit must be an integer");
        assertThat(text(Context.DATAPOINT, "limit(attributes, 0, [\"a\"])"))
                .contains("below the number of priority keys");
        assertThat(text(Context.DATAPOINT, "keep_keys(attributes, \"a\")"))
                .contains("keys must be a list");
        assertThat(text(Context.DATAPOINT, "delete_key(attributes, 1)"))
                .contains("expected a text, found an integer");
        assertThat(text(Context.METRIC, "replace_pattern(name, \"(\", \"\")"))
                .contains("\"(\" is no regular expression of RE2");
        assertThat(text(Context.METRIC, "set(unit, Time(\"x\", \"%H\"))"))
                .contains("a format without a year is not supported");
    }

    /// The seed's configuration has these statements.
    @Test
    void partsOfAnIntegerTimeAreLeftOutWithAWarning() {
        Problem problem =
                OttlTrial.problem(
                        Context.DATAPOINT, "set(attributes[\"year\"], Year(start_time_unix_nano))");
        assertThat(problem.warning()).isTrue();
        assertThat(problem.column()).isEqualTo(30);
        assertThat(problem.text())
                .contains("Year() needs a time, and this field is an integer of nanoseconds")
                .contains("write set(attributes[\"year\"], Year(start_time)) if you want");
        assertThat(
                        Ottl.check(
                                        Context.DATAPOINT,
                                        List.of(),
                                        List.of("set(attributes[\"h\"], Hour(time_unix_nano))"))
                                .statements())
                .isEmpty();
    }

    @Test
    void theCacheLivesForOneGroupAndOneItem() {
        OttlTrial trial =
                new OttlTrial()
                        .run(
                                "set(cache[\"a\"], 1)",
                                "set(cache[\"b\"], cache[\"a\"] + 1)",
                                "set(attributes[\"result\"], datapoint.cache[\"b\"])");
        assertThat(trial.attributes()).contains("\"result\":2");
        trial.run("set(attributes[\"result\"], cache[\"b\"])");
        assertThat(trial.attributes()).contains("\"result\":null");
    }
}

package dev.firn.process.ottl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.model.AttributeValue;
import java.util.List;
import org.junit.jupiter.api.Test;

/// By function: what pkg/ottl's documentation promises and what its source does.
class FunctionsTest {
    private static OttlTrial trial() {
        return new OttlTrial();
    }

    private static AttributeValue value(String expression) {
        return trial().value(expression);
    }

    private static void fails(String statement, String message) {
        OttlTrial trial = trial();
        String before = trial.attributes();
        assertThatThrownBy(() -> trial.run(statement))
                .as(statement)
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining(message);
        assertThat(trial.attributes()).as(statement).isEqualTo(before);
    }

    private static AttributeValue text(String text) {
        return new AttributeValue.Text(text);
    }

    private static AttributeValue integer(long value) {
        return new AttributeValue.Int(value);
    }

    private static AttributeValue real(double value) {
        return new AttributeValue.Real(value);
    }

    @Test
    void setWritesAttributesOfEveryLevel() {
        OttlTrial trial =
                trial().run(
                                "set(resource.attributes[\"a\"], 1)",
                                "set(scope.attributes[\"a\"], 2.5)",
                                "set(attributes[\"a\"], true)",
                                "set(metric.name, \"renamed\")",
                                "set(metric.unit, \"s\")",
                                "set(metric.description, \"d\")",
                                "set(metric.aggregation_temporality,"
                                        + " AGGREGATION_TEMPORALITY_DELTA)",
                                "set(metric.is_monotonic, false)",
                                "set(metric.metadata[\"m\"], \"x\")",
                                "set(scope.name, \"n\")",
                                "set(scope.version, \"v\")",
                                "set(instrumentation_scope.schema_url, \"u\")",
                                "set(resource.schema_url, \"r\")",
                                "set(resource.dropped_attributes_count, 4294967295)");
        var identity = trial.subject.identity;
        assertThat(identity.resource.find("a")).isEqualTo(integer(1));
        assertThat(identity.scope.find("a")).isEqualTo(real(2.5));
        assertThat(identity.attributes.find("a")).isEqualTo(new AttributeValue.Bool(true));
        assertThat(identity.name).isEqualTo("renamed");
        assertThat(identity.unit).isEqualTo("s");
        assertThat(identity.description).isEqualTo("d");
        assertThat(identity.temporality).isEqualTo(dev.firn.model.Temporality.DELTA);
        assertThat(identity.monotonic).isFalse();
        assertThat(identity.metadata.find("m")).isEqualTo(text("x"));
        assertThat(identity.scopeName + identity.scopeVersion + identity.scopeSchemaUrl)
                .isEqualTo("nvu");
        assertThat(identity.resourceSchemaUrl).isEqualTo("r");
        assertThat(identity.resourceDropped).isEqualTo(-1);
        assertThat(identity.lossy()).isTrue();
    }

    @Test
    void setOfNilMakesAnEmptyAttributeAndIsRefusedElsewhere() {
        OttlTrial trial = trial().run("set(attributes[\"count\"], attributes[\"missing\"])");
        assertThat(trial.subject.identity.attributes.find("count"))
                .isEqualTo(new AttributeValue.Empty());
        assertThat(trial.holds("attributes[\"count\"] == nil")).isTrue();
        fails("set(metric.name, nil)", "cannot be nil");
        fails("set(time_unix_nano, attributes[\"missing\"])", "cannot be nil");
    }

    @Test
    void setInsistsOnTypes() {
        fails("set(metric.name, 1)", "expected a text, got an integer");
        fails("set(metric.name, \"\")", "needs a name");
        fails("set(value_int, 1.5)", "expected an integer, got a double");
        fails("set(value_double, 1)", "expected a double, got an integer");
        fails("set(time, 1)", "expected a time, got an integer");
        fails("set(time_unix_nano, 0)", "must be after 1970");
        fails("set(count, 1)", "points of this type have no such field");
        fails("set(attributes[\"t\"], time)", "a time cannot be stored in an attribute");
    }

    @Test
    void nestedPathsAreMadeOnTheWay() {
        OttlTrial trial =
                trial().run(
                                "set(attributes[\"n\"][\"a\"][1], \"x\")",
                                "set(attributes[\"n\"][\"b\"], 2)");
        assertThat(trial.subject.identity.attributes.find("n"))
                .extracting(AttributeValue::asText)
                .isEqualTo("{\"a\":[null,\"x\"],\"b\":2}");
        assertThat(trial.holds("attributes[\"n\"][\"a\"][1] == \"x\"")).isTrue();
        assertThat(trial.holds("attributes[\"n\"][\"none\"] == nil")).isTrue();
        fails("set(attributes[\"x\"], attributes[\"count\"][\"a\"])", "cannot be indexed");
        fails("set(attributes[\"count\"][\"a\"], 1)", "cannot be indexed");
        fails("set(attributes[\"x\"][99999999], 1)", "is above 65535");
        assertThatThrownBy(() -> trial.run("set(attributes[\"n\"][\"a\"][2], 1)"))
                .hasMessageContaining("index 2 is out of bounds");
    }

    @Test
    void keysMayBeComputed() {
        OttlTrial trial =
                trial().run("set(attributes[Concat([\"a\", \"b\"], \"\")], attributes[\"count\"])");
        assertThat(trial.subject.identity.attributes.find("ab")).isEqualTo(integer(3));
        fails("set(attributes[\"x\"], attributes[metric.metadata])", "expected a text, got a map");
    }

    @Test
    void keysAreDeletedAndKept() {
        assertThat(trial().run("delete_key(attributes, \"count\")").attributes())
                .doesNotContain("count");
        assertThat(trial().run("delete_key(attributes, \"missing\")").attributes())
                .isEqualTo(trial().attributes());
        assertThat(trial().run("delete_matching_keys(attributes, \"^http\")").attributes())
                .isEqualTo("{\"count\":3,\"ratio\":1.5,\"retry\":true}");
        assertThat(trial().run("delete_matching_keys(attributes, \"t\")").attributes())
                .isEqualTo("{}");
        assertThat(trial().run("keep_keys(attributes, [\"count\", \"missing\"])").attributes())
                .isEqualTo("{\"count\":3}");
        assertThat(trial().run("keep_keys(attributes, [])").attributes()).isEqualTo("{}");
        fails("delete_key(attributes[\"count\"], \"a\")", "expected a map, got an integer");
        fails("delete_key(attributes[\"missing\"], \"a\")", "expected a map, got nil");
        OttlTrial nested =
                trial().run(
                                "set(attributes[\"n\"], {\"a\": 1, \"b\": 2})",
                                "delete_key(attributes[\"n\"], \"a\")");
        assertThat(nested.attributes()).contains("{\"b\":2}");
    }

    @Test
    void limitKeepsPriorityKeysAndThenTheFirst() {
        assertThat(trial().run("limit(attributes, 2, [\"retry\"])").attributes())
                .isEqualTo("{\"count\":3,\"retry\":true}");
        assertThat(trial().run("limit(attributes, 5, [])").attributes())
                .isEqualTo(trial().attributes());
        assertThat(trial().run("limit(attributes, 0, [])").attributes()).isEqualTo("{}");
    }

    @Test
    void textsAreTruncatedByBytesBetweenCharacters() {
        OttlTrial trial =
                trial().run("set(attributes[\"u\"], \"aé😀b\")", "truncate_all(attributes, 4)");
        assertThat(trial.attributes())
                .isEqualTo(
                        "{\"count\":3,\"http.method\":\"GET\",\"http.route\":\"/api\",\"ratio\":1.5,"
                                + "\"retry\":true,\"u\":\"aé\"}");
        assertThat(
                        trial().run("truncate_all(attributes, 6, truncation_marker=\"...\")")
                                .subject
                                .identity
                                .attributes
                                .find("http.route"))
                .isEqualTo(text("/ap..."));
    }

    @Test
    void patternsAreReplacedEverywhere() {
        OttlTrial trial =
                trial().run(
                                "replace_pattern(attributes[\"http.route\"], \"/users/(\\\\d+)\","
                                        + " \"/users/{$1}\")");
        assertThat(trial.subject.identity.attributes.find("http.route"))
                .isEqualTo(text("/api/v1/users/{42}"));
        trial.run(
                "replace_pattern(metric.name, \"(?P<first>[a-z]+)\\\\.\", \"${first}_\")",
                "replace_pattern(attributes[\"count\"], \".*\", \"x\")",
                "replace_pattern(attributes[\"missing\"], \".*\", \"x\")");
        assertThat(trial.subject.identity.name).isEqualTo("http_requests");
        assertThat(trial.subject.identity.attributes.find("count")).isEqualTo(integer(3));
        assertThat(replaced("aaa", "a", "b")).isEqualTo("bbb");
        assertThat(replaced("baaau", "a*", "X")).isEqualTo("XbXuX");
        assertThat(replaced("abc", "(b)", "$1x")).isEqualTo("ac");
        assertThat(replaced("abc", "(b)", "${1}x$$$")).isEqualTo("abx$$c");
    }

    private static String replaced(String text, String pattern, String by) {
        return Regex.of(pattern).replaceAll(text, by);
    }

    @Test
    void wholeTextsAreReplacedByWildcards() {
        assertThat(
                        trial().run(
                                        "replace_match(attributes[\"http.route\"], \"/api/*\", \"api\")")
                                .subject
                                .identity
                                .attributes
                                .find("http.route"))
                .isEqualTo(text("api"));
        assertThat(Glob.of("/a?/{x,y}/[!0-9]").finds("/ab/y/z")).isTrue();
        assertThat(Glob.of("/a?/{x,y}/[!0-9]").finds("/ab/y/1")).isFalse();
        assertThat(Glob.of("a.b\\*").finds("a.b*")).isTrue();
        assertThat(Glob.of("a.b\\*").finds("axb*")).isFalse();
    }

    @Test
    void isMatchSearchesAndConverts() {
        assertThat(value("IsMatch(attributes[\"http.route\"], \"users\")"))
                .isEqualTo(new AttributeValue.Bool(true));
        assertThat(trial().holds("IsMatch(attributes[\"count\"], \"^3$\")")).isTrue();
        assertThat(trial().holds("IsMatch(attributes[\"ratio\"], \"^1\\\\.5$\")")).isTrue();
        assertThat(trial().holds("IsMatch(attributes[\"retry\"], \"true\")")).isTrue();
        assertThat(trial().holds("IsMatch(attributes[\"missing\"], \".*\")")).isFalse();
        assertThat(trial().holds("not IsMatch(metric.name, attributes[\"http.method\"])")).isTrue();
    }

    @Test
    void concatJoinsEverything() {
        assertThat(
                        value(
                                "Concat([\"a\", 1, 2.0, true, nil, attributes[\"missing\"], 0x0aff], \"-\")"))
                .isEqualTo(text("a-1-2-true-<nil>-<nil>-0aff"));
        assertThat(value("Concat([], \"-\")")).isEqualTo(text(""));
        assertThat(value("Concat(vals=[{\"b\": [1.5]}], delimiter=\"\")"))
                .isEqualTo(text("{\"b\":[1.5]}"));
    }

    @Test
    void numbersAndTextsConvert() {
        assertThat(value("Int(\"-12\")")).isEqualTo(integer(-12));
        assertThat(value("Int(2.9)")).isEqualTo(integer(2));
        assertThat(value("Int(-2.9)")).isEqualTo(integer(-2));
        assertThat(value("Int(true)")).isEqualTo(integer(1));
        assertThat(value("Int(nil)")).isEqualTo(new AttributeValue.Empty());
        assertThat(value("Double(\"1e3\")")).isEqualTo(real(1000));
        assertThat(value("Double(false)")).isEqualTo(real(0));
        assertThat(value("Double(attributes[\"count\"])")).isEqualTo(real(3));
        assertThat(value("String(1.0)")).isEqualTo(text("1"));
        assertThat(value("String(1e21 )".replace("1e21", "1.0e21"))).isEqualTo(text("1e+21"));
        assertThat(value("String(.000000123)")).isEqualTo(text("1.23e-7"));
        assertThat(value("String([1, \"a<b\", nil])")).isEqualTo(text("[1,\"a\\u003cb\",null]"));
        assertThat(value("String(time)")).isEqualTo(text("\"2024-03-04T12:34:56.123456789Z\""));
        for (String literal :
                List.of("Int(\"1.5\")", "Int(\" 1\")", "Double(\"1d\")", "Int([1])")) {
            assertThat(
                            OttlTrial.problem(
                                            Context.DATAPOINT,
                                            "set(attributes[\"x\"], " + literal + ")")
                                    .column())
                    .isGreaterThan(25);
        }
        fails("set(attributes[\"x\"], Int(attributes[\"http.method\"]))", "\"GET\" is no integer");
        fails("set(attributes[\"x\"], Double(metric.name))", "is no number");
        fails("set(attributes[\"x\"], Int([metric.name]))", "expected an integer, got a list");
    }

    @Test
    void timesAreTakenApart() {
        assertThat(value("Year(time)")).isEqualTo(integer(2024));
        assertThat(value("Month(time)")).isEqualTo(integer(3));
        assertThat(value("Day(time)")).isEqualTo(integer(4));
        assertThat(value("Hour(time)")).isEqualTo(integer(12));
        assertThat(value("Minute(start_time)")).isEqualTo(integer(33));
        assertThat(value("Second(time)")).isEqualTo(integer(56));
        assertThat(value("Nanosecond(time)")).isEqualTo(integer(123456789));
        assertThat(value("UnixNano(time)")).isEqualTo(integer(OttlTrial.TIME));
        assertThat(value("UnixMicro(time)")).isEqualTo(integer(OttlTrial.TIME / 1_000));
        assertThat(value("UnixMilli(time)")).isEqualTo(integer(OttlTrial.TIME / 1_000_000));
        assertThat(value("UnixSeconds(time)")).isEqualTo(integer(OttlTrial.TIME / 1_000_000_000));
        assertThat(value("UnixNano(Unix(1, 2))")).isEqualTo(integer(1_000_000_002));
        fails("set(attributes[\"x\"], Year(attributes[\"count\"]))", "expected a time");
    }

    @Test
    void timesAreReadAndWritten() {
        assertThat(value("UnixSeconds(Time(\"2024-03-04T12:34:56Z\", \"%Y-%m-%dT%H:%M:%SZ\"))"))
                .isEqualTo(integer(1_709_555_696));
        assertThat(
                        value(
                                "UnixSeconds(Time(\"Mar 4 2024 01:34:56 PM\", \"%b %e %Y"
                                        + " %I:%M:%S %p\", \"Europe/Berlin\"))"))
                .isEqualTo(integer(1_709_555_696));
        assertThat(value("UnixMilli(Time(\"04/03/24 +0100 .5\", \"%d/%m/%y %z .%L\"))"))
                .isEqualTo(integer(1_709_506_800_500L));
        assertThat(value("FormatTime(time, \"%F %T.%f %a %B\")"))
                .isEqualTo(text("2024-03-04 12:34:56.123456 Mon March"));
        fails("set(attributes[\"x\"], Time(\"x\", \"%Y\"))", "is no time of the format");
    }

    @Test
    void pointsAreReadAndWritten() {
        OttlTrial trial = trial();
        assertThat(trial.holds("value_int == 7 and value_double == 0.0 and flags == FLAG_NONE"))
                .isTrue();
        assertThat(trial.holds("count == nil and bucket_counts == nil and scale == nil")).isTrue();
        assertThat(trial.subject.point.written()).isFalse();
        trial.run(
                "set(value_double, Double(value_int) * 1.5)",
                "set(start_time_unix_nano, time_unix_nano - 1)",
                "set(time, Unix(1700000000))",
                "set(flags, FLAG_NO_RECORDED_VALUE)");
        trial.subject.point.store(trial.batch);
        assertThat(trial.batch.numbers.value(0)).isEqualTo(10.5);
        assertThat(trial.batch.numbers.form[0]).isEqualTo(dev.firn.model.Numbers.DOUBLE);
        assertThat(trial.batch.numbers.start[0]).isEqualTo(OttlTrial.TIME - 1);
        assertThat(trial.batch.numbers.time[0]).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(trial.batch.numbers.flags[0]).isEqualTo(1);
    }

    @Test
    void unsupportedFunctionsAreRefusedByName() {
        for (String statement :
                List.of(
                        "merge_maps(attributes, attributes, \"upsert\")",
                        "set(attributes[\"a\"], SHA256(\"x\"))",
                        "set(attributes[\"a\"], Now())")) {
            Problem problem = OttlTrial.problem(Context.DATAPOINT, statement);
            assertThat(problem.warning()).isFalse();
            assertThat(problem.text()).contains("is not supported; supported are");
        }
        assertThat(
                        OttlTrial.problem(
                                        Context.METRIC,
                                        "replace_pattern(name, \"a\", \"b\", function=SHA256)")
                                .text())
                .contains("the parameter function of replace_pattern() is not supported");
    }
}

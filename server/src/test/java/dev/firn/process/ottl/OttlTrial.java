package dev.firn.process.ottl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.process.identity.Identity;
import dev.firn.process.identity.Parts;
import java.util.List;
import java.util.Objects;

/// A point of a counter for statements to work on.
final class OttlTrial {
    static final long TIME = 1_709_555_696_123_456_789L; // 2024-03-04T12:34:56.123456789Z
    static final String RESOURCE = "{\"cloud.region\":\"eu-west-1\",\"service.name\":\"checkout\"}";

    final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000);
    final Batch batch = new Batch();
    Subject subject = new Subject(new Identity(Parts.of(series())));

    OttlTrial() {
        int row = batch.numbers.add(series(), TIME, TIME - 60_000_000_000L, 0, Numbers.INT, 7);
        look(batch.numbers, row);
    }

    private Series series() {
        var metric =
                new Metric(
                        new Resource(RESOURCE, "https://schema/1", 2, ""),
                        new Scope("lib", "1.2", "{\"team\":\"a\"}", "", 0),
                        "http.requests",
                        "1",
                        MetricType.SUM,
                        Temporality.CUMULATIVE,
                        true,
                        "All requests",
                        "{}");
        var attributes =
                Attributes.of(
                        List.of(
                                entry("count", new AttributeValue.Int(3)),
                                entry("http.method", new AttributeValue.Text("GET")),
                                entry("http.route", new AttributeValue.Text("/api/v1/users/42")),
                                entry("ratio", new AttributeValue.Real(1.5)),
                                entry("retry", new AttributeValue.Bool(true))));
        return registry.intern(metric, attributes);
    }

    static Attributes.Entry entry(String key, AttributeValue value) {
        return new Attributes.Entry(key, value);
    }

    void look(Points points, int row) {
        subject = new Subject(new Identity(Parts.of(points.series[row])));
        subject.point.look(points, row);
    }

    /// Runs statements of the context datapoint.
    OttlTrial run(String... statements) {
        return run(Context.DATAPOINT, statements);
    }

    OttlTrial run(Context context, String... statements) {
        Ottl.Group group = Ottl.check(context, List.of(), List.of(statements));
        assertThat(group.problems()).isEmpty();
        subject.newCache();
        group.statements().forEach(statement -> statement.run(subject));
        return this;
    }

    /// The value of an expression, in the form in which attributes are stored.
    AttributeValue value(String expression) {
        run("set(attributes[\"result\"], " + expression + ")");
        AttributeValue result = subject.identity.attributes.find("result");
        return Objects.requireNonNull(result, expression);
    }

    boolean holds(String condition) {
        Ottl.Group group = Ottl.checkConditions(Context.DATAPOINT, List.of(condition));
        assertThat(group.problems()).isEmpty();
        return group.conditions().getFirst().holds(subject);
    }

    String attributes() {
        return subject.identity.attributes.toAttributes().toJson();
    }

    /// The one problem of a statement.
    static Problem problem(Context context, String statement) {
        Ottl.Group group = Ottl.check(context, List.of(), List.of(statement));
        assertThat(group.problems()).as(statement).hasSize(1);
        return group.problems().getFirst();
    }
}

package dev.firn.process.ottl;

import dev.firn.model.MetricType;
import dev.firn.model.Temporality;
import dev.firn.process.identity.Identity;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The scalar fields of resource, scope and metric.
final class IdentityFields {
    private IdentityFields() {}

    static @Nullable Field find(Context context, String name) {
        return switch (context) {
            case RESOURCE -> resource(name);
            case SCOPE -> scope(name);
            case METRIC -> metric(name);
            case DATAPOINT -> null;
        };
    }

    private static @Nullable Field resource(String name) {
        return switch (name) {
            case "schema_url" ->
                    text(of -> of.resourceSchemaUrl, (of, value) -> of.resourceSchemaUrl = value);
            case "dropped_attributes_count" ->
                    unsigned(of -> of.resourceDropped, (of, value) -> of.resourceDropped = value);
            default -> null;
        };
    }

    private static @Nullable Field scope(String name) {
        return switch (name) {
            case "name" -> text(of -> of.scopeName, (of, value) -> of.scopeName = value);
            case "version" -> text(of -> of.scopeVersion, (of, value) -> of.scopeVersion = value);
            case "schema_url" ->
                    text(of -> of.scopeSchemaUrl, (of, value) -> of.scopeSchemaUrl = value);
            case "dropped_attributes_count" ->
                    unsigned(of -> of.scopeDropped, (of, value) -> of.scopeDropped = value);
            default -> null;
        };
    }

    private static @Nullable Field metric(String name) {
        return switch (name) {
            case "name" -> text(of -> of.name, IdentityFields::rename);
            case "description" -> text(of -> of.description, (of, value) -> of.description = value);
            case "unit" -> text(of -> of.unit, (of, value) -> of.unit = value);
            case "type" ->
                    Field.readOnly(
                            Type.INT,
                            "a metric's type is not changed by setting it",
                            subject -> Values.integer(subject.identity.type().code()));
            case "aggregation_temporality" ->
                    Field.of(
                            Type.UNKNOWN, IdentityFields::temporality, IdentityFields::temporality);
            case "is_monotonic" ->
                    Field.of(Type.UNKNOWN, IdentityFields::monotonic, IdentityFields::monotonic);
            default -> null;
        };
    }

    private static void rename(Identity identity, String name) {
        if (name.isEmpty()) {
            throw new EvaluationException("a metric needs a name");
        }
        identity.name = name;
    }

    private static @Nullable Object temporality(Subject subject) {
        return switch (subject.identity.type()) {
            case SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM ->
                    Values.integer(subject.identity.temporality.code());
            case GAUGE, SUMMARY -> null;
        };
    }

    private static void temporality(Subject subject, @Nullable Object value) {
        long code = Values.asInt(value);
        switch (subject.identity.type()) {
            case SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM ->
                    subject.identity.temporality =
                            Temporality.of((int) Math.clamp(code, -1L, Integer.MAX_VALUE));
            case GAUGE, SUMMARY -> {} // they have none, and a Collector says nothing either
        }
    }

    private static @Nullable Object monotonic(Subject subject) {
        return subject.identity.type() == MetricType.SUM
                ? new dev.firn.model.AttributeValue.Bool(subject.identity.monotonic)
                : null;
    }

    private static void monotonic(Subject subject, @Nullable Object value) {
        boolean monotonic = Values.asBool(value);
        if (subject.identity.type() == MetricType.SUM) {
            subject.identity.monotonic = monotonic;
        }
    }

    private static Field text(Function<Identity, String> get, BiConsumer<Identity, String> set) {
        return Field.of(
                Type.TEXT,
                subject -> Values.text(get.apply(subject.identity)),
                (subject, value) -> set.accept(subject.identity, Values.asText(value)));
    }

    private static Field unsigned(
            Function<Identity, Integer> get, BiConsumer<Identity, Integer> set) {
        return Field.of(
                Type.INT,
                subject -> Values.integer(Integer.toUnsignedLong(get.apply(subject.identity))),
                (subject, value) -> set.accept(subject.identity, (int) Values.asInt(value)));
    }
}

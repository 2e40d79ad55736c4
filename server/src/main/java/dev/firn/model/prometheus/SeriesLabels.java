package dev.firn.model.prometheus;

import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import dev.firn.model.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Labels of series and of `target_info`: prometheus_and_openmetrics.md, "Metric Attributes",
/// "Instrumentation Scope", "Resource Attributes".
///
/// @param constant added where no other label has the name
/// @param promoted whether the resource's attribute of a name becomes a label, too
public record SeriesLabels(
        Names names,
        Map<String, String> constant,
        boolean withoutScope,
        Predicate<String> promoted) {
    private static final String SERVICE_NAME = "service.name";
    private static final String SERVICE_NAMESPACE = "service.namespace";
    private static final String SERVICE_INSTANCE = "service.instance.id";
    private static final Set<String> IDENTIFYING =
            Set.of(SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_INSTANCE);

    /// Scope attributes do not take the place of these.
    private static final Set<String> OF_SCOPE =
            Set.of("otel_scope_name", "otel_scope_version", "otel_scope_schema_url");

    private static final Comparator<Found> ORDER =
            Comparator.comparing(Found::label).thenComparing(Found::key);

    /// The same with names in another escaping.
    public SeriesLabels with(Escaping escaping) {
        return new SeriesLabels(names.with(escaping), constant, withoutScope, promoted);
    }

    /// A value on its way to a label; `key` orders the values of one label.
    private record Found(String label, String key, String value) {}

    /// Labels of a series' samples, by name; none is empty, for an empty one is none.
    ///
    /// @param reserved name that the family's own samples need (`le`, `quantile`), or empty
    public List<Label> of(Metric metric, String attributes, String reserved) {
        return of(metric, attributes, constant, reserved);
    }

    /// The same with other constant labels.
    ///
    /// @param attributes the points' as canonical JSON
    public List<Label> of(
            Metric metric, String attributes, Map<String, String> constant, String reserved) {
        Attributes ofResource = Attributes.fromJson(metric.resource().attributes());
        var found = new ArrayList<Found>();
        for (Attributes.Entry entry : Attributes.fromJson(attributes).entries()) {
            boolean overruled =
                    promoted.test(entry.key()) && ofResource.find(entry.key()).isPresent();
            if (!overruled) {
                add(found, names.label(entry.key()), entry);
            }
        }
        for (Attributes.Entry entry : ofResource.entries()) {
            if (promoted.test(entry.key())) {
                add(found, names.label(entry.key()), entry);
            }
        }
        if (!withoutScope) {
            scope(metric.scope(), found);
        }
        found.add(new Found("job", SERVICE_NAME, job(ofResource)));
        found.add(new Found("instance", SERVICE_INSTANCE, text(ofResource, SERVICE_INSTANCE)));
        found.replaceAll(one -> one.label.equals(reserved) ? renamed(one) : one);
        return joined(found, constant, reserved);
    }

    private static void add(List<Found> found, String label, Attributes.Entry entry) {
        found.add(new Found(label, entry.key(), AttributeText.of(entry.value())));
    }

    private static Found renamed(Found one) {
        return new Found("exported_" + one.label, one.key, one.value);
    }

    private void scope(Scope scope, List<Found> found) {
        for (Attributes.Entry entry : Attributes.fromJson(scope.attributes()).entries()) {
            String label = names.label("otel_scope_" + entry.key());
            if (!OF_SCOPE.contains(label)) {
                add(found, label, entry);
            }
        }
        found.add(new Found("otel_scope_name", "otel_scope_name", scope.name()));
        found.add(new Found("otel_scope_version", "otel_scope_version", scope.version()));
        found.add(new Found("otel_scope_schema_url", "otel_scope_schema_url", scope.schemaUrl()));
    }

    /// One label of each name: where keys became one name, their values are joined by `;` in the
    /// order of the keys.
    private List<Label> joined(List<Found> found, Map<String, String> additional, String reserved) {
        found.removeIf(one -> one.value.isEmpty());
        found.sort(ORDER);
        var labels = new ArrayList<Label>(found.size() + additional.size());
        for (Found one : found) {
            Label last = labels.isEmpty() ? null : labels.getLast();
            if (last != null && last.name().equals(one.label)) {
                labels.set(labels.size() - 1, new Label(one.label, last.value() + ";" + one.value));
            } else {
                labels.add(new Label(one.label, one.value));
            }
        }
        additional.forEach((key, value) -> {
            String label = names.label(key);
            boolean taken = labels.stream().anyMatch(one -> one.name().equals(label));
            if (!taken && !value.isEmpty() && !label.equals(reserved)) {
                labels.add(new Label(label, value));
            }
        });
        labels.sort(Comparator.comparing(Label::name));
        return labels;
    }

    /// `service.namespace/service.name`; empty if there is no name.
    public static String job(Attributes resource) {
        String name = text(resource, SERVICE_NAME);
        String namespace = text(resource, SERVICE_NAMESPACE);
        return name.isEmpty() || namespace.isEmpty() ? name : namespace + "/" + name;
    }

    /// `service.instance.id`; empty if there is none.
    public static String instance(Attributes resource) {
        return text(resource, SERVICE_INSTANCE);
    }

    private static String text(Attributes attributes, String key) {
        return attributes.find(key).map(AttributeText::of).orElse("");
    }

    /// Labels of a resource's `target_info`; empty where it says no more than `job` and `instance`.
    public List<Label> target(Attributes resource) {
        var found = new ArrayList<Found>();
        for (Attributes.Entry entry : resource.entries()) {
            if (!IDENTIFYING.contains(entry.key())) {
                String label = names.label(entry.key());
                boolean own = label.equals("job") || label.equals("instance");
                add(found, own ? "exported_" + label : label, entry);
            }
        }
        if (found.stream().allMatch(one -> one.value.isEmpty())) {
            return List.of();
        }
        found.add(new Found("job", SERVICE_NAME, job(resource)));
        found.add(new Found("instance", SERVICE_INSTANCE, instance(resource)));
        return joined(found, Map.of(), "");
    }
}

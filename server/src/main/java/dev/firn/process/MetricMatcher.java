package dev.firn.process;

import dev.firn.config.AttributeMatch;
import dev.firn.config.MatchType;
import dev.firn.config.MetricMatch;
import dev.firn.model.AttributeValue;
import dev.firn.process.identity.AttributeMap;
import dev.firn.process.identity.Identity;
import dev.firn.process.ottl.GoText;
import dev.firn.process.ottl.Regex;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// `include` and `exclude`: by metric name, and by resource attributes. Source: the Collector's
/// internal/filter of 0.165.
final class MetricMatcher {
    private final boolean hasNames;
    private final boolean hasResource;
    private final Predicate<String> name;
    private final List<Predicate<AttributeMap>> resource = new ArrayList<>();

    /// @throws IllegalArgumentException with a message for the user
    MetricMatcher(MetricMatch match) {
        hasNames = !match.metricNames().isEmpty();
        hasResource = !match.resourceAttributes().isEmpty();
        name = oneOf(match.type(), match.metricNames());
        for (AttributeMatch attribute : match.resourceAttributes()) {
            resource.add(attribute(match.type(), attribute));
        }
    }

    private static Predicate<String> oneOf(MatchType type, List<String> texts) {
        return switch (type) {
            case STRICT -> Set.copyOf(texts)::contains;
            case REGEXP -> {
                List<Regex> patterns = texts.stream().map(Regex::of).toList();
                yield text -> patterns.stream().anyMatch(pattern -> pattern.finds(text));
            }
        };
    }

    private static Predicate<AttributeMap> attribute(MatchType type, AttributeMatch match) {
        if (match.value() == null) {
            return attributes -> attributes.find(match.key()) != null;
        }
        AttributeValue wanted = ConfiguredValue.of(match.value());
        if (type == MatchType.STRICT) {
            return attributes -> wanted.equals(attributes.find(match.key()));
        }
        if (!(wanted instanceof AttributeValue.Text(String pattern))) {
            throw new IllegalArgumentException(
                    "the value of \""
                            + match.key()
                            + "\" must be a text to be a regular expression; put it in quotes");
        }
        Regex regex = Regex.of(pattern);
        return attributes ->
                switch (attributes.find(match.key())) {
                    case AttributeValue.Text(String text) -> regex.finds(text);
                    case AttributeValue.Bool(boolean bool) -> regex.finds(Boolean.toString(bool));
                    case AttributeValue.Int(long integer) -> regex.finds(Long.toString(integer));
                    case AttributeValue.Real(double real) -> regex.finds(GoText.plain(real));
                    case null, default -> false;
                };
    }

    private boolean ofName(Identity identity) {
        return name.test(identity.name);
    }

    private boolean ofResource(Identity identity) {
        return resource.stream().allMatch(one -> one.test(identity.resource));
    }

    /// Whether all that is named matches.
    boolean matchesAll(Identity identity) {
        return (!hasNames || ofName(identity)) && (!hasResource || ofResource(identity));
    }

    /// Whether any of the two that are named matches, as the filter's `exclude` has it.
    boolean matchesAny(Identity identity) {
        return (hasNames && ofName(identity)) || (hasResource && ofResource(identity));
    }
}

package dev.firn.process;

import dev.firn.config.AttributesProcessorConfig;
import dev.firn.config.MetricMatch;
import dev.firn.process.identity.Identity;
import dev.firn.process.ottl.Subject;
import java.util.List;
import java.util.Optional;

/// `attributes`: changes the attributes of points, of all metrics or of those that match. (A
/// Collector 0.165 accepts `resources` in a match and then ignores it; here it counts.)
final class AttributesProcessor implements Step {
    private final AttributeActions actions;
    private final Optional<MetricMatcher> include;
    private final Optional<MetricMatcher> exclude;

    AttributesProcessor(String name, AttributesProcessorConfig config, List<String> problems) {
        actions = new AttributeActions(config.actions(), problems);
        include = matcher(name + ".include", config.include(), problems);
        exclude = matcher(name + ".exclude", config.exclude(), problems);
    }

    /// Empty if there is none, or none that can be.
    static Optional<MetricMatcher> matcher(
            String path, Optional<MetricMatch> match, List<String> problems) {
        try {
            return match.map(MetricMatcher::new);
        } catch (IllegalArgumentException e) {
            problems.add("processors." + path + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public boolean apply(Subject subject) {
        Identity identity = subject.identity;
        if (include.isPresent() && !include.get().matchesAll(identity)) {
            return true;
        }
        if (exclude.isPresent() && exclude.get().matchesAll(identity)) {
            return true;
        }
        actions.apply(identity.attributes);
        return true;
    }

    @Override
    public boolean ofPoints() {
        return false;
    }

    @Override
    public boolean renames() {
        return true;
    }

    @Override
    public void dropped(long points) {
        throw new IllegalStateException("the attributes processor drops nothing");
    }
}

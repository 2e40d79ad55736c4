package dev.firn.process;

import dev.firn.config.ResourceProcessorConfig;
import dev.firn.process.ottl.Subject;
import java.util.List;

/// `resource`: changes resource attributes.
final class ResourceProcessor implements Step {
    private final AttributeActions actions;

    ResourceProcessor(ResourceProcessorConfig config, List<String> problems) {
        actions = new AttributeActions(config.attributes(), problems);
    }

    @Override
    public boolean apply(Subject subject) {
        actions.apply(subject.identity.resource);
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
        throw new IllegalStateException("the resource processor drops nothing");
    }
}

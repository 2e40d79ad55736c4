package dev.firn.config;

import java.util.List;

/// `resource`: changes of resource attributes, in order.
public record ResourceProcessorConfig(List<AttributeAction> attributes) implements ProcessorConfig {
    public ResourceProcessorConfig {
        attributes = List.copyOf(attributes);
    }

    static ResourceProcessorConfig read(Section section) {
        var config = new ResourceProcessorConfig(AttributeAction.list(section, "attributes"));
        section.close();
        return config;
    }
}

package dev.firn.config;

import java.util.List;
import java.util.Optional;

/// `attributes`: changes of the attributes of data points, in order.
///
/// @param include absent: all metrics
/// @param exclude looked at after `include`
public record AttributesProcessorConfig(
        List<AttributeAction> actions, Optional<MetricMatch> include, Optional<MetricMatch> exclude)
        implements ProcessorConfig {
    public AttributesProcessorConfig {
        actions = List.copyOf(actions);
    }

    static AttributesProcessorConfig read(Section section) {
        var config =
                new AttributesProcessorConfig(
                        AttributeAction.list(section, "actions"),
                        MetricMatch.attributes(section, "include"),
                        MetricMatch.attributes(section, "exclude"));
        section.close();
        return config;
    }
}

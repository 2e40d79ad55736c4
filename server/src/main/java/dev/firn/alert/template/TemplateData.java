package dev.firn.alert.template;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What a template is filled in with.
///
/// @param value a [Double], or a histogram
/// @param nowMillis the time of the evaluation
/// @param query answers the function of this name
public record TemplateData(
        Map<String, String> labels,
        Map<String, String> externalLabels,
        String externalUrl,
        Object value,
        long nowMillis,
        Function<String, List<TemplateSample>> query) {}

package dev.firn.alert.template;

import java.util.Map;

/// A sample as templates see it.
///
/// @param value a [Double], or a histogram
public record TemplateSample(Map<String, String> labels, Object value) {}

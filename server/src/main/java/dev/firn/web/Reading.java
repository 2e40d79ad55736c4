package dev.firn.web;

import java.util.Map;

/// Something that Firn answers at once when asked by GET.
@FunctionalInterface
public interface Reading {
    /// The answer, as JSON-able values.
    ///
    /// @param parameters from the query, the first of each name
    Object answer(Map<String, String> parameters);
}

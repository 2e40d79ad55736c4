package dev.firn.query.promql.eval;

import java.util.List;

/// An answer and what to read it with.
///
/// @param samplesPeak the most samples that the query held at once
public record QueryResult(
        QueryValue value, List<String> warnings, List<String> infos, long samplesPeak) {}

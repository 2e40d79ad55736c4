package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;

/// Bucket counts of a point: unsigned, and therefore of a type that neither compares with lists nor
/// may become an attribute; it has a text.
record Counts(AttributeValue.Array values) {}

package dev.firn.process.ottl;

/// What calculates.
enum Operator {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE
}

/// The language PromQL: text to tree and back.
///
/// In: an expression's text. Out: a checked tree with positions, or an error that names line and
/// column. Never: a sample read, a value computed.
@NullMarked
package dev.firn.query.promql.lang;

import org.jspecify.annotations.NullMarked;

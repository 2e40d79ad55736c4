/// Templates in labels and annotations of rules: the part of Go's text/template that they use, with
/// Prometheus' functions. `docs/reference/promql.md` lists what is understood.
///
/// In: a text and an alert's labels and value. Out: a text. Never: a file, a template by name.
@NullMarked
package dev.firn.alert.template;

import org.jspecify.annotations.NullMarked;

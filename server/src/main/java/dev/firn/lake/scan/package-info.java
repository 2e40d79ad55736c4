/// Which data files answer a question: scans of lake tables, planned here and run elsewhere.
///
/// In: a table, the state of it that is meant, and what the rows must satisfy. Out: the exact list
/// of data files that may hold such rows, by partition, column bounds and bloom filters. Never: a
/// file left out that holds a row that is asked for, or a row read.
@NullMarked
package dev.firn.lake.scan;

import org.jspecify.annotations.NullMarked;

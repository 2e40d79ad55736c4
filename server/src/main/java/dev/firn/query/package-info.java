/// Questions to the engine, those that reach into the lake among them.
///
/// [Queries] is what rooms above ask. In: statements that name the lake's tables, and states of the
/// lake. Out: tables in the engine over exact lists of data files, and answers from them. Never: a
/// point written, a file that no snapshot names, or a reader with more rights than the engine's
/// anonymous one.
@NullMarked
package dev.firn.query;

import org.jspecify.annotations.NullMarked;

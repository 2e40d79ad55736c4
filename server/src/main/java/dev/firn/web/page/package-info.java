/// The dashboard: its built files, and the answers that only it asks for.
///
/// In: GET and HEAD. Out: files of the program, JSON. Never: a statement that somebody sends, or a
/// file of the disk.
@NullMarked
package dev.firn.web.page;

import org.jspecify.annotations.NullMarked;

/// The dashboard: its built files, and the answers that only it asks for.
///
/// In: GET and HEAD, and points as they are stored. Out: files of the program, JSON, events. Never:
/// a statement that somebody sends, or a file of the disk.
@NullMarked
package dev.firn.web.page;

import org.jspecify.annotations.NullMarked;

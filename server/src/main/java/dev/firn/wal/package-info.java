/// The write-ahead log: what makes an answer to a sender durable, and the one road on which points
/// reach the sinks, live and after a restart. `docs/formats/wal.md` draws every byte.
///
/// In: decoded requests through [dev.firn.model.Intake]. Out: numbered cuts through
/// [dev.firn.model.CutLog], in order, as often as asked, until all sinks have released them. Never:
/// an answer before the fsync; a second try of a failed fsync on the same file; a sequence number
/// used twice; any knowledge of what a sink does with a cut.
@NullMarked
package dev.firn.wal;

import org.jspecify.annotations.NullMarked;

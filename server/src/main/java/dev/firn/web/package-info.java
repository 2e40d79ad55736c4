/// Firn's own HTTP side on :8080: health, own metrics, and the small API that commands use.
///
/// In: requests; suppliers that the root hands over. Out: JSON, text and streamed query answers.
/// Never: ingestion, or a statement that writes.
@NullMarked
package dev.firn.web;

import org.jspecify.annotations.NullMarked;

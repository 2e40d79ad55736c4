/// OTLP over gRPC and HTTP, protobuf and JSON, into columnar batches.
///
/// In: requests from senders. Out: [dev.firn.model.Batch]es handed to an [dev.firn.model.Intake],
/// and answers that keep the contract of DESIGN §3. Never: an acknowledgement before the intake has
/// answered; a thread or buffer without limit.
@NullMarked
package dev.firn.receive;

import org.jspecify.annotations.NullMarked;

/// Reports: what quality, objectives, cost, capacity and a day came to, as text, Markdown, a page
/// or JSON, asked for or on a schedule.
///
/// In: answers to the statements in `sql/report`. Out: [Report] and its forms, in files, on S3, at
/// webhooks. Never: a figure of its own.
@NullMarked
package dev.firn.ops.report;

import org.jspecify.annotations.NullMarked;

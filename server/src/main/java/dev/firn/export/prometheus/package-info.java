/// The `prometheus` exporter: a page with the last point of every series, which Prometheus scrapes.
///
/// In: batches, after the log's answer. Out: the page at `/metrics` in the format that the scraper
/// asks for. Never: points kept on disk, pushing, or a page that Prometheus refuses.
///
/// A [SeriesStore] finds a point's [Slot] by its series; what the page says about it — name and
/// labels — was rendered when the series came. `docs/reference/prometheus.md` has the rules.
@NullMarked
package dev.firn.export.prometheus;

import org.jspecify.annotations.NullMarked;

package dev.firn.receive.file;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;

/// Own metrics of one file receiver; the Collector's names where they mean the same.
final class FileReceiveMetrics {
    private static final String TRANSPORT = "file";

    final CounterDataPoint accepted;
    final CounterDataPoint refused;
    final CounterDataPoint lines;
    final CounterDataPoint bytes;
    final CounterDataPoint broken;
    final CounterDataPoint truncated;
    final CounterDataPoint waits;
    final GaugeDataPoint lag;
    final GaugeDataPoint open;
    final GaugeDataPoint skipped;

    FileReceiveMetrics(OwnMetrics metrics, String receiver) {
        accepted =
                metrics.counter(
                                "otelcol_receiver_accepted_metric_points",
                                "Points that a receiver handed on.",
                                "receiver",
                                "transport")
                        .labelValues(receiver, TRANSPORT);
        refused =
                metrics.counter(
                                "otelcol_receiver_refused_metric_points",
                                "Points that a receiver could not hand on.",
                                "receiver",
                                "transport")
                        .labelValues(receiver, TRANSPORT);
        lines =
                metrics.counter("firn_receive_file_lines", "Lines taken.", "receiver")
                        .labelValues(receiver);
        bytes =
                metrics.counter("firn_receive_file_bytes", "Bytes of them.", "receiver")
                        .labelValues(receiver);
        broken =
                metrics.counter(
                                "firn_receive_file_broken_lines",
                                "Lines passed over because they cannot be read.",
                                "receiver")
                        .labelValues(receiver);
        truncated =
                metrics.counter(
                                "firn_receive_file_truncations",
                                "Files that were emptied or written anew.",
                                "receiver")
                        .labelValues(receiver);
        waits =
                metrics.counter(
                                "firn_receive_file_waits",
                                "Times that a line had to wait because it was not taken.",
                                "receiver")
                        .labelValues(receiver);
        lag =
                metrics.gauge(
                                "firn_receive_file_lag_bytes",
                                "Bytes in files that are not taken yet.",
                                "receiver")
                        .labelValues(receiver);
        open =
                metrics.gauge("firn_receive_file_open_files", "Files that are read.", "receiver")
                        .labelValues(receiver);
        skipped =
                metrics.gauge(
                                "firn_receive_file_skipped_files",
                                "Files left alone: compressed, or more than max_concurrent_files.",
                                "receiver")
                        .labelValues(receiver);
    }
}

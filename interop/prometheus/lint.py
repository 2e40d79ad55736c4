"""promtool's lint over whole pages: what it may say is listed here, sentence by sentence, with the reason; anything else is a fault."""

import subprocess

import peers

LINT = 3  # promtool's exit code when it has only advice

# Names that senders chose: OpenTelemetry's own translation keeps them, and another name would be another metric.
OF_SENDERS = {
    'db_client_connection_count non-histogram and non-summary metrics should not have "_count" suffix': "OpenTelemetry's semantic conventions call it db.client.connection.count",
    'http_server_duration_milliseconds use base unit "seconds" instead of "milliseconds"': "its sender measures in ms; an exporter does not convert values",
}

# Names that the Collector gives, and that dashboards and alerts for it ask for.
OF_COLLECTOR = {
    f'{name} counter metrics should have "_total" suffix': "the Collector's name for it"
    for name in (
        "otelcol_exporter_send_failed_metric_points",
        "otelcol_exporter_sent_metric_points",
        "otelcol_process_cpu_seconds",
        "otelcol_process_runtime_total_alloc_bytes",
        "otelcol_process_uptime",
        "otelcol_processor_memory_limiter_accepted_metric_points",
        "otelcol_processor_memory_limiter_refused_metric_points",
        "otelcol_receiver_accepted_metric_points",
        "otelcol_receiver_refused_metric_points",
    )
}


def check(folder, title, port, allowed, namespace=""):
    page = peers.get(f"http://127.0.0.1:{port}/metrics", {"Accept": "text/plain;version=0.0.4"})
    linted = subprocess.run(
        [folder / "promtool", "check", "metrics"], input=page, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = linted.stdout.decode().splitlines()
    if linted.returncode not in (0, LINT):
        raise peers.Failed(f"promtool cannot read {title}: {said[:10]}")
    wrong = [line for line in said if line.removeprefix(namespace) not in allowed]
    if wrong:
        raise peers.Failed(f"promtool finds on {title}: " + "; ".join(wrong))
    print(f"  promtool check metrics, {title}: {len(page)} bytes, {len(said)} sentences, all of them listed")

"""The page of own metrics beside the stock Collector's: what both serve under one name has the same labels and type, and says the same.

Usage: telemetry.py --collector BINARY

The same requests into both at each `level`; one point is filtered out, one exporter has nobody to send to, one is refused for good by its
receiver, and what comes in by a second receiver is refused for want of memory.
"""

import argparse
import http.server
import json
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

REQUESTS, KEPT, CAPACITY = 3, 4, 77
RETRYABLE = {429, 502, 503, 504}  # of OTLP/HTTP

# What both must say, by name and labels; a number where it is known.
POINTS = REQUESTS * (KEPT + 1)
BOTH = {
    'otelcol_receiver_accepted_metric_points{receiver="otlp",transport="http"}': POINTS,
    'otelcol_receiver_refused_metric_points{receiver="otlp",transport="http"}': 0,
    'otelcol_processor_filter_datapoints_filtered{filter="filter"}': REQUESTS,
    'otelcol_processor_memory_limiter_accepted_metric_points{processor="memory_limiter"}': POINTS,
    'otelcol_exporter_sent_metric_points{exporter="debug"}': REQUESTS * KEPT,
    'otelcol_exporter_sent_metric_points{exporter="file"}': REQUESTS * KEPT,
    'otelcol_exporter_sent_metric_points{exporter="prometheus"}': REQUESTS * KEPT,
    'otelcol_exporter_send_failed_metric_points{exporter="otlp_http/refused"}': REQUESTS * KEPT,
    'otelcol_receiver_refused_metric_points{receiver="otlp/short",transport="http"}': POINTS,
    'otelcol_receiver_accepted_metric_points{receiver="otlp/short",transport="http"}': 0,
    'otelcol_processor_memory_limiter_refused_metric_points{processor="memory_limiter/short"}': POINTS,
    'otelcol_exporter_queue_capacity{data_type="metrics",exporter="otlp_http"}': CAPACITY,
    'otelcol_exporter_queue_size{data_type="metrics",exporter="otlp_http"}': None,
    "otelcol_process_cpu_seconds": None,
    "otelcol_process_memory_rss": None,
    "otelcol_process_runtime_heap_alloc_bytes": None,
    "otelcol_process_runtime_total_alloc_bytes": None,
    "otelcol_process_runtime_total_sys_memory_bytes": None,
    "otelcol_process_uptime": None,
}


# Labels that only the Collector has, and why they do not count: series that differ in them are added up.
COLLECTOR_LABELS = (
    "otel_scope_",  # its own scope is no part of what it counts
    "error_",  # why sending failed; Firn has firn_export_requests_total by outcome, and says the rest in its log
    "server_",  # where an exporter sends to: the configuration says it
    "url_path",
)

# Names that only the Collector has, as regular expressions, and why.
COLLECTOR_ONLY = {
    "http_(client|server)_(request|response)_(body_size|duration).*": "of Go's HTTP library; firn_receive_* have Firn's requests",
    "otelcol_exporter_enqueue_size.*": "distribution of what is queued; Firn has queue_size and firn_export_requests_total",
    "otelcol_exporter_in_flight_requests": "Firn's exporters that do not send on have none in flight",
    "otelcol_processor_batch_.*": "Firn's batch holds nothing back, so it sends nothing by size or timeout",
    "otelcol_processor_(incoming|outgoing)_items": "of experimental stability there; Firn has the counts of each processor's own",
    "otelcol_processor_internal_duration.*": "of experimental stability there; Firn has no time of single processors",
    "otelcol_receiver_failed_metric_points": "internal errors; Firn counts such requests in firn_receive_failures_total",
    "promhttp_metric_handler_errors_total": "of the library that serves the Collector's page",
    "target_info": "the Collector's own resource; `firn version` says Firn's",
}


def local(port):
    return f"127.0.0.1:{port}"


class Refusing(http.server.ThreadingHTTPServer):
    """Refuses every request for good."""

    daemon_threads = True

    def __init__(self):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def config(otlp, short, own, page, refusing, work, level):
    dead = peers.free_ports(1)[0]
    return {
        "receivers": {
            "otlp": {"protocols": {"http": {"endpoint": local(otlp)}}},
            "otlp/short": {"protocols": {"http": {"endpoint": local(short)}}},
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": 1000},
            "memory_limiter/short": {"check_interval": "10ms", "limit_mib": 1},
            "filter": {"metrics": {"exclude": {"match_type": "strict", "metric_names": ["drop.me"]}}},
            "batch": {"timeout": "200ms"},
        },
        "exporters": {
            "file": {"path": str(work / "out.jsonl")},
            "prometheus": {"endpoint": local(page)},
            "otlp_http": {"endpoint": f"http://{local(dead)}", "sending_queue": {"queue_size": CAPACITY}},
            "otlp_http/refused": {"endpoint": f"http://{local(refusing)}"},
            "debug": None,
        },
        "service": {
            "telemetry": {
                "metrics": {
                    "level": level,
                    "readers": [{"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": own}}}}],
                }
            },
            "pipelines": {
                "metrics": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter", "filter", "batch"],
                    "exporters": ["file", "prometheus", "otlp_http", "otlp_http/refused", "debug"],
                },
                "metrics/short": {
                    "receivers": ["otlp/short"],
                    "processors": ["memory_limiter/short"],
                    "exporters": ["debug"],
                },
            },
        },
    }


def request():
    now = str(time.time_ns())
    dropped = {"name": "drop.me", "gauge": {"dataPoints": [{"timeUnixNano": now, "asInt": "1"}]}}
    points = [
        {"timeUnixNano": now, "asDouble": 1.5, "attributes": [{"key": "k", "value": {"stringValue": str(each)}}]}
        for each in range(KEPT)
    ]
    kept = {"name": "kept", "gauge": {"dataPoints": points}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [dropped, kept]}]}]}


def samples(page):
    """Samples by name and sorted labels, and types by name."""
    found, types = {}, {}
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        elif line and not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            pairs = sorted(re.findall(r'(\w+="(?:[^"\\]|\\.)*")', labels or ""))
            pairs = [each for each in pairs if not each.startswith(COLLECTOR_LABELS)]
            key = name + ("{" + ",".join(pairs) + "}" if pairs else "")
            found[key] = found.get(key, 0) + float(value)
    return found, types


def start(program, binary, made, work):
    if program == "collector":
        path = peers.write_config(work / "collector.yaml", made)
        process = peers.Process("the stock Collector", [binary, "--config", path], work / "collector.log")
        peers.wait_until("the stock Collector is ready", lambda: "Everything is ready" in process.log_text(), 60, process)
        return process
    made["engine"] = {"enabled": False}
    made["web"] = {"endpoint": local(peers.free_ports(1)[0])}
    path = peers.write_config(work / "firn.yaml", made)
    process = peers.Process(
        "Firn", [peers.FIRN, "serve", "--config", path, "--data", work / "data"], work / "firn.log"
    )
    peers.wait_until(
        "Firn is ready", lambda: peers.get("http://" + made["web"]["endpoint"] + "/ready") is not None, 120, process
    )
    return process


def refused(port):
    """Sends a request that must be refused; answers how."""
    body = json.dumps(request()).encode()
    asked = urllib.request.Request(f"http://{local(port)}/v1/metrics", body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(asked, timeout=30)
    except urllib.error.HTTPError as error:
        return error.code
    raise peers.Failed("a request was taken without memory")


def pages(program, binary, level):
    """Samples and types of the page, and how requests were refused."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-telemetry."))
    otlp, short, own, page = peers.free_ports(4)
    try:
        with Refusing() as refusing:
            made = config(otlp, short, own, page, refusing.server_port, work, level)
            with start(program, binary, made, work) as process:
                time.sleep(0.5)  # the limiter looks at memory by its own interval
                answers = {refused(short) for _ in range(REQUESTS)}
                for _ in range(REQUESTS):
                    peers.post_otlp(otlp, request())
                if level == "none":
                    try:
                        peers.get(f"http://{local(own)}/metrics", timeout=2)
                    except OSError:
                        return {}, {}, answers
                    raise peers.Failed(f"{program}: there is a page at level none")
                read = lambda: samples(peers.get(f"http://{local(own)}/metrics").decode())
                known = {
                    'otelcol_exporter_sent_metric_points{exporter="file"}': REQUESTS * KEPT,
                    'otelcol_exporter_send_failed_metric_points{exporter="otlp_http/refused"}': REQUESTS * KEPT,
                }
                try:
                    peers.wait_until("all is counted", lambda: known.items() <= read()[0].items(), 30, process)
                except peers.Failed:
                    pass  # what is missing is said below
                found = read()
                process.stop()
                return (*found, answers)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def compare(level, stock, ours):
    wrong = []
    for name, expected in BOTH.items():
        for program, (found, *_) in (("the Collector", stock), ("Firn", ours)):
            if name not in found:
                wrong.append(f"{program} has no {name}")
            elif expected is not None and found[name] != expected:
                wrong.append(f"{program}: {name} is {found[name]:g}, not {expected}")
    for name in stock[1].keys() & ours[1].keys():
        if stock[1][name] != ours[1][name]:
            wrong.append(f"{name} is a {stock[1][name]} there and a {ours[1][name]} here")
    if wrong:
        raise peers.Failed(f"level {level}: " + "; ".join(wrong))
    other = {each.split("{")[0] for each in stock[0]} - {each.split("{")[0] for each in ours[0]}
    unknown = [name for name in sorted(other) if not any(re.fullmatch(known, name) for known in COLLECTOR_ONLY)]
    if unknown:
        raise peers.Failed(f"level {level}: only the Collector has {unknown}")
    for program, answers in (("the Collector", stock[2]), ("Firn", ours[2])):
        if not answers <= RETRYABLE:
            raise peers.Failed(f"{program} refused with {answers}, which no sender tries again")
    print(f"  level {level}: {len(BOTH)} series are in both; {len(other)} names are the Collector's alone, all listed")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collector", required=True)
    asked = arguments.parse_args()
    for level in ("none", "basic", "normal", "detailed"):
        stock = pages("collector", asked.collector, level)
        ours = pages("firn", asked.collector, level)
        if level == "none":
            print("  level none: neither has a page")
            continue
        compare(level, stock, ours)
        firn_only = [each for each in ours[0] if each.startswith("firn_")]
        if (level == "basic") == bool(firn_only):
            raise peers.Failed(f"level {level}: {len(firn_only)} of Firn's own names")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"telemetry: {failure}")

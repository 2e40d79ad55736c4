"""The page of own metrics beside the stock Collector's: what both serve under one name has the same labels and type, and says the same.

Usage: telemetry.py --collector BINARY

The same requests into both at each `level`; one point is filtered out, one exporter has nobody to send to.
"""

import argparse
import json
import pathlib
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

REQUESTS, KEPT, CAPACITY = 3, 4, 77

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
    'otelcol_exporter_queue_capacity{data_type="metrics",exporter="otlp_http"}': CAPACITY,
    'otelcol_exporter_queue_size{data_type="metrics",exporter="otlp_http"}': None,
    "otelcol_process_cpu_seconds": None,
    "otelcol_process_memory_rss": None,
    "otelcol_process_runtime_heap_alloc_bytes": None,
    "otelcol_process_runtime_total_alloc_bytes": None,
    "otelcol_process_runtime_total_sys_memory_bytes": None,
    "otelcol_process_uptime": None,
}


def local(port):
    return f"127.0.0.1:{port}"


def config(otlp, own, page, work, level):
    dead = peers.free_ports(1)[0]
    return {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": local(otlp)}}}},
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": 1000},
            "filter": {"metrics": {"exclude": {"match_type": "strict", "metric_names": ["drop.me"]}}},
            "batch": {"timeout": "200ms"},
        },
        "exporters": {
            "file": {"path": str(work / "out.jsonl")},
            "prometheus": {"endpoint": local(page)},
            "otlp_http": {"endpoint": f"http://{local(dead)}", "sending_queue": {"queue_size": CAPACITY}},
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
                    "exporters": ["file", "prometheus", "otlp_http", "debug"],
                }
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
            # the Collector's own scope is no part of what it counts
            pairs = [each for each in pairs if not each.startswith("otel_scope_")]
            found[name + ("{" + ",".join(pairs) + "}" if pairs else "")] = float(value)
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


def pages(program, binary, level):
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-telemetry."))
    otlp, own, page = peers.free_ports(3)
    try:
        with start(program, binary, config(otlp, own, page, work, level), work) as process:
            for _ in range(REQUESTS):
                peers.post_otlp(otlp, request())
            if level == "none":
                try:
                    peers.get(f"http://{local(own)}/metrics", timeout=2)
                except OSError:
                    return {}, {}
                raise peers.Failed(f"{program}: there is a page at level none")
            known = 'otelcol_exporter_sent_metric_points{exporter="file"}'
            read = lambda: samples(peers.get(f"http://{local(own)}/metrics").decode())
            peers.wait_until("the file has it", lambda: read()[0].get(known) == REQUESTS * KEPT, 30, process)
            found = read()
            process.stop()
            return found
    finally:
        shutil.rmtree(work, ignore_errors=True)


def compare(level, stock, ours):
    wrong = []
    for name, expected in BOTH.items():
        for program, (found, _) in (("the Collector", stock), ("Firn", ours)):
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
    print(f"  level {level}: {len(BOTH)} series are in both; {len(other)} names are the Collector's alone")
    for name in sorted(other):
        print(f"    {name}")


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

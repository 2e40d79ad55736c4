"""A real Prometheus scrapes :8889 while the shop's load and a probe of known numbers are sent; its own API must give those numbers.

Usage: check.py [--collector BINARY] [--seconds N]

The numbers of the shop come from the generator's ledger, those of the probe are worked out here. With --collector the page is the stock
Collector's instead of Firn's: that says whether it is the check or Firn that is wrong.
"""

import argparse
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

SECOND = 1_000_000_000
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PER_ROUND = [2, 5, 2, 1]  # of the probe's histogram
BOUNDS = [0.1, 0.5, 1.0]
LINT = 3  # promtool's exit code when it has only advice


def text(key, value):
    return {"key": key, "value": {"stringValue": value}}


def probe(round_number, start, time_nanos, before):
    """One export: everything cumulative but the counter, which comes as deltas."""
    route = [text("http.route", "/a")]
    done = round_number + 1
    cumulative = {"attributes": route, "startTimeUnixNano": str(start), "timeUnixNano": str(time_nanos)}
    delta = {"attributes": route, "startTimeUnixNano": str(before), "timeUnixNano": str(time_nanos)}
    exemplar = {"timeUnixNano": str(time_nanos), "asDouble": 0.25, "traceId": TRACE, "spanId": SPAN}
    metrics = [
        {
            "name": "probe.requests",
            "unit": "{request}",
            "description": "Requests of the probe.",
            "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [{**delta, "asInt": "3"}]},
        },
        {
            "name": "probe.duration",
            "unit": "s",
            "description": "Duration of the probe's requests.",
            "histogram": {
                "aggregationTemporality": 2,
                "dataPoints": [
                    {
                        **cumulative,
                        "count": str(sum(PER_ROUND) * done),
                        "sum": 4.0 * done,
                        "bucketCounts": [str(each * done) for each in PER_ROUND],
                        "explicitBounds": BOUNDS,
                        "exemplars": [exemplar],
                    }
                ],
            },
        },
        {
            "name": "probe.latency",
            "unit": "s",
            "description": "Latency of the probe's requests.",
            "exponentialHistogram": {
                "aggregationTemporality": 2,
                "dataPoints": [
                    {
                        **cumulative,
                        "count": str(4 * done),
                        "sum": 9.0 * done,
                        "scale": 0,
                        "zeroCount": "0",
                        "positive": {"offset": 0, "bucketCounts": [str(2 * done), str(2 * done)]},
                        "negative": {},
                    }
                ],
            },
        },
        {
            "name": "probe.temperature",
            "unit": "Cel",
            "description": "Temperature of the probe.",
            "gauge": {"dataPoints": [{"attributes": route, "timeUnixNano": str(time_nanos), "asDouble": 36.5}]},
        },
    ]
    resource = {
        "attributes": [
            text("service.name", "probe"),
            text("service.namespace", "checks"),
            text("service.instance.id", "probe-1"),
            text("k8s.pod.name", "probe-pod"),
        ]
    }
    return {
        "resourceMetrics": [
            {"resource": resource, "scopeMetrics": [{"scope": {"name": "probe", "version": "1"}, "metrics": metrics}]}
        ]
    }


def send_probe(port, seconds, done):
    start = before = time.time_ns() - SECOND
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = time.time_ns()
        peers.post_otlp(port, probe(len(done), start, now, before))
        before = now
        done.append(time.time())
        time.sleep(1)


class Prometheus:
    """A running server and its query API."""

    def __init__(self, folder, target, work):
        version = subprocess.run(
            [folder / "prometheus", "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ).stdout
        self.version = version.split("version ", 1)[1].split()[0]
        self.native = {"scrape_native_histograms": True} if self.major() >= 3 else {}
        config = {
            "global": {"scrape_interval": "1s", **self.native},
            "scrape_configs": [
                {"job_name": "firn", "honor_labels": True, "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
            ],
        }
        path = peers.write_config(work / "prometheus.yml", config)
        self.port = peers.free_ports(1)[0]
        features = "exemplar-storage" if self.major() >= 3 else "exemplar-storage,native-histograms"
        command = [
            folder / "prometheus",
            f"--config.file={path}",
            f"--storage.tsdb.path={work / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--enable-feature={features}",
        ]
        self.process = peers.Process("Prometheus", command, work / "prometheus.log")
        peers.wait_until(
            "Prometheus is ready", lambda: peers.get(f"http://127.0.0.1:{self.port}/-/ready"), 60, self.process
        )

    def major(self):
        return int(self.version.split(".")[0])

    def api(self, path, **parameters):
        answer = json.loads(
            peers.get(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        )
        return answer["data"]

    def query(self, promql):
        """An instant vector as a list of (labels, number); a native histogram stands as its object."""
        return [
            (each["metric"], float(each["value"][1]) if "value" in each else each["histogram"][1])
            for each in self.api("query", query=promql)["result"]
        ]

    def one(self, promql):
        found = self.query(promql)
        if len(found) != 1:
            raise peers.Failed(f"{promql}: {len(found)} series, not one: {found[:3]}")
        return found[0][1]


def ledger_truth(path):
    """Requests that were exported, and their seconds."""
    exported = ticks = 0
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        if entry["type"] == "requests":
            exported += entry["exported"]
            ticks += entry["exported_ticks"]
        if entry["type"] == "points" and entry["sent"] != entry["acknowledged"]:
            raise peers.Failed(f"points were not acknowledged: {entry}")
    return exported, ticks / 2**20


def near(what, found, expected, share=1e-9):
    if not math.isclose(found, expected, rel_tol=share):
        raise peers.Failed(f"{what}: {found!r}, not {expected!r}")
    print(f"  {what}: {found:g}")


def settled(what, prometheus, promql, expected):
    """The last export reaches the page, then the scrape: wait for it, then say what is wrong."""
    try:
        peers.wait_until(what, lambda: math.isclose(prometheus.one(promql), expected, rel_tol=1e-9), 20)
    except peers.Failed:
        pass
    near(what, prometheus.one(promql), expected)


def check_probe(prometheus, sent):
    """`sent` has the time of each export; the other senders may have ended long after the last one."""
    rounds = len(sent)
    settled("counter of deltas", prometheus, "probe_requests_total", 3 * rounds)
    end = sent[-1]
    last = sum(each > end - 10 for each in sent)
    grown = prometheus.one(f"increase(probe_requests_total[10s] @ {end:.3f})")
    near(f"counter increase over the last {last} exports", grown, 3 * last, 0.25)
    near(
        "histogram_quantile",
        prometheus.one("histogram_quantile(0.5, sum by (le) (probe_duration_seconds_bucket))"),
        0.34,
    )
    near("histogram count", prometheus.one("probe_duration_seconds_count"), 10 * rounds)
    near("histogram sum", prometheus.one("probe_duration_seconds_sum"), 4.0 * rounds)
    near("gauge", prometheus.one("probe_temperature_celsius"), 36.5)
    native = prometheus.query("probe_latency_seconds")
    if len(native) != 1 or not isinstance(native[0][1], dict):
        raise peers.Failed(f"probe_latency_seconds is no native histogram: {native}")
    near("native histogram count", prometheus.one("histogram_count(probe_latency_seconds)"), 4 * rounds)
    near("native histogram sum", prometheus.one("histogram_sum(probe_latency_seconds)"), 9.0 * rounds)
    near(
        "native histogram quantile",
        prometheus.one("histogram_quantile(0.25, probe_latency_seconds)"),
        math.sqrt(2) if prometheus.major() >= 3 else 1.5,
    )
    buckets = [[float(edge) for edge in bucket[1:]] for bucket in native[0][1]["buckets"]]
    if buckets != [[1.0, 2.0, 2.0 * rounds], [2.0, 4.0, 2.0 * rounds]]:
        raise peers.Failed(f"the native histogram's buckets are {buckets}")


def check_labels(prometheus):
    labels = prometheus.query("probe_requests_total")[0][0]
    for key, expected in {
        "job": "checks/probe",
        "instance": "probe-1",
        "http_route": "/a",
        "otel_scope_name": "probe",
        "otel_scope_version": "1",
    }.items():
        if labels.get(key) != expected:
            raise peers.Failed(f"label {key} is {labels.get(key)!r}, not {expected!r}: {labels}")
    joined = prometheus.query("probe_requests_total * on (job, instance) group_left (k8s_pod_name) target_info")
    if len(joined) != 1 or joined[0][0].get("k8s_pod_name") != "probe-pod":
        raise peers.Failed(f"the join with target_info gives {joined}")
    print("  labels, and the join with target_info")


def check_exemplar(prometheus):
    found = prometheus.api(
        "query_exemplars", query="probe_duration_seconds_bucket", start=time.time() - 600, end=time.time()
    )
    exemplars = [each for series in found for each in series["exemplars"]]
    good = [
        each
        for each in exemplars
        if each["labels"].get("trace_id") == TRACE
        and each["labels"].get("span_id") == SPAN
        and float(each["value"]) == 0.25
    ]
    if not good:
        raise peers.Failed(f"no exemplar of the probe: {exemplars[:3]}")
    if {series["seriesLabels"].get("le") for series in found} != {"0.5"}:
        raise peers.Failed(f"the exemplar stands in another bucket: {found[:3]}")
    print(f"  exemplars: {len(good)}")


def everything(part, classic):
    """Counts or sums of both duration metrics: classic series and native histograms, milliseconds as seconds."""
    names = {
        "http_server_request_duration_seconds": 1,
        "http_server_duration_milliseconds": 1000 if part == "histogram_sum" else 1,
    }
    return " + ".join(
        f"(sum({each}) / {scale} or vector(0))"
        for name, scale in names.items()
        for each in (f"{name}{classic}", f"{part}({name})")
    )


def check_shop(prometheus, ledger):
    requests, seconds = ledger_truth(ledger)
    settled("requests of the shop", prometheus, "sum(shop_http_requests_total)", requests)
    settled("requests in its histograms", prometheus, everything("histogram_count", "_count"), requests)
    settled("seconds in its histograms", prometheus, everything("histogram_sum", "_sum"), seconds)


def check_page(folder, port):
    page = peers.get(f"http://127.0.0.1:{port}/metrics", {"Accept": "text/plain;version=0.0.4"})
    linted = subprocess.run(
        [folder / "promtool", "check", "metrics"], input=page, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = linted.stdout.decode()
    if linted.returncode not in (0, LINT):
        raise peers.Failed(f"promtool cannot read the page: {said[:1000]}")
    # What the shop calls its metrics is the shop's affair (http.server.duration in ms); the probe's names are good ones.
    ours = [line for line in said.splitlines() if line.startswith(("probe_", "target_info"))]
    if ours:
        raise peers.Failed("promtool finds: " + "; ".join(ours))
    print(f"  promtool check metrics: {len(page)} bytes, nothing wrong")


def check_scrapes(prometheus):
    near("up", prometheus.one("min_over_time(up[1m])"), 1)
    target = prometheus.api("targets")["activeTargets"][0]
    if target["lastError"]:
        raise peers.Failed(f"the scrape failed: {target['lastError']}")
    log = prometheus.process.log_text()
    for trouble in ("Error on ingesting", "Append failed", "duplicate sample", "out-of-order"):
        if trouble in log:
            raise peers.Failed(f"Prometheus says {next(line for line in log.splitlines() if trouble in line)}")


def serve(asked, otlp, page, work):
    """The program whose page is scraped."""
    exporter = {"endpoint": f"127.0.0.1:{page}", "enable_open_metrics": True, "metric_expiration": "10m"}
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
        "exporters": {"prometheus": exporter},
        "service": {"pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["prometheus"]}}},
    }
    if asked.collector:
        return peers.collector(asked.collector, config, work / "collector.log")
    return peers.firn(config, work / "firn.log", work / "data")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collector")
    arguments.add_argument("--seconds", type=int, default=30)
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    folder = peers.obtained("prometheus")
    if folder is None:
        print("prometheus: skipped, no Prometheus can be had on this machine")
        return
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-prometheus."))
    otlp, page = peers.free_ports(2)
    server = prometheus = None
    try:
        server = serve(asked, otlp, page, work)
        prometheus = Prometheus(folder, page, work)
        print(f"Prometheus {prometheus.version} scrapes {server.title} for {asked.seconds} s")
        sent = []
        sending = threading.Thread(target=send_probe, args=(otlp, asked.seconds, sent))
        sending.start()
        loaded = peers.run_firn(
            "load",
            "-t",
            f"http://127.0.0.1:{otlp}",
            "-r",
            50,
            "-d",
            asked.seconds - 2,
            "--step",
            "3s",
            "--planes",
            "prod",
            "--no-restarts",
            "--ledger",
            work / "ledger.jsonl",
        )
        sending.join()
        if loaded.returncode or not sent:
            raise peers.Failed(f"sending failed: {loaded.stdout[-1500:]}")
        check_probe(prometheus, sent)
        check_labels(prometheus)
        check_exemplar(prometheus)
        if not asked.collector:  # which starts delta streams anew after a pause of theirs, and loses what came before
            check_shop(prometheus, work / "ledger.jsonl")
        check_page(folder, page)
        check_scrapes(prometheus)
    finally:
        for process in (prometheus and prometheus.process, server):
            if process is not None:
                process.stop()
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print("prometheus: all numbers are the ledger's and the probe's")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"prometheus: {failure}")

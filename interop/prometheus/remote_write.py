"""A real Prometheus scrapes a page and writes all of it to Firn by remote write, version 1 and then version 2: counters, gauges, classic and native
histograms with exemplars, and the series of its own. PromQL in both must give the same numbers at times that both have.
"""

import argparse
import http.server
import json
import math
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

SECONDS = 40
QUERIES = (
    "up",
    "shop_orders_total",
    "rate(shop_orders_total[20s])",
    "sum by (job) (increase(shop_orders_total[20s]))",
    "shop_queue",
    "avg_over_time(shop_queue[15s])",
    "shop_gone",
    "shop_duration_seconds_bucket",
    "histogram_quantile(0.9, sum by (le) (rate(shop_duration_seconds_bucket[20s])))",
    "shop_duration_seconds_sum / shop_duration_seconds_count",
    "target_info",
    "scrape_samples_scraped",
    "prometheus_http_requests_total",
    "prometheus_http_request_duration_seconds",
    "histogram_count(prometheus_http_request_duration_seconds)",
    "histogram_quantile(0.5, rate(prometheus_http_request_duration_seconds[20s]))",
    "sum by (handler) (rate(prometheus_http_requests_total[20s]))",
    "go_goroutines",
    "count({__name__=~'.+'}) by (__name__)",
)


class Page(http.server.BaseHTTPRequestHandler):
    """A page that changes with each scrape."""

    scrapes = 0

    def do_GET(self):
        Page.scrapes += 1
        n = Page.scrapes
        trace = f'# {{trace_id="{n:032x}"}} 0.3 {time.time():.3f}'
        gone = [] if n > SECONDS // 2 else ["# TYPE shop_gone gauge", f"shop_gone {n}"]
        lines = [
            "# HELP shop_orders Orders so far.",
            "# TYPE shop_orders counter",
            *(f'shop_orders_total{{route="{route}"}} {n * (i + 1)}' for i, route in enumerate(("/a", "/b"))),
            *(f'shop_orders_created{{route="{route}"}} {self.server.began:.3f}' for route in ("/a", "/b")),
            "# TYPE shop_queue gauge",
            f"shop_queue {n % 7}.5",
            *gone,
            "# TYPE shop_duration_seconds histogram",
            "# UNIT shop_duration_seconds seconds",
            f'shop_duration_seconds_bucket{{le="0.1"}} {n}',
            f'shop_duration_seconds_bucket{{le="0.5"}} {3 * n} {trace}',
            f'shop_duration_seconds_bucket{{le="+Inf"}} {4 * n}',
            f"shop_duration_seconds_sum {n * 1.25}",
            f"shop_duration_seconds_count {4 * n}",
            "# TYPE target info",
            'target_info{version="1.2",region="eu"} 1',
            "# EOF",
        ]
        body = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def prometheus(binary, page, firn, message, work):
    (port,) = peers.free_ports(1)
    config = {
        "global": {"scrape_interval": "1s", "scrape_native_histograms": True},
        "scrape_configs": [
            {"job_name": "shop", "static_configs": [{"targets": [f"127.0.0.1:{page}"]}]},
            {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]},
        ],
        "remote_write": [
            {
                "url": f"http://127.0.0.1:{firn.web}/api/v1/write",
                "protobuf_message": message,
                "send_native_histograms": True,
                "send_exemplars": True,
            }
        ],
    }
    process = peers.Process(
        "Prometheus",
        [
            binary,
            f"--config.file={peers.write_config(work / 'prometheus.yml', config)}",
            f"--storage.tsdb.path={work / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage,metadata-wal-records",
        ],
        work / "prometheus.log",
    )
    process.port = port
    peers.wait_until("Prometheus is ready", lambda: peers.get(f"http://127.0.0.1:{port}/-/ready"), 60, process)
    return process


def ask(port, path, **parameters):
    answer = json.loads(peers.get(f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"))
    if answer["status"] != "success":
        raise peers.Failed(f"{path}: {answer}")
    return answer["data"]


def series(port, query, at):
    """By labels: a number, or a histogram's count, sum and buckets."""
    found = {}
    for one in ask(port, "query", query=query, time=at)["result"]:
        labels = tuple(sorted(one["metric"].items()))
        if "histogram" in one:
            histogram = one["histogram"][1]
            value = [float(histogram["count"]), float(histogram["sum"])]
            value += [float(part) for bucket in histogram.get("buckets", []) for part in bucket[1:]]
        else:
            value = [float(one["value"][1])]
        found[labels] = value
    return found


def equal(one, other):
    return len(one) == len(other) and all(
        a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-12) for a, b in zip(one, other)
    )


def compare(theirs, ours, at):
    compared = 0
    for query in QUERIES:
        wanted = series(theirs, query, at)
        got = series(ours, query, at)
        if not wanted and query != "shop_gone":
            raise peers.Failed(f"Prometheus has nothing for {query} at {at}")
        if set(wanted) != set(got):
            raise peers.Failed(
                f"{query} at {at}: only Prometheus {sorted(set(wanted) - set(got))[:3]}, only Firn {sorted(set(got) - set(wanted))[:3]}"
            )
        for labels, value in wanted.items():
            if not equal(value, got[labels]):
                raise peers.Failed(f"{query} at {at} of {labels}: Prometheus {value}, Firn {got[labels]}")
            compared += 1
    return compared


def run(binary, message, work):
    work.mkdir()
    (otlp,) = peers.free_ports(1)
    page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    page.began = time.time() - 100
    Page.scrapes = 0
    threading.Thread(target=page.serve_forever, daemon=True).start()
    running = []
    try:
        firn = peers.firn(
            {
                "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
                "exporters": {"firn": {}},
                "service": {"pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["firn"]}}},
                "promql": {"promote": []},
                "rules": {"enabled": False},
                "web": {"remote_write": True},
            },
            work / "firn.log",
            work / "data",
        )
        running.append(firn)
        server = prometheus(binary, page.server_port, firn, message, work)
        running.append(server)
        time.sleep(SECONDS)
        last = int(time.time()) - 5
        peers.wait_until(
            "Firn has what was scraped",
            lambda: series(firn.web, "shop_queue", last + 2),
            60,
            server,
        )
        time.sleep(5)
        compared = sum(compare(server.port, firn.web, at) for at in (last - 25, last - 11, last - 3, last))
        print(f"  {message}: {compared} values of {len(QUERIES)} queries at 4 times are equal")
        own = {one["metric"]["__name__"]: float(one["value"][1]) for one in ask(
            server.port, "query", query='{__name__=~"prometheus_remote_storage_(samples|histograms|exemplars)(_failed|)_total"}'
        )["result"]}
        if any(value for name, value in own.items() if "failed" in name):
            raise peers.Failed(f"Prometheus says {own}")
        print(f"  {message}: sent {', '.join(f'{name[26:]} {value:.0f}' for name, value in sorted(own.items()))}")
        exemplars = ask(
            firn.web, "query_exemplars", query="shop_duration_seconds_bucket", start=last - 20, end=last
        )
        if not exemplars:
            raise peers.Failed("Firn has no exemplars")
        about = ask(firn.web, "metadata")
        # version 1 sends them apart, once a minute
        if "v2" in message and about.get("shop_orders_total", [{}])[0].get("help") != "Orders so far.":
            raise peers.Failed(f"metadata: {about.get('shop_orders_total')}")
        print(f"  {message}: {sum(len(one['exemplars']) for one in exemplars)} exemplars, metadata of {len(about)} metrics")
    finally:
        for each in reversed(running):
            each.stop()
        page.shutdown()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--prometheus", required=True)
    arguments.add_argument("--message", action="append", help="one of the two only")
    asked = arguments.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-remote-write."))
    for message in asked.message or ("prometheus.WriteRequest", "io.prometheus.write.v2.Request"):
        run(asked.prometheus, message, work / message)
    shutil.rmtree(work, ignore_errors=True)
    print("remote write: all right")


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"remote write: {failure}")

"""The same points go to a real Prometheus and to Firn, both by OTLP, and some thousand generated queries to both.

Usage: check.py [--queries N] [--seed N] [--keep]

Answers must be equal: kind, series, labels, times, values (relative difference of at most 1e-12, for the order of additions differs),
buckets of native histograms, and whether a query is refused. Points: counters with resets, gauges, classic and exponential histograms, with
jitter, gaps, stale markers, NaN and infinities; cumulative, since Prometheus takes no deltas.
"""

import argparse
import json
import math
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers
from queries import Queries

SECOND = 1_000_000_000
INTERVAL = 15
SPAN = 3600
BOUNDS = [0.05, 0.25, 0.5, 2.5]
TOLERANCE = 1e-12
HINTS = "conflicting counter resets"  # what is known of resets depends on how a storage cuts its chunks


def text(key, value):
    return {"key": key, "value": {"stringValue": value}}


class Series:
    """One stream of each kind of metric, and how it goes on."""

    def __init__(self, rng, job, instance, a, b, start):
        self.rng = rng
        self.resource = [text("service.name", job), text("service.instance.id", instance)]
        self.attributes = [text("a", a), text("b", b)]
        self.started = start
        self.total = [0.0, 0.0]
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0
        self.buckets = [0] * 12
        self.zeros = 0
        self.native_sum = 0.0
        self.gap = 0

    def restart(self, at):
        self.started = at
        self.total = [0.0, 0.0]
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0
        self.buckets = [0] * 12
        self.zeros = 0
        self.native_sum = 0.0

    def point(self, at):
        """Metrics at a time; none within a gap."""
        rng = self.rng
        if self.gap > 0:
            self.gap -= 1
            return []
        if rng.random() < 0.01:
            self.gap = rng.choice([2, 8, 30])
        if rng.random() < 0.01:
            self.restart(at - SECOND)
        stale = rng.random() < 0.004
        self.total[0] += rng.choice([0, 1, 2, 5])
        self.total[1] += rng.random() * 3
        for _ in range(rng.randint(0, 6)):
            self.counts[rng.randrange(len(self.counts))] += 1
            self.sum += rng.random()
            self.buckets[min(11, int(rng.expovariate(0.4)))] += 1
            self.native_sum += rng.random() * 4
        self.zeros += rng.random() < 0.3
        both = {"attributes": self.attributes, "timeUnixNano": str(at), "startTimeUnixNano": str(self.started)}
        if stale:
            both["flags"] = 1
        gauge = rng.choice([rng.gauss(10, 5)] * 30 + [math.nan, math.inf, -math.inf, 0.0, 1e18])
        shown = gauge if math.isfinite(gauge) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(gauge)]
        return [
            self.sum_metric("c0", {**both, "asInt": str(int(self.total[0]))}),
            self.sum_metric("c1", {**both, "asDouble": self.total[1]}),
            {"name": "g0", "gauge": {"dataPoints": [{**both, "asDouble": rng.gauss(0, 1)}]}},
            {"name": "g1", "gauge": {"dataPoints": [{**both, "asDouble": shown}]}},
            self.histogram(both),
            self.exponential(both),
        ]

    @staticmethod
    def sum_metric(name, point):
        return {"name": name, "sum": {"isMonotonic": True, "aggregationTemporality": 2, "dataPoints": [point]}}

    def histogram(self, both):
        point = {
            **both,
            "count": str(sum(self.counts)),
            "sum": self.sum,
            "explicitBounds": BOUNDS,
            "bucketCounts": [str(each) for each in self.counts],
        }
        return {"name": "h0", "histogram": {"aggregationTemporality": 2, "dataPoints": [point]}}

    def exponential(self, both):
        point = {
            **both,
            "count": str(sum(self.buckets) + self.zeros),
            "sum": self.native_sum,
            "scale": 1,
            "zeroCount": str(self.zeros),
            "positive": {"offset": -2, "bucketCounts": [str(each) for each in self.buckets]},
        }
        return {"name": "n0", "exponentialHistogram": {"aggregationTemporality": 2, "dataPoints": [point]}}


def requests(rng, start):
    """OTLP requests in order of time."""
    streams = [
        Series(rng, job, instance, a, b, (start - 60) * SECOND)
        for job in ("shop", "cart")
        for instance in ("i0", "i1")
        for a in ("x", "y", "z")
        for b in ("1", "2")
        if rng.random() < 0.7
    ]
    for tick in range(SPAN // INTERVAL):
        found = []
        for stream in streams:
            at = (start + tick * INTERVAL) * SECOND + rng.randint(-400, 400) * 1_000_000
            metrics = stream.point(at)
            if metrics:
                found.append({"resource": {"attributes": stream.resource}, "scopeMetrics": [{"metrics": metrics}]})
        yield {"resourceMetrics": found}


def post(url, request):
    body = json.dumps(request).encode()
    for _ in range(50):
        try:
            asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(asked, timeout=30) as answer:
                said = answer.read()
            if b"rejected" in said:
                raise peers.Failed(f"{url} rejected points: {said[:500]!r}")
            return
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503, 504):
                raise peers.Failed(f"{url} refused with {error.code}: {error.read()[:500]!r}") from error
        time.sleep(0.2)
    raise peers.Failed(f"{url} never took the request")


def prometheus(folder, work):
    config = {
        "storage": {"tsdb": {"out_of_order_time_window": "1d"}},
        "otlp": {"translation_strategy": "UnderscoreEscapingWithSuffixes"},
    }
    path = peers.write_config(work / "prometheus.yml", config)
    port = peers.free_ports(1)[0]
    process = peers.Process(
        "Prometheus",
        [
            folder / "prometheus",
            f"--config.file={path}",
            f"--storage.tsdb.path={work / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-otlp-receiver",
            "--enable-feature=promql-experimental-functions",
        ],
        work / "prometheus.log",
    )
    process.port = port
    peers.wait_until("Prometheus is ready", lambda: peers.get(f"http://127.0.0.1:{port}/-/ready"), 60, process)
    return process


def firn(work):
    otlp = peers.free_ports(1)[0]
    process = peers.firn(
        {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
            "exporters": {"firn": {}},
            "service": {"pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["firn"]}}},
            "promql": {"promote": [], "scope_labels": False, "experimental": True},
        },
        work / "firn.log",
        work / "data",
    )
    process.otlp = otlp
    return process


def ask(port, path, parameters):
    """Kind of error, or the answer's data and annotations."""
    url = f"http://127.0.0.1:{port}/api/v1/{path}"
    try:
        with urllib.request.urlopen(url, urllib.parse.urlencode(parameters).encode(), timeout=120) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return json.loads(error.read())


def number(value):
    return float(value.replace("Inf", "inf"))


def same_number(one, other):
    a, b = number(one), number(other)
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-300)


def same_point(one, other):
    if one[0] != other[0]:
        return False
    if isinstance(one[1], str) or isinstance(other[1], str):
        return isinstance(one[1], str) and isinstance(other[1], str) and same_number(one[1], other[1])
    a, b = one[1], other[1]
    left, right = a.get("buckets", []), b.get("buckets", [])
    return (
        same_number(a["count"], b["count"])
        and same_number(a["sum"], b["sum"])
        and len(left) == len(right)
        and all(x[0] == y[0] and all(same_number(p, q) for p, q in zip(x[1:], y[1:])) for x, y in zip(left, right))
    )


def points(series):
    found = [series[key] for key in ("value", "histogram") if key in series]
    return sorted(found + series.get("values", []) + series.get("histograms", []), key=lambda each: each[0])


def difference(theirs, ours):
    """What differs, or nothing."""
    if theirs["status"] != ours["status"] or theirs.get("errorType") != ours.get("errorType"):
        return f"status: {str(theirs)[:300]} / {str(ours)[:300]}"
    if theirs["status"] == "error":
        return ""
    one, other = theirs["data"], ours["data"]
    if one["resultType"] != other["resultType"]:
        return f"type {one['resultType']} / {other['resultType']}"
    if one["resultType"] in ("scalar", "string"):
        return "" if same_point(one["result"], other["result"]) else f"{one['result']} / {other['result']}"
    left, right = ({json.dumps(s["metric"], sort_keys=True): points(s) for s in data["result"]} for data in (one, other))
    if left.keys() != right.keys():
        return f"only theirs: {sorted(left.keys() - right.keys())[:3]} only ours: {sorted(right.keys() - left.keys())[:3]}"
    for metric, found in left.items():
        if len(found) != len(right[metric]):
            return f"{metric}: {len(found)} / {len(right[metric])} points"
        for a, b in zip(found, right[metric]):
            if not same_point(a, b):
                return f"{metric}: {a} / {b}"
    for kind in ("warnings", "infos"):
        told = [sorted(text for text in one.get(kind, []) if HINTS not in text) for one in (theirs, ours)]
        if told[0] != told[1]:
            return f"{kind}: {told[0]} / {told[1]}"
    return ""


def parameters(rng, start, query):
    if rng.random() < 0.5:
        return "query", {"query": query, "time": start + rng.randint(300, SPAN)}
    begin = start + rng.randint(0, SPAN - 600)
    return "query_range", {
        "query": query,
        "start": begin,
        "end": begin + rng.choice([0, 120, 600]),
        "step": rng.choice(["15", "60", "37.5"]),
    }


def promtool(folder, port, kind, names, flags):
    """Exit code and lines, sorted, of promtool's question to a server."""
    command = [folder / "promtool", "query", kind, *flags, f"http://127.0.0.1:{port}", *names]
    ran = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.returncode, sorted(ran.stdout.splitlines())


def check_promtool(folder, their, our, start):
    end = start + SPAN
    times = [f"--start={start}", f"--end={end}"]
    for asked in (
        ("instant", ["sum by (job) (c0_total)"], [f"--time={end}"]),
        ("instant", ["h0_bucket{le='0.5', job='shop'}"], [f"--time={end}"]),
        ("range", ["max by (a) (c1_total)"], [f"--start={end - 600}", f"--end={end}", "--step=60s"]),
        ("series", [], ["--match={job='shop', __name__=~'c.*|h0_sum'}", *times]),
        ("labels", ["job"], times),
        ("labels", ["le"], times),
        ("instant", ["sum("], [f"--time={end}"]),
    ):
        theirs, ours = promtool(folder, their.port, *asked), promtool(folder, our.port, *asked)
        failed = theirs[0] != 0 and theirs[0] == ours[0]  # messages may differ
        if theirs != ours and not failed:
            raise peers.Failed(f"promtool query {asked}: {theirs} / {ours}")
        if theirs[0] == 0 and not theirs[1]:
            raise peers.Failed(f"promtool query {asked} prints nothing")
    print("  promtool query instant, range, series and labels print the same")


def check(work, arguments):
    folder = peers.obtained("prometheus")
    if folder is None:
        sys.exit(peers.UNOBTAINABLE)
    rng = random.Random(arguments.seed)
    start = int(time.time()) // 60 * 60 - SPAN - 300
    with prometheus(folder, work) as their, firn(work) as our:
        our.port = our.web
        for request in requests(rng, start):
            post(f"http://127.0.0.1:{their.port}/api/v1/otlp/v1/metrics", request)
            peers.post_otlp(our.otlp, request)
        time.sleep(3)  # the engine is a cut behind
        count = {"query": " + ".join(f"sum(count_over_time({name}[2h]))" for name in ("g0", "c0_total", "h0_sum")), "time": start + SPAN + 60}
        total = ask(their.port, "query", count)["data"]["result"][0]["value"][1]
        peers.wait_until(
            f"Firn has all {total} points",
            lambda: ask(our.port, "query", count)["data"]["result"][0]["value"][1] == total,
            60,
            our,
        )
        print(f"  {total} points of three metrics in both")
        check_promtool(folder, their, our, start)
        queries = Queries(rng, start, start + SPAN)
        wrong = refused = 0
        for index in range(arguments.queries):
            path, asked = parameters(rng, start, queries.one())
            theirs, ours = ask(their.port, path, asked), ask(our.port, path, asked)
            refused += theirs["status"] == "error"
            told = difference(theirs, ours)
            if told:
                wrong += 1
                if wrong <= 40:
                    print(f"  {path} {asked}\n    {told}")
        print(f"  {arguments.queries - wrong} of {arguments.queries} queries equal, {refused} refused by both")
        our.stop()
        their.stop()
        if wrong:
            raise peers.Failed(f"{wrong} queries differ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--queries", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-promql-"))
    try:
        check(work, arguments)
    except peers.Failed as error:
        sys.exit(f"interop/promql: {error}")
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)
    print("interop/promql: passed")


if __name__ == "__main__":
    main()

"""The load generator's ledger, and what it put on the wire, against Prometheus' answers.

The ledger counts requests and their durations by plane, service, route, method and status; buckets, gauges, resources and exemplars are in
the generator's own requests only, which pass through a tap on their way. Both must agree with each other first.
"""

import collections
import http.client
import http.server
import json
import math
import re
import threading
import time

import otlp
import peers
import wire

SECOND = 1_000_000_000
TICKS = 1 << 20
PHIS = (0.5, 0.9, 0.99)
DELTA = 1

NAMES = {
    "shop.http.requests": "shop_http_requests_total",
    "process.cpu.time": "process_cpu_time_seconds_total",
    "process.cpu.utilization": "process_cpu_utilization_ratio",
    "process.memory.usage": "process_memory_usage_bytes",
    "system.network.io": "system_network_io_bytes_total",
    "http.server.active_requests": "http_server_active_requests",
    "db.client.connection.count": "db_client_connection_count",
    "shop.queue.depth": "shop_queue_depth",
    "shop.orders.placed": "shop_orders_placed_total",
    "shop.revenue": "shop_revenue_EUR_total",
    "http.server.request.duration": "http_server_request_duration_seconds",
    "http.server.duration": "http_server_duration_milliseconds",
    "inventory_lookup_seconds": "inventory_lookup_seconds",
}
DURATIONS = {"http.server.request.duration": 1, "http.server.duration": 1000}  # and how many of its unit a second has


class Tap(http.server.ThreadingHTTPServer):
    """Passes OTLP/HTTP on to `port` of `host`, and keeps what was taken."""

    daemon_threads = True

    def __init__(self, port, host="127.0.0.1"):
        self.taken = taken = []

        class Passing(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                onward = http.client.HTTPConnection(host, port, timeout=60)
                onward.request("POST", self.path, body, {"Content-Type": self.headers["Content-Type"]})
                answer = onward.getresponse()
                said = answer.read()
                onward.close()
                if answer.status == 200:
                    taken.append(wire.read(body))
                self.send_response(answer.status)
                for name in ("Content-Type", "Retry-After"):
                    if answer.getheader(name):
                        self.send_header(name, answer.getheader(name))
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Passing)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def as_text(value):
    """An attribute as a label's text."""
    kind, inner = value
    if kind == "bool":
        return "true" if inner else "false"
    if kind == "array":
        return json.dumps([each[1] for each in inner], separators=(",", ":"))
    return str(inner)


def labels(attributes, prefix=""):
    return {prefix + re.sub(r"\W", "_", key): as_text(value) for key, value in attributes.items()}


class Series:
    """The points of one stream in order of their times."""

    def __init__(self, first):
        self.metric, self.resource, self.scope = first["metric"], first["resource"]["attributes"], first["scope"]
        self.attributes = first["point"]["attributes"]
        self.points = []

    def of(self, name):
        return as_text(self.resource[name])

    def labels(self):
        """As the page has them."""
        return {
            **labels(self.attributes),
            **labels(self.scope["attributes"], "otel_scope_"),
            "otel_scope_name": self.scope["name"],
            "otel_scope_version": self.scope["version"],
            "otel_scope_schema_url": self.scope["schema"],
            "job": f"{self.of('service.namespace')}/{self.of('service.name')}",
            "instance": self.of("service.instance.id"),
        }

    def runs(self):
        """Points between restarts, each run as the points that must be added up."""
        if self.metric["temporality"] == DELTA:
            return [self.points]
        found = []
        for point in self.points:  # the last of each start time says all
            if found and found[-1][0]["start"] == point["start"]:
                found[-1] = [point]
            else:
                found.append([point])
        return found

    def shown(self):
        """The points whose sum the page shows at the end."""
        return self.points[-1:] if self.metric["type"] in ("gauge", "summary") else self.runs()[-1]

    def grown(self):
        """The points whose sum is all that came since the beginning."""
        return [point for run in self.runs() for point in run]

    def seconds(self):
        """From the first start to the last point."""
        return (self.points[-1]["time"] - self.points[0]["start"]) / SECOND


def streams(requests):
    """By resource, scope, metric and attributes."""
    found = {}
    points = (each for request in requests for each in otlp.points(request))
    for each in sorted(points, key=lambda each: each["point"]["time"]):
        which = [each["metric"], each["resource"], each["scope"], each["point"]["attributes"]]
        found.setdefault(json.dumps(which, sort_keys=True), Series(each)).points.append(each["point"])
    return list(found.values())


def number(points):
    return sum(point.get("int", point.get("double", 0)) for point in points)


def classic(points):
    """Counts by upper bound, the last one infinite."""
    counts = collections.Counter()
    for point in points:
        for bound, count in zip([*point["bounds"], math.inf], point["buckets"]):
            counts[bound] += count
    return counts


def native(points):
    """(scale, zeros, counts by index) at the coarsest scale of all."""
    scale = min(point["scale"] for point in points)
    counts = collections.Counter()
    for point in points:
        offset, buckets = point["positive"] or (0, [])
        for index, count in enumerate(buckets, offset):
            counts[index >> point["scale"] - scale] += count
    return scale, sum(point["zero"][0] for point in points), +counts


def edges(scale, index):
    return 2.0 ** (index / 2.0**scale), 2.0 ** ((index + 1) / 2.0**scale)


def classic_quantile(phi, counts):
    """As histogram_quantile() says: straight lines within buckets, the lowest from 0."""
    bounds = sorted(counts)
    rank, below, lower = phi * sum(counts.values()), 0, 0.0
    for bound in bounds:
        if below + counts[bound] >= rank and counts[bound]:
            if bound == math.inf:
                return bounds[-2]
            return bound if bound <= 0 else lower + (bound - lower) * (rank - below) / counts[bound]
        below, lower = below + counts[bound], max(bound, 0.0)
    raise peers.Failed(f"no quantile of {counts}")


def native_quantile(phi, points):
    """As histogram_quantile() says: exponential within buckets."""
    scale, zeros, counts = native(points)
    rank, below = phi * (zeros + sum(counts.values())), zeros
    for index in sorted(counts):
        if below + counts[index] >= rank:
            low, high = edges(scale, index)
            return low * (high / low) ** ((rank - below) / counts[index])
        below += counts[index]
    raise peers.Failed(f"no quantile {phi}")


def ledger(path):
    """(requests, ticks) exported, by plane, service, route, method and status; times that processes crashed."""
    exported, crashes = collections.defaultdict(lambda: [0, 0]), 0
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        if entry["type"] == "requests" and entry["exported"]:
            key = tuple(str(entry[each]) for each in ("plane", "service", "route", "method", "status"))
            exported[key][0] += entry["exported"]
            exported[key][1] += entry["exported_ticks"]
        if entry["type"] == "points" and entry["sent"] != entry["acknowledged"]:
            raise peers.Failed(f"points were not acknowledged: {entry}")
        crashes += entry["type"] == "event" and entry["what"] == "crash"
    return {key: tuple(counted) for key, counted in exported.items()}, crashes


def ledger_key(found):
    """From labels of either convention."""
    return tuple(
        next((found[each] for each in names if each in found), "")
        for names in (
            ("data_plane_id",),
            ("service_name", "job"),
            ("http_route",),
            ("http_request_method", "http_method"),
            ("http_response_status_code", "http_status_code"),
        )
    )


def same(what, found, expected, share=1e-9):
    """Two mappings with the same keys and, but for rounding, numbers."""
    if not expected:
        raise peers.Failed(f"{what}: there is nothing to compare")
    wrong = [
        f"{key}: {found.get(key)}, not {expected.get(key)}"
        for key in {**expected, **found}
        if not close(found.get(key), expected.get(key), share)
    ]
    if wrong:
        raise peers.Failed(f"{what}: {len(wrong)} of {len(expected)} are wrong, as {'; '.join(wrong[:4])}")


def close(left, right, share=1e-9):
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(close(*each, share) for each in zip(left, right))
    if left is None or right is None:
        return left is right
    return left == right or (left != left and right != right) or math.isclose(left, right, rel_tol=share)


def frozen(name, found):
    return name, frozenset((key, value) for key, value in found.items() if value and key != "__name__")


class Page:
    """How an exporter shows the shop: prefix of its names, constant labels, the resource's as labels, native histograms or their counts."""

    def __init__(self, namespace="", constant=None, resource_labels=False, has_native=True):
        self.prefix = namespace and namespace + "_"
        self.constant, self.resource_labels, self.has_native = constant or {}, resource_labels, has_native

    def samples(self, every):
        """What Prometheus must have of every stream at last, by name and labels."""
        made = {}
        for series in every:
            name, points = self.prefix + NAMES[series.metric["name"]], series.shown()
            known = {**self.constant, **series.labels()}
            if self.resource_labels:
                known = {**known, **labels(series.resource)}
            kind = series.metric["type"]
            if kind in ("gauge", "sum"):
                made[frozen(name, known)] = number(points)
                continue
            count, total = sum(point["count"] for point in points), sum(point["sum"] for point in points)
            if kind == "exponential_histogram" and self.has_native:
                scale, zeros, counts = native(points)
                buckets = [(*edges(scale, index), counts[index]) for index in sorted(counts)]
                made[frozen(name, known)] = [count, total, zeros, *buckets]
                continue
            made[frozen(name + "_count", known)], made[frozen(name + "_sum", known)] = count, total
            if kind == "summary":
                for quantile, value in points[-1]["quantiles"]:
                    made[frozen(name, {**known, "quantile": f"{quantile:g}"})] = float(value)
                continue
            below, counts = 0, classic(points) if kind == "histogram" else {math.inf: count}
            for bound, each in sorted(counts.items()):
                below += each
                written = "+Inf" if bound == math.inf else repr(float(bound))
                made[frozen(name + "_bucket", {**known, "le": written})] = below
        return made

    def found(self, prometheus):
        names = "|".join(f"{self.prefix}{name}(_bucket|_sum|_count)?" for name in NAMES.values())
        made = {}
        for known, value in prometheus.query(f'{{__name__=~"{names}",job=~"shop/.*"}}'):
            if isinstance(value, dict):
                buckets = [[float(each) for each in bucket[1:]] for bucket in value.get("buckets", [])]
                zeros = sum(count for low, high, count in buckets if low <= 0 <= high)
                buckets = [tuple(each) for each in buckets if each[0] > 0]
                value = [float(value["count"]), float(value["sum"]), zeros, *buckets]
            made[frozen(known["__name__"], known)] = value
        return made


def by_ledger_key(every, what):
    """What the streams of metric names with `what` grew by, added up as the ledger does."""
    grown = collections.Counter()
    for series in every:
        if series.metric["name"] in what:
            known = {**labels(series.resource), **labels(series.attributes)}
            grown[ledger_key(known)] += what[series.metric["name"]](series.grown())
    return dict(grown)


def check_wire(every, exported):
    """What was sent is what the ledger says: requests, their histograms' counts, and their seconds to the last tick."""
    requests = {key: counted for key, (counted, _) in exported.items()}
    count = lambda points: sum(point["count"] for point in points)
    same("requests on the wire", by_ledger_key(every, {"shop.http.requests": number}), requests, 0)
    same("histograms on the wire", by_ledger_key(every, dict.fromkeys(DURATIONS, count)), requests, 0)
    ticks = {
        name: lambda points, unit=unit: round(sum(point["sum"] for point in points) / unit * TICKS)
        for name, unit in DURATIONS.items()
    }
    same("seconds on the wire", by_ledger_key(every, ticks), {key: each for key, (_, each) in exported.items()}, 0)


def check_last(prometheus, pages, every):
    """Every stream stands in Prometheus with all its labels and its last value."""
    for title, page in pages.items():
        expected = page.samples(every)
        try:
            peers.wait_until("the last export is scraped", lambda: close_maps(page.found(prometheus), expected), 20)
        except peers.Failed:
            pass
        same(f"last values of {title}", page.found(prometheus), expected)
        print(f"  {title}: {len(expected)} series of {len(every)} streams, labels and last values")


def close_maps(found, expected):
    return found.keys() == expected.keys() and all(close(found[key], expected[key]) for key in expected)


def summed(rows):
    made = collections.Counter()
    for known, value in rows:
        made[ledger_key({**known, "job": known["job"].split("/")[1]})] += value
    return dict(made)


def check_window(prometheus, window, end, every, exported, crashed):
    """Growth over the window that the ledger covers: of the production page with `anchored`, which extrapolates nothing."""
    if prometheus.major() < 3:
        print("  windows: skipped, this Prometheus knows no `anchored` and takes no start times")
        return
    at = {"time": f"{end:.3f}"}
    requests = {key: counted for key, (counted, _) in exported.items()}
    seconds = {key: ticks / TICKS for key, (_, ticks) in exported.items()}
    grown = summed(prometheus.query(f"increase(otel_shop_http_requests_total[{window}s] anchored) > 0", **at))
    same("increase of requests, anchored", grown, requests)
    if not crashed:  # the plain page: differences of samples, and the plane by the join with target_info
        plane = "* on (job, instance) group_left (data_plane_id) target_info"
        now, before = "shop_http_requests_total", f"shop_http_requests_total offset {window}s"
        joined = prometheus.query(f"({now} - {before} > 0 or {now} unless {before}) {plane}", **at)
        same("requests by plane of target_info", summed(joined), requests)
    classic_keys = {key for key in requests if key[1] in services(every, "histogram")}
    for name, unit in DURATIONS.items():
        shown = "otel_" + NAMES[name]
        of_name = {
            key
            for key in classic_keys
            if key[1] in {series.of("service.name") for series in every if series.metric["name"] == name}
        }
        counts = prometheus.query(f"increase({shown}_count[{window}s] anchored) > 0", **at)
        same(f"increase of {shown}_count", summed(counts), {key: requests[key] for key in of_name})
        sums = summed(prometheus.query(f"increase({shown}_sum[{window}s] anchored) > 0", **at))
        same(
            f"increase of {shown}_sum",
            {key: value / unit for key, value in sums.items()},
            {key: seconds[key] for key in of_name},
        )
        for phi in PHIS:
            buckets = f"sum by (service_name, le) (increase({shown}_bucket[{window}s] anchored))"
            found = prometheus.query(f"histogram_quantile({phi}, {buckets})", **at)
            expected = {
                service: classic_quantile(phi, classic(grown_of(every, name, service)))
                for service in {key[1] for key in of_name}
            }
            found = {known["service_name"]: value for known, value in found if value == value}
            same(f"quantile {phi} of {shown}", found, expected)
    check_extrapolated(prometheus, window, at, every)
    print(
        f"  {window} s with {crashed} crashes: increase, sums and quantiles by {len(requests)} keys of the ledger,"
        f" {sum(requests.values())} requests"
    )


def services(every, kind):
    return {series.of("service.name") for series in every if series.metric["type"] == kind}


def grown_of(every, name, service):
    return [
        point
        for series in every
        if series.metric["name"] == name and series.of("service.name") == service
        for point in series.grown()
    ]


def check_extrapolated(prometheus, window, at, every):
    """`increase` as it is: between what the samples grew by and that gone on with to the ends of the window.

    https://prometheus.io/docs/prometheus/latest/querying/functions/#increase: "extrapolated to cover the full time range".
    """
    for name, part in (("shop.http.requests", ""), *((each, "histogram_count") for each in DURATIONS)):
        shown = "otel_" + NAMES[name]
        low, high = 0, 0
        for series in every:
            kinds = ("sum", "exponential_histogram")
            if series.metric["name"] == name and series.metric["type"] in kinds:
                points = series.grown()
                grown = sum(point.get("count", 0) for point in points) or number(points)
                low, high = low + grown, high + grown * max(1, window / series.seconds())
        found = prometheus.one(f"sum({part}(increase({shown}[{window}s])))", **at)
        if not low * (1 - 1e-9) <= found <= high * (1 + 1e-9):
            raise peers.Failed(f"increase({shown}[{window}s]) is {found}, not between {low} and {high}")


def check_native(prometheus, every):
    """Native histograms of the plain page: count, sum and quantiles by service, over all that its instances show."""
    for name in DURATIONS:
        shown, expected = NAMES[name], {}
        for series in every:
            if series.metric["name"] == name and series.metric["type"] == "exponential_histogram":
                expected.setdefault(f"shop/{series.of('service.name')}", []).extend(series.shown())
        for function, of in {
            "histogram_count": lambda points: sum(point["count"] for point in points),
            "histogram_sum": lambda points: sum(point["sum"] for point in points),
            **{f"histogram_quantile({phi},": lambda points, phi=phi: native_quantile(phi, points) for phi in PHIS},
        }.items():
            opened = function if function.endswith(",") else function + "("
            rows = prometheus.query(f"{opened} sum by (job) ({shown}))")
            same(
                f"{function} of {shown}",
                {known["job"]: value for known, value in rows},
                {job: of(points) for job, points in expected.items()},
            )
        print(f"  {shown}: native count, sum and quantiles of {', '.join(sorted(expected))}")


def check_targets(prometheus, every):
    """Each instance's target_info has all its resource but what became job and instance."""
    expected = {}
    for series in every:
        known = labels(series.resource)
        for taken in ("service_name", "service_namespace", "service_instance_id"):
            del known[taken]
        known.update(job=series.labels()["job"], instance=series.labels()["instance"])
        expected[frozen("target_info", known)] = 1
    rows = prometheus.query('target_info{job=~"shop/.*"}')
    same("target_info", {frozen("target_info", known): value for known, value in rows}, expected)
    print(f"  target_info: {len(expected)} instances with all their attributes")


def check_exemplars(prometheus, every, since):
    """Every exemplar that was sent, in the series that it was sent with.

    Those of native histograms are looked for on the OpenMetrics page, at their only bucket: Prometheus 3.16 reads not all of them from protobuf. Its
    parser goes on with the number of the last exemplar from one native histogram of a family to the next (model/textparse/protobufparse.go,
    case EntryHistogram; https://github.com/prometheus/prometheus/pull/14810 had mended it). What it does read must have been sent.
    """
    sent = {"OpenMetrics": {}, "protobuf": {}, "protobuf, native": {}}
    for series in every:
        name, kind = NAMES[series.metric["name"]], series.metric["type"]
        for point in series.points:
            for each in point.get("exemplars", []):
                known, bound = series.labels(), math.inf
                ids = {"trace_id": each["trace"], "span_id": each["span"]}
                said = frozenset({**labels(each["attributes"]), **ids}.items())
                if kind == "histogram":
                    bound = next((bound for bound in point["bounds"] if each["value"] <= bound), math.inf)
                of_bucket = {**known, "le": "+Inf" if bound == math.inf else repr(float(bound))}
                sent["OpenMetrics"][(*frozen(f"om_{name}_bucket", of_bucket), said)] = each["value"]
                if kind == "histogram":
                    sent["protobuf"][(*frozen(f"{name}_bucket", of_bucket), said)] = each["value"]
                else:
                    sent["protobuf, native"][(*frozen(name, known), said)] = each["value"]
    for kind, expected in sent.items():
        found = {}
        for name in {key[0] for key in expected}:
            asked = f'{name}{{job=~"shop/.*"}}'
            for series in prometheus.api("query_exemplars", query=asked, start=since, end=time.time()):
                known = series["seriesLabels"]
                for each in series["exemplars"]:
                    found[(*frozen(name, known), frozenset(each["labels"].items()))] = float(each["value"])
        if kind == "protobuf, native":
            expected = {key: value for key, value in expected.items() if key in found}
        same(f"exemplars, {kind}", found, expected)
        print(f"  exemplars, {kind}: {len(found)} of {len(sent[kind])} that were sent")

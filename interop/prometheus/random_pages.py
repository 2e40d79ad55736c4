"""Random points by a seed, and what Prometheus must have of each: whatever names, labels and numbers come, no scrape fails, and a
point either stands in Prometheus with its value or is counted as dropped.

Every stream has a label of its own, so that it is found without knowing what becomes of its name.
"""

import math
import random
import re
import sys
import time

import peers

sys.path.insert(0, str(peers.INTEROP / "collector"))
from messages import CUMULATIVE, DELTA, SECOND, metric, point, request, resource, scope

SEEDS, ROUNDS, STREAMS = (1, 2, 3), 3, 120
CONSTANT = {"site name": 'north "1"\\'}
PRODUCTION = {
    "namespace": "otel",
    "const_labels": CONSTANT,
    "send_timestamps": True,
    "metric_expiration": "5m",
    "enable_open_metrics": True,
    "resource_to_telemetry_conversion": {"enabled": True},
}
TEXT, TEXT_1 = ["PrometheusText0.0.4"], ["PrometheusText1.0.0"]
OPEN_METRICS, PROTOBUF = ["OpenMetricsText1.0.0"], ["PrometheusProto"]
# Exporter's keys, and what Prometheus asks for.
PAGES = {
    "text": ({}, TEXT),
    "openmetrics": ({"enable_open_metrics": True}, OPEN_METRICS),
    "protobuf": ({"resource_constant_labels": {"included": ["host.*"]}}, PROTOBUF),
    "production": (PRODUCTION, PROTOBUF),
    "production_text": (PRODUCTION, OPEN_METRICS),
    "unsuffixed": ({"add_metric_suffixes": False, "without_scope_info": True}, TEXT),
    "utf8_text": ({"translation_strategy": "NoUTF8EscapingWithSuffixes"}, TEXT_1),
    # Prometheus asks for protobuf without `escaping`: names are escaped with underscores then.
    "utf8": ({"translation_strategy": "NoUTF8EscapingWithSuffixes"}, PROTOBUF),
    "untranslated": ({"translation_strategy": "NoTranslation", "namespace": "raw"}, TEXT_1),
    "brief": ({"metric_expiration": "5s"}, TEXT),
}
OTHERWISE_ALIKE = {"openmetrics": "text", "production_text": "production"}
NAMES = ["x", "x_total", "x.bucket", "x_sum", "y.count", "y", "日本語", "a b", "1st", "__u__", 'q"uote', "b\\s", "n\nl", "c:d", "é"]
UNITS = ["", "s", "ms", "By", "1", "%", "{thing}", "m/s", "By/s", "odd unit", "é"]
KEYS = ["http.route", "le", "quantile", "__name__", "job", "instance", "a.b", "a-b", "日本", "1", "_", "otel_scope_name", "e\nl"]
TEXTS = ["", "GET", 'qu"ote', "back\\slash", "new\nline", "日本語", "😀", "a;b", "x" * 300]
NUMBERS = [0.0, -0.0, 1.5, -2.25, 1e308, 5e-324, math.inf, -math.inf, math.nan]


def attributes(chance, most=4):
    values = [*TEXTS, True, 7, -(1 << 63), 0.1, ["a", 1], {"k": "v"}]
    return {key: chance.choice(values) for key in chance.sample(KEYS, chance.randrange(most + 1))}


class Stream:
    """One series of a sender, and its points so far as one value."""

    def __init__(self, chance, number):
        self.id = number
        self.safe = chance.random() < 0.6  # its name is nobody else's
        self.name = f"m{number}.{chance.choice('abc')}" if self.safe else chance.choice(NAMES)
        self.unit, self.description = chance.choice(UNITS), chance.choice(["", 'd"e\\s\nc', "é"])
        self.kind = chance.choice(["gauge", "sum", "sum", "histogram", "histogram", "exponentialHistogram", "summary"])
        self.delta = self.kind in ("sum", "histogram", "exponentialHistogram") and chance.random() < 0.4
        self.monotonic = self.kind == "sum" and chance.random() < 0.7
        self.labels = {**attributes(chance), "id": number}
        self.bounds = sorted(chance.sample([-5.0, 0.0, 0.005, 0.1, 1.0, 2.5, 10.0, 1e6], chance.randrange(6)))
        self.scale = chance.choice([-5, -4, -1, 0, 3, 8, 11, 20])
        self.offset, self.width = chance.choice([-20, -1, 0, 7]), chance.randrange(1, 6)
        self.has_sum = chance.random() < 0.8
        self.start = self.last = time.time_ns() - SECOND
        self.points, self.time = 0, 0
        self.value, self.buckets, self.negative, self.zeros, self.total = 0, None, None, 0, 0.0

    def next(self, chance):
        """The next point as a metric of its own."""
        now = max(time.time_ns(), self.last + 1_000_000)
        start, self.last, self.time = (self.last if self.delta else self.start), now, now
        self.points += 1
        fields = getattr(self, "next_" + self.kind)(chance)
        kind = {}
        if self.kind not in ("gauge", "summary"):
            kind["temporality"] = DELTA if self.delta else CUMULATIVE
        if self.kind == "sum":
            kind["monotonic"] = self.monotonic
        made = point(self.labels, now, start if self.kind != "gauge" else 0, **fields)
        return metric(self.name, self.kind, [made], self.unit, self.description, **kind)

    def next_gauge(self, chance):
        if chance.random() < 0.5:
            self.value = chance.choice([0, -7, (1 << 63) - 1, 1 << 53])
            return {"asInt": self.value}
        self.value = chance.choice(NUMBERS)
        return {"asDouble": otlp_double(self.value)}

    def next_sum(self, chance):
        grown = chance.choice([0, 1, 3, 1 << 40])
        self.value += grown
        return {"asInt": grown if self.delta else self.value}

    def counted(self, chance, width, before):
        grown = [chance.choice([0, 0, 1, 5, 1000]) for _ in range(width)]
        total = [left + right for left, right in zip(grown, before or [0] * width)]
        return grown if self.delta else total, total

    def next_histogram(self, chance):
        sent, self.buckets = self.counted(chance, len(self.bounds) + 1, self.buckets)
        grown = chance.choice([0.0, 0.25, 12.5])
        self.total += grown
        fields = {"count": sum(sent), "bucketCounts": [str(each) for each in sent], "explicitBounds": self.bounds}
        return {**fields, "sum": grown if self.delta else self.total} if self.has_sum else fields

    def next_exponentialHistogram(self, chance):
        sent, self.buckets = self.counted(chance, self.width, self.buckets)
        below, self.negative = self.counted(chance, self.width, self.negative)
        zero, zeros = self.counted(chance, 1, [self.zeros])
        self.zeros = zeros[0]
        grown = chance.choice([0.0, 0.25, 12.5])
        self.total += grown
        fields = {
            "count": sum(sent) + sum(below) + zero[0],
            "scale": self.scale,
            "zeroCount": zero[0],
            "positive": {"offset": self.offset, "bucketCounts": [str(each) for each in sent]},
            "negative": {"offset": self.offset, "bucketCounts": [str(each) for each in below]},
        }
        return {**fields, "sum": grown if self.delta else self.total} if self.has_sum else fields

    def next_summary(self, chance):
        self.value += chance.randrange(9)
        self.total += chance.choice([0.0, 2.5])
        self.buckets = [(quantile, chance.choice(NUMBERS)) for quantile in (0.0, 0.5, 0.99)]
        quantiles = [{"quantile": quantile, "value": otlp_double(value)} for quantile, value in self.buckets]
        return {"count": self.value, "sum": self.total, "quantileValues": quantiles}

    def refused(self):
        """Whether no page can show it, as docs/reference/prometheus.md says."""
        if self.kind == "sum":
            return self.delta and not self.monotonic
        return self.kind == "exponentialHistogram" and (self.scale < -4 or not self.has_sum)

    def samples(self, native):
        """What there must be of it: numbers by what follows the name and by bound or quantile."""
        if self.kind in ("gauge", "sum"):
            return {("", None): float(self.value)}
        if self.kind == "summary":
            quantiles = {("", quantile): value for quantile, value in self.buckets}
            return {("_count", None): self.value, ("_sum", None): self.total, **quantiles}
        count = sum(self.buckets)
        if self.kind == "exponentialHistogram":
            count += sum(self.negative) + self.zeros
            if native:
                return {("", None): [count, self.total, *self.native()]}
            return {("_count", None): count, ("_sum", None): self.total, ("_bucket", math.inf): count}
        made, below = {("_count", None): count}, 0
        if self.has_sum or native:  # Prometheus reads a sum that is not there from protobuf as 0
            made["_sum", None] = self.total if self.has_sum else 0
        for bound, each in zip([*self.bounds, math.inf], self.buckets):
            below += each
            made["_bucket", bound] = below
        return made

    def native(self):
        """(from, to, count) of each bucket in use, at scale 8 at most."""
        found, scale = {}, min(self.scale, 8)
        for sign, buckets in ((1, self.buckets), (-1, self.negative)):
            for index, count in enumerate(buckets, self.offset):
                if count:
                    index >>= self.scale - scale
                    edges = [2.0 ** (index / 2.0**scale), 2.0 ** ((index + 1) / 2.0**scale)]
                    key = tuple(sorted(sign * edge for edge in edges))
                    found[key] = found.get(key, 0) + count
        if self.zeros:
            found[-1e-128, 1e-128] = self.zeros
        return [(*key, count) for key, count in sorted(found.items())]


def otlp_double(value):
    return "NaN" if value != value else "Infinity" if value == math.inf else "-Infinity" if value == -math.inf else value


def resources(chance):
    hosts = [f"host-{number}" for number in range(4)]
    return [
        {**attributes(chance, 3), **named, "host.name": host}
        for host, named in zip(
            hosts,
            (
                {},
                {"service.name": "shop", "service.instance.id": "1"},
                {"service.name": "shop", "service.namespace": "é", "service.instance.id": 'q"'},
                {"service.instance.id": "9"},
            ),
        )
    ]


def read(promql_answer, prefix_label="id"):
    """By stream: (labels, value, time of the sample), of each series the last one."""
    found = {}
    for each in promql_answer:
        at, value = (each.get("values") or each.get("histograms"))[-1]
        if isinstance(value, dict):
            buckets = sorted(tuple(float(edge) for edge in bucket[1:]) for bucket in value.get("buckets", []))
            value = [float(value["count"]), float(value["sum"]), *buckets]
        else:
            value = float(value)
        found.setdefault(each["metric"][prefix_label], []).append((each["metric"], value, at))
    return found


def close(left, right):
    if isinstance(left, (list, tuple)):
        return isinstance(right, (list, tuple)) and len(left) == len(right) and all(map(close, left, right))
    if isinstance(right, list):
        return False
    return left == right or (left != left and right != right) or math.isclose(left, right, rel_tol=1e-9)


class Trial:
    """Streams of one seed, sent to `port`."""

    def __init__(self, seed, port):
        self.chance, self.seed, self.port = random.Random(seed), seed, port
        self.resources = resources(self.chance)
        self.streams = [Stream(self.chance, f"{seed}-{number}") for number in range(STREAMS)]
        self.of = {each.id: self.chance.randrange(len(self.resources)) for each in self.streams}

    def send(self):
        """A point of each stream, in any order and grouping."""
        self.chance.shuffle(self.streams)
        for part in range(0, STREAMS, 40):
            made = [[] for _ in self.resources]
            for stream in self.streams[part : part + 40]:
                made[self.of[stream.id]].append(stream.next(self.chance))
            grouped = [
                resource(labels, scope("s", "1", {}, *metrics))
                for labels, metrics in zip(self.resources, made)
                if metrics
            ]
            peers.post_otlp(self.port, request(*grouped))

    def check(self, title, found):
        """Every stream of a page; answers those that are not there."""
        keys, asked = PAGES[title]
        native, missing = asked is PROTOBUF, []
        for stream in self.streams:
            rows = found.get(stream.id, [])
            if not rows:
                missing.append(stream)
                continue
            where = f"seed {self.seed}, page {title}, stream {stream.id} ({stream.kind} {stream.name!r})"
            expected = stream.samples(native)
            shown = {}
            for known, value, at in rows:
                name, part = known["__name__"], ""
                if stream.kind in ("histogram", "summary") or (stream.kind == "exponentialHistogram" and not native):
                    part = next((each for each in ("_count", "_sum", "_bucket") if name.endswith(each)), "")
                    if stream.kind == "summary" and "quantile" in known:
                        part = ""
                which = None
                if part == "_bucket" or (stream.kind == "summary" and not part):
                    which = float(known["le" if part else "quantile"])
                if (part, which) in shown:
                    raise peers.Failed(f"{where}: {part} {which} comes twice: {rows}")
                shown[part, which] = value
                self.check_labels(where, keys, known, at, stream)
            right = expected.keys() == shown.keys() and all(close(expected[key], shown[key]) for key in expected)
            if stream.refused() or not right:
                raise peers.Failed(f"{where}: {shown}, not {expected}")
        return missing

    def check_labels(self, where, keys, known, at, stream):
        name = known["__name__"]
        if not name.startswith(keys.get("namespace", "")):
            raise peers.Failed(f"{where}: {name} lacks its namespace")
        if "UTF8" not in keys.get("translation_strategy", "") and "NoTr" not in keys.get("translation_strategy", ""):
            if not all(re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", each) for each in known):
                raise peers.Failed(f"{where}: names of {known}")
        if keys.get("const_labels") and known.get("site_name") != CONSTANT["site name"]:
            raise peers.Failed(f"{where}: no constant label in {known}")
        host = self.resources[self.of[stream.id]]["host.name"]
        if ("resource_to_telemetry_conversion" in keys or "resource_constant_labels" in keys) != (
            known.get("host_name") == host
        ):
            raise peers.Failed(f"{where}: host_name {host!r} is not as the keys say: {known}")
        if keys.get("send_timestamps") and round(at * 1000) != stream.time // 1_000_000:
            raise peers.Failed(f"{where}: the sample is of {at}, its point of {stream.time}")


def dropped(telemetry, title):
    page = peers.get(f"http://127.0.0.1:{telemetry}/metrics").decode()
    name = "firn_export_prometheus_dropped_points_total{"
    mine = [line for line in page.splitlines() if line.startswith(name) and f'"prometheus/{title}"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in mine)


def open_metrics_names(stream, shown, native):
    """All names that the family of a stream has in OpenMetrics, by that of one of its samples."""
    if stream.monotonic:
        stem = shown.removesuffix("_total")
        return frozenset({stem, stem + "_total", stem + "_created"})
    if stream.kind in ("gauge", "sum"):
        return frozenset({shown})
    plain = native and stream.kind == "exponentialHistogram"
    stem = shown if plain else re.sub("_(bucket|sum|count)$", "", shown)
    return frozenset({stem, *(stem + part for part in ("_bucket", "_sum", "_count", "_created"))})


def clashes(names, others):
    return any(names != other and names & other for other in others)


def check(prometheus, server, port):
    trials = [Trial(seed, port) for seed in SEEDS]
    for _ in range(ROUNDS):
        for trial in trials:
            trial.send()
    last = max(stream.time for trial in trials for stream in trial.streams) / SECOND
    for title in PAGES:
        scraped = f'timestamp(up{{job="{title}"}}) > {last + 1:.3f}'
        peers.wait_until(f"{title} is scraped", lambda: prometheus.query(scraped), 20)
    answers = {
        title: read(prometheus.api("query", query=f'{{page="{title}",id=~".+"}}[5m]')["result"])
        for title in PAGES
        if title != "brief"
    }
    kinds = {stream.id: stream for trial in trials for stream in trial.streams}
    for title, found in answers.items():
        missing = [stream for trial in trials for stream in trial.check(title, found)]
        lost = [stream for stream in missing if stream.safe and not stream.refused()]
        if lost:
            raise peers.Failed(f"page {title} lacks {[(each.id, each.kind, each.name) for each in lost[:5]]}")
        told = dropped(server.telemetry, title)
        hidden = []
        if title in OTHERWISE_ALIKE:
            other = OTHERWISE_ALIKE[title]
            native = PAGES[other][1] is PROTOBUF
            names = {
                stream: open_metrics_names(kinds[stream], rows[0][0]["__name__"], native)
                for stream, rows in answers[other].items()
            }
            # A counter x_total has the names x and x_created there: the later of two such is left out, though it was taken.
            hidden = [each for each in missing if each.id in names and clashes(names[each.id], names.values())]
        counted = sum(stream.points for stream in missing if stream not in hidden)
        if counted != told:
            raise peers.Failed(f"page {title}: {counted} points are not there, {told:g} were counted as dropped")
        print(f"  random points, {title}: {len(found)} streams are as sent, {counted} points are not there and counted")
    peers.wait_until("what expires is gone", lambda: not prometheus.query('{page="brief",id=~".+"}'), 30)
    if not prometheus.query('{page="text",id=~".+"}'):
        raise peers.Failed("all is gone")
    print("  random points, brief: expired, and stale in Prometheus")

"""A probe of known numbers, worked out here: a counter of deltas, a gauge, a histogram with an exemplar, an exponential one."""

import math
import time

import peers

SECOND = 1_000_000_000
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PER_ROUND = [2, 5, 2, 1]  # of the probe's histogram
BOUNDS = [0.1, 0.5, 1.0]


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


def near(what, found, expected):
    if not math.isclose(found, expected, rel_tol=1e-9):
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
    samples = prometheus.api("query", query=f"probe_requests_total[10s] @ {end:.3f}")["result"][0]["values"]
    grown = float(samples[-1][1]) - float(samples[0][1])
    if grown % 3 or grown < 3 * (len(samples) - 2):
        raise peers.Failed(f"the counter's samples are {samples}")
    # increase() goes on from the samples to the ends of the window, and no further
    increase = prometheus.one(f"increase(probe_requests_total[10s] @ {end:.3f})")
    if not grown <= increase <= grown * 10 / (samples[-1][0] - samples[0][0]) * (1 + 1e-9):
        raise peers.Failed(f"increase is {increase} where samples grew by {grown}: {samples}")
    print(f"  counter increase: {increase:g} where samples grew by {grown:g}")
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

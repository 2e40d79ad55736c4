"""The OTLP requests that the parity checks send: made here, so that the golden outputs can be made anew from nothing.

Times are fixed: a statement such as Hour(time) then has one answer. Points that two programs could put into one series are
kept apart by their attributes, so that no case depends on what happens to colliding series unless it is about that.
"""

from messages import (
    SECOND,
    START,
    FIRST,
    STEP,
    DELTA,
    CUMULATIVE,
    attributes,
    counts,
    metric,
    point,
    request,
    resource,
    scope,
)

SHOP = {
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.instance.id": "checkout-7c9",
    "host.name": "node-1.eu.example.com",
    "environment": "production",
    "process.pid": 4711,
    "ratio": 0.25,
    "canary": True,
    "zones": ["a", "b", 3],
    "owner": {"team": "pay", "level": 2},
    "token": b"\x00\x01\xfe\xff",
    "empty": "",
}

OTHER = {"service.name": "cart", "environment": "dev", "region": "eu-west-1", "process.pid": 12}

BOUNDS = [0.005, 0.01, 0.1, 1.0, 10.0]


def mixed_step(step):
    """One export of the checkout service: every type and temporality, and of the cart service a few."""
    time = FIRST + step * STEP
    delta_start = time - STEP
    requests = 100 * (step + 1)
    web = {"http.request.method": "GET", "http.route": "/api/cart/{id}", "http.response.status_code": 200}
    failed = {
        "http.request.method": "POST",
        "http.route": "/api/orders",
        "http.response.status_code": 503,
        "error.type": "timeout",
    }
    exemplar = {
        "timeUnixNano": str(time - SECOND),
        "asDouble": 0.25,
        "spanId": "00f067aa0ba902b7",
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "filteredAttributes": attributes({"user.id": "u-17"}),
    }
    checkout = resource(
        SHOP,
        scope(
            "shop.http",
            "1.4.2",
            {"library.mode": "auto", "library.level": 3},
            metric(
                "http.server.request.duration",
                "histogram",
                [
                    point(
                        web,
                        time,
                        START,
                        count=requests,
                        sum=12.5 * (step + 1),
                        bucketCounts=counts([0, 10 * (step + 1), 80 * (step + 1), 10 * (step + 1), 0, 0]),
                        explicitBounds=BOUNDS,
                        min=0.006,
                        max=0.9,
                        exemplars=[exemplar],
                    ),
                    point(
                        failed,
                        time,
                        START,
                        count=step + 1,
                        sum=2.0 * (step + 1),
                        bucketCounts=counts([0, 0, 0, 0, step + 1, 0]),
                        explicitBounds=BOUNDS,
                    ),
                ],
                unit="s",
                description="Duration of HTTP server requests.",
                temporality=CUMULATIVE,
            ),
            metric(
                "http.server.request.size",
                "histogram",
                [
                    point(
                        web,
                        time,
                        delta_start,
                        count=4,
                        sum=1024.0,
                        bucketCounts=counts([1, 2, 1]),
                        explicitBounds=[100.0, 1000.0],
                        min=64.0,
                        max=2048.0,
                    )
                ],
                unit="By",
                temporality=DELTA,
            ),
            metric(
                "http.server.requests",
                "sum",
                [
                    point(web, time, START, asInt=requests),
                    point(failed, time, START, asInt=step + 1),
                ],
                unit="{request}",
                description="Requests served.",
                temporality=CUMULATIVE,
                monotonic=True,
            ),
            metric(
                "http.server.active_requests",
                "sum",
                [point({"http.request.method": "GET"}, time, START, asInt=3 - step)],
                unit="{request}",
                temporality=CUMULATIVE,
                monotonic=False,
            ),
            schema="https://opentelemetry.io/schemas/1.26.0",
        ),
        scope(
            "shop.orders",
            "",
            {},
            metric(
                "orders.placed",
                "sum",
                [
                    point(
                        {
                            "payment": "card",
                            "user_email": "ada@example.com",
                            "user_id": "42",
                            "amount.class": "3",
                            "note": "a  b",
                        },
                        time,
                        delta_start,
                        asInt=5,
                    ),
                    point(
                        {
                            "payment": "voucher",
                            "user_email": "bob@example.org",
                            "user_id": "7",
                            "tags": ["new", "gift"],
                        },
                        time,
                        delta_start,
                        asInt=2,
                    ),
                ],
                unit="{order}",
                temporality=DELTA,
                monotonic=True,
            ),
            metric(
                "orders.value",
                "sum",
                [point({"payment": "card", "currency": "EUR"}, time, delta_start, asDouble=99.5)],
                unit="EUR",
                temporality=DELTA,
                monotonic=True,
            ),
            metric(
                "orders.latency",
                "exponentialHistogram",
                [
                    point(
                        {"payment": "card"},
                        time,
                        delta_start,
                        count=10,
                        sum=3.75,
                        scale=2,
                        zeroCount=1,
                        zeroThreshold=0.001,
                        positive={"offset": -3, "bucketCounts": counts([1, 2, 3, 2])},
                        negative={"offset": 1, "bucketCounts": counts([1])},
                        min=-1.5,
                        max=1.9,
                    ),
                ],
                unit="s",
                temporality=DELTA,
            ),
            metric(
                "orders.weight",
                "exponentialHistogram",
                [
                    point(
                        {"payment": "card"},
                        time,
                        START,
                        count=4 * (step + 1),
                        sum=8.0 * (step + 1),
                        scale=0,
                        zeroCount=0,
                        positive={"offset": 0, "bucketCounts": counts([step + 1, 3 * (step + 1)])},
                        negative={},
                    )
                ],
                unit="kg",
                temporality=CUMULATIVE,
            ),
            metric(
                "jvm.memory.used",
                "gauge",
                [
                    point({"pool": "G1 Eden Space", "area": "heap"}, time, asInt=268435456 + step),
                    point({"pool": "Metaspace", "area": "nonheap"}, time, asInt=33554432),
                ],
                unit="By",
            ),
            metric(
                "system.cpu.utilization",
                "gauge",
                [
                    point({"cpu": 0, "load": 0.5, "on": True}, time, asDouble=0.5 + step / 8),
                    point({"cpu": 1, "load": 1.25, "on": False}, time, asDouble=0.125),
                ],
                unit="1",
                metadata={"prometheus.type": "gauge"},
            ),
            metric(
                "rpc.duration",
                "summary",
                [
                    point(
                        {"rpc.method": "Pay"},
                        time,
                        START,
                        count=20 * (step + 1),
                        sum=4.5 * (step + 1),
                        quantileValues=[{"quantile": 0.5, "value": 0.2}, {"quantile": 0.99, "value": 1.5}],
                    )
                ],
                unit="ms",
            ),
        ),
        schema="https://opentelemetry.io/schemas/1.27.0",
    )
    cart = resource(
        OTHER,
        scope(
            "shop.http",
            "1.3.0",
            {},
            metric(
                "http.server.requests",
                "sum",
                [point({"http.request.method": "GET", "http.route": "/health"}, time, START, asInt=7 * (step + 1))],
                description="Requests served.",
                temporality=CUMULATIVE,
                monotonic=True,
            ),
            metric(
                "otelcol_exporter_sent_spans",
                "sum",
                [point({"exporter": "otlp"}, time, START, asInt=step)],
                temporality=CUMULATIVE,
                monotonic=True,
            ),
            metric("queue.length", "gauge", [point({"queue": "mail"}, time, asInt=-5)]),
            metric("gone.series", "gauge", [{**point({"queue": "mail"}, time), "flags": 1}]),
        ),
    )
    return request(checkout, cart)


def counter(name, labels, samples, temporality=CUMULATIVE, monotonic=True):
    """Requests with one point each; a sample is (seconds after START, start seconds after START or None, value)."""
    made = []
    for after, start, number in samples:
        begin = 0 if start is None else START + start * SECOND
        field = {"asInt": number} if isinstance(number, int) else {"asDouble": number}
        made.append(
            (
                after,
                metric(
                    name,
                    "sum",
                    [point(labels, START + after * SECOND, begin, **field)],
                    temporality=temporality,
                    monotonic=monotonic,
                ),
            )
        )
    return made


def histogram(name, labels, samples, temporality=CUMULATIVE, bounds=(1.0, 2.0)):
    made = []
    for after, start, buckets, total in samples:
        begin = 0 if start is None else START + start * SECOND
        fields = {"count": sum(buckets), "sum": total, "bucketCounts": counts(buckets), "explicitBounds": list(bounds)}
        made.append(
            (
                after,
                metric(
                    name, "histogram", [point(labels, START + after * SECOND, begin, **fields)], temporality=temporality
                ),
            )
        )
    return made


def exponential(name, labels, samples, temporality=CUMULATIVE):
    made = []
    for after, start, scale, offset, buckets, zero, total in samples:
        begin = 0 if start is None else START + start * SECOND
        fields = {
            "count": sum(buckets) + zero,
            "sum": total,
            "scale": scale,
            "zeroCount": zero,
            "positive": {"offset": offset, "bucketCounts": counts(buckets)},
            "negative": {},
        }
        made.append(
            (
                after,
                metric(
                    name,
                    "exponentialHistogram",
                    [point(labels, START + after * SECOND, begin, **fields)],
                    temporality=temporality,
                ),
            )
        )
    return made


def full_histograms(temporality, exemplars=True):
    """Histograms with min and max, and an exemplar."""
    made = []
    for after, buckets, total in ((60, [1, 2], 3.0), (120, [3, 5], 9.0)):
        time = START + after * SECOND
        begin = START if temporality == CUMULATIVE else time - 60 * SECOND
        exemplar = {
            "timeUnixNano": str(time - 1),
            "asDouble": 0.5,
            "spanId": "00f067aa0ba902b7",
            "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        }
        data = point(
            {"a": "x"},
            time,
            begin,
            count=sum(buckets),
            sum=total,
            bucketCounts=counts(buckets),
            explicitBounds=[1.0],
            min=0.25,
            max=2.0 + after,
            **({"exemplars": [exemplar]} if exemplars else {}),
        )
        made.append((after, metric("full", "histogram", [data], temporality=temporality)))
    return made


def stale(name, labels, temporality):
    """A stream that ends with a point of no recorded value, and begins again."""
    made = []
    for after, number in ((60, 5), (120, None), (180, 9)):
        time = START + after * SECOND
        begin = START if temporality == CUMULATIVE else time - 60 * SECOND
        data = point(labels, time, begin, flags=1) if number is None else point(labels, time, begin, asInt=number)
        made.append((after, metric(name, "sum", [data], temporality=temporality, monotonic=True)))
    return made


def delta_marks():
    """Exemplars and a point of no recorded value in delta streams."""
    return in_order(full_histograms(DELTA), stale("stale", {"a": "x"}, DELTA))


def one_delta():
    """Three streams, told apart by the order in which they begin."""
    return in_order(
        *(
            counter(name, {"a": "x"}, [(begin, begin - 60, 1), (begin + 600, begin, 2)], temporality=DELTA)
            for name, begin in (("first", 60), ("second", 120), ("third", 180))
        )
    )


def in_order(*streams):
    """One request for each time that any stream has a point at."""
    by_time = {}
    for stream in streams:
        for after, made in stream:
            by_time.setdefault(after, []).append(made)
    return [
        request(resource({"service.name": "state"}, scope("state", "", {}, *by_time[after])))
        for after in sorted(by_time)
    ]


def cumulative_streams():
    return in_order(
        counter("steady", {"a": "x"}, [(60, 0, 10), (120, 0, 25), (180, 0, 25), (240, 0, 40)]),
        counter("double", {"a": "x"}, [(60, 0, 1.5), (120, 0, 2.25), (180, 0, 4.0)]),
        counter("reset.start", {"a": "x"}, [(60, 0, 100), (120, 0, 150), (180, 150, 30), (240, 150, 50)]),
        counter("reset.value", {"a": "x"}, [(60, None, 100), (120, None, 150), (180, None, 30), (240, None, 50)]),
        counter("up.down", {"a": "x"}, [(60, 0, 5), (120, 0, -2), (180, 0, 4)], monotonic=False),
        histogram("bins", {"a": "x"}, [(60, 0, [1, 2, 3], 9.5), (120, 0, [2, 4, 3], 14.0), (180, 0, [2, 4, 4], 17.25)]),
        histogram(
            "bins.reset", {"a": "x"}, [(60, 0, [1, 2, 3], 9.5), (120, 100, [1, 0, 0], 0.5), (180, 100, [1, 1, 0], 2.0)]
        ),
        exponential("scales", {"a": "x"}, [(60, 0, 1, 0, [1, 2], 1, 4.0), (120, 0, 1, 0, [2, 4], 1, 9.0)]),
        full_histograms(CUMULATIVE),
        stale("stale", {"a": "x"}, CUMULATIVE),
        [(60, metric("gauge", "gauge", [point({"a": "x"}, START + 60 * SECOND, asInt=5)]))],
        [(60, metric("summary", "summary", [point({"a": "x"}, START + 60 * SECOND, START, count=5, sum=2.5)]))],
        counter("two.series", {"a": "x"}, [(60, 0, 1), (120, 0, 2)]),
        counter("two.series.more", {"a": "y"}, [(60, 0, 10), (120, 0, 20)]),
        counter("already.delta", {"a": "x"}, [(60, 0, 3), (120, 60, 4)], temporality=DELTA),
    )


def same_time():
    """Two values at one time."""
    return [
        in_order(counter("same.time", {"a": "x"}, [sample]))[0]
        for sample in ((60, 0, 5), (120, 0, 7), (120, 0, 9), (180, 0, 12))
    ]


def delta_streams():
    return in_order(
        counter("steady", {"a": "x"}, [(60, 0, 10), (120, 60, 15), (180, 120, 0), (240, 180, 7)], temporality=DELTA),
        counter("double", {"a": "x"}, [(60, 0, 1.5), (120, 60, 0.75)], temporality=DELTA),
        counter("gap", {"a": "x"}, [(60, 0, 10), (180, 120, 5), (240, 180, 1)], temporality=DELTA),
        counter("late", {"a": "x"}, [(60, 0, 10), (180, 120, 5)], temporality=DELTA)
        + [(200, counter("late", {"a": "x"}, [(120, 60, 3)], temporality=DELTA)[0][1])],
        counter("up.down", {"a": "x"}, [(60, 0, 5), (120, 60, -2)], temporality=DELTA, monotonic=False),
        histogram(
            "bins",
            {"a": "x"},
            [(60, 0, [1, 2, 3], 9.5), (120, 60, [1, 0, 0], 0.5), (180, 120, [0, 1, 1], 4.0)],
            temporality=DELTA,
        ),
        histogram("bins.change", {"a": "x"}, [(60, 0, [1, 2, 3], 9.5)], temporality=DELTA)
        + histogram(
            "bins.change",
            {"a": "x"},
            [(120, 60, [1, 1], 3.0), (180, 120, [0, 1], 4.0)],
            temporality=DELTA,
            bounds=(5.0,),
        ),
        exponential(
            "scales",
            {"a": "x"},
            [(60, 0, 3, 4, [1, 2, 1, 1], 1, 4.0), (120, 60, 1, 1, [2, 4], 0, 9.0), (180, 120, 3, 10, [5], 2, 1.0)],
            temporality=DELTA,
        ),
        full_histograms(DELTA, exemplars=False),
        [(60, metric("gauge", "gauge", [point({"a": "x"}, START + 60 * SECOND, asInt=5)]))],
        counter("already.cumulative", {"a": "x"}, [(60, 0, 3), (120, 0, 4)]),
    )


def colliding():
    """Series that are one after their attribute `pod` is dropped: same start and time, deltas and cumulatives."""
    made = []
    for step in range(3):
        time, begin = FIRST + step * STEP, FIRST + (step - 1) * STEP
        made.append(
            request(
                resource(
                    {"service.name": "pods"},
                    scope(
                        "pods",
                        "",
                        {},
                        metric(
                            "delta.sum",
                            "sum",
                            [point({"a": "x", "pod": str(pod)}, time, begin, asInt=pod + step) for pod in (1, 2, 3)],
                            temporality=DELTA,
                            monotonic=True,
                        ),
                        metric(
                            "delta.histogram",
                            "histogram",
                            [
                                point(
                                    {"a": "x", "pod": str(pod)},
                                    time,
                                    begin,
                                    count=pod + 1,
                                    sum=0.5 * pod,
                                    bucketCounts=counts([pod, 1]),
                                    explicitBounds=[1.0],
                                )
                                for pod in (1, 2)
                            ],
                            temporality=DELTA,
                        ),
                        metric(
                            "cumulative.sum",
                            "sum",
                            [point({"a": "x", "pod": str(pod)}, time, START, asInt=(step + 1) * pod) for pod in (1, 2)],
                            temporality=CUMULATIVE,
                            monotonic=True,
                        ),
                    ),
                )
            )
        )
    return made


def awkward():
    """What naming and the page's rules are about: colliding labels, units, reserved names, conflicting types and help, odd numbers."""
    time = FIRST
    one = {"a": "x"}

    def total(name, labels=one, unit="", description="", number=5):
        return metric(
            name,
            "sum",
            [point(labels, time, START, asInt=number)],
            unit=unit,
            description=description,
            temporality=CUMULATIVE,
            monotonic=True,
        )

    def gauge(name, labels=one, unit="", description="", number=1.5):
        return metric(name, "gauge", [point(labels, time, asDouble=number)], unit=unit, description=description)

    labels = scope(
        "awkward",
        "2",
        {},
        gauge("labels.collide", {"a.b": "dot", "a_b": "underscore", "a-b": "dash"}),
        gauge("labels.digit", {"1st": "x", "2.nd": "y"}),
        gauge("labels.underscores", {"_private": "x", "__reserved": "y", "a__b": "z", "_": "one"}),
        gauge("labels.unicode", {"größe": "groß", "名前": "値", "a b": "blank"}),
        gauge(
            "labels.values",
            {
                "quote": 'a "b" \\ c',
                "line": "one\ntwo",
                "empty": "",
                "int": 5,
                "double": 2.0,
                "bool": True,
                "list": ["a", 1],
                "map": {"k": "v"},
                "bytes": b"\x01\x02",
            },
        ),
        gauge(
            "labels.reserved",
            {"le": "1", "quantile": "0.5", "job": "mine", "instance": "here", "otel_scope_name": "fake"},
        ),
    )
    names = scope(
        "awkward",
        "2",
        {"scope.key": "v", "name": "clash"},
        total("requests.total"),
        total("requests_count"),
        total("hits", unit="1"),
        gauge("ratio", unit="1"),
        gauge("speed", unit="m/s"),
        gauge("rate", unit="By/s"),
        gauge("load", unit="%"),
        gauge("memory_bytes", unit="By"),
        gauge("disk.usage", unit="GiBy"),
        gauge("disk.megabytes", unit="MBy"),
        total("bytes.sent", unit="By"),
        gauge("wait", unit="ms"),
        gauge("wait.time.seconds", unit="s"),
        gauge("heat", unit="Cel"),
        gauge("frequency", unit="Hz"),
        gauge("annotated", unit="{thread}"),
        gauge("per.annotated", unit="{request}/s"),
        gauge("1st.metric"),
        gauge("a..b//c"),
        gauge("trailing_"),
        gauge("colon:name"),
        gauge("größe.metric"),
        gauge("energy", unit="kWh"),
        gauge("days", unit="d"),
        gauge("mixed.Case", unit="V"),
    )
    numbers = scope(
        "awkward",
        "2",
        {},
        gauge("number.big", number=1e21),
        gauge("number.small", number=1.5e-7),
        gauge("number.negative", number=-1.5),
        gauge("number.nan", number="NaN"),
        gauge("number.infinity", number="Infinity"),
        total("number.int", number=9007199254740993),
        metric(
            "empty.bounds",
            "histogram",
            [point(one, time, START, count=3, sum=6.0, bucketCounts=["3"], explicitBounds=[])],
            temporality=CUMULATIVE,
        ),
        metric("no.buckets", "histogram", [point(one, time, START, count=3, sum=6.0)], temporality=CUMULATIVE),
        metric(
            "no.sum",
            "histogram",
            [point(one, time, START, count=3, bucketCounts=["1", "2"], explicitBounds=[0.5])],
            temporality=CUMULATIVE,
        ),
        metric(
            "odd.bounds",
            "histogram",
            [point(one, time, START, count=6, sum=3.0, bucketCounts=["1", "2", "3"], explicitBounds=[0.1, 1e6])],
            temporality=CUMULATIVE,
        ),
        metric("unspecified", "sum", [point(one, time, START, asInt=1)], monotonic=True),
        metric("up.down.delta", "sum", [point(one, time, START, asInt=1)], temporality=DELTA, monotonic=False),
        metric("no.quantiles", "summary", [point(one, time, START, count=3, sum=6.0)]),
        metric(
            "help.line", "gauge", [point(one, time, asInt=1)], description='One \\ line\nand another with "quotes".'
        ),
    )
    second = scope(
        "other",
        "",
        {},
        gauge("shared", {"a": "y"}, description="second help", unit="s"),
        metric("typed", "sum", [point({"a": "y"}, time, START, asInt=5)], temporality=CUMULATIVE, monotonic=True),
        metric("typed_total", "gauge", [point({"a": "z"}, time, asInt=1)]),
    )
    first = scope("awkward", "2", {}, gauge("shared", {"a": "x"}, description="first help", unit="s"))
    service = {"service.name": "awkward", "service.instance.id": "1"}
    return [
        request(
            resource({**service, "k8s.pod.name": "p", "k8s_pod_name": "q"}, labels, names, numbers, first, second),
            resource({"host.name": "no service"}, scope("none", "", {}, gauge("without.service"))),
            resource({"service.name": "only"}, scope("none", "", {}, gauge("without.instance"))),
            resource(
                {"service.name": "twice", "service.instance.id": "1", "x": "1"},
                scope("none", "", {}, gauge("twice", {"a": "1"})),
            ),
            resource(
                {"service.name": "twice", "service.instance.id": "1", "y": "2"},
                scope("none", "", {}, gauge("twice", {"a": "2"})),
            ),
        )
    ]


INPUTS = {
    "mixed": [mixed_step(0)],
    "mixed_twice": [mixed_step(0), mixed_step(1)],
    "cumulative": cumulative_streams(),
    "same_time": same_time(),
    "delta": delta_streams(),
    "delta_marks": delta_marks(),
    "one_delta": one_delta(),
    "colliding": colliding(),
    "awkward": awkward(),
}

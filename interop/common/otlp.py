"""OTLP/JSON as comparable points: one line a point with all that it says, so that how points are grouped does not matter."""

import json

TYPES = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponentialHistogram": "exponential_histogram",
    "summary": "summary",
}
INTEGERS = ("count", "zeroCount")


def number(python):
    """A double as JSON writes it, 5 and 5.0 being one; NaN and infinities are the protocol's texts."""
    return (
        float(python)
        if not isinstance(python, str)
        else python
        if python in ("NaN", "Infinity", "-Infinity")
        else float(python)
    )


def value(any_value):
    """An AnyValue as a (type, value) pair: 1 is not "1" and not 1.0."""
    if not any_value:
        return ["empty", None]
    kind, inner = next(iter(any_value.items()))
    if kind == "intValue":
        return ["int", int(inner)]
    if kind == "doubleValue":
        return ["double", number(inner)]
    if kind == "arrayValue":
        return ["array", [value(each) for each in inner.get("values", [])]]
    if kind == "kvlistValue":
        return ["map", attributes(inner.get("values", []))]
    return [kind.removesuffix("Value"), inner]


def attributes(listed):
    """Attributes by key. A key that comes twice is a fault of what wrote it."""
    made = {}
    for each in listed or []:
        key = each.get("key", "")
        if key in made:
            raise ValueError(f"attribute {key!r} comes twice")
        made[key] = value(each.get("value"))
    return dict(sorted(made.items()))


def numbers(listed):
    return [number(each) for each in listed or []]


def integers(listed):
    return [int(each) for each in listed or []]


def buckets(side):
    """Offset and counts without empty buckets at either end, which say nothing."""
    counts, offset = integers((side or {}).get("bucketCounts")), int((side or {}).get("offset", 0))
    while counts and counts[-1] == 0:
        counts.pop()
    while counts and counts[0] == 0:
        counts.pop(0)
        offset += 1
    return [offset, counts] if counts else []


def exemplar(made):
    return {
        "time": int(made.get("timeUnixNano", 0)),
        "value": int(made["asInt"]) if "asInt" in made else number(made.get("asDouble", 0.0)),
        "int": "asInt" in made,
        "span": made.get("spanId", "").lower(),
        "trace": made.get("traceId", "").lower(),
        "attributes": attributes(made.get("filteredAttributes")),
    }


def point(kind, made):
    said = {
        "attributes": attributes(made.get("attributes")),
        "start": int(made.get("startTimeUnixNano", 0)),
        "time": int(made.get("timeUnixNano", 0)),
        "flags": int(made.get("flags", 0)),
    }
    if made.get("exemplars"):
        said["exemplars"] = sorted((exemplar(each) for each in made["exemplars"]), key=json.dumps)
    if kind in ("gauge", "sum"):
        if "asInt" in made:
            said["int"] = int(made["asInt"])
        elif "asDouble" in made:
            said["double"] = number(made["asDouble"])
        return said
    said["count"] = int(made.get("count", 0))
    for name in ("sum", "min", "max"):
        if name in made:
            said[name] = number(made[name])
    if kind == "histogram":
        said["bounds"] = numbers(made.get("explicitBounds"))
        said["buckets"] = integers(made.get("bucketCounts"))
    elif kind == "exponentialHistogram":
        said["scale"] = int(made.get("scale", 0))
        said["zero"] = [int(made.get("zeroCount", 0)), number(made.get("zeroThreshold", 0.0))]
        said["positive"], said["negative"] = buckets(made.get("positive")), buckets(made.get("negative"))
    else:
        said["sum"] = number(made.get("sum", 0.0))
        said["quantiles"] = [
            [number(each.get("quantile", 0.0)), number(each.get("value", 0.0))]
            for each in made.get("quantileValues", [])
        ]
    return said


def points(request):
    """Every point of a request, with what it stands under."""
    for of_resource in request.get("resourceMetrics", []):
        resource = {
            "attributes": attributes(of_resource.get("resource", {}).get("attributes")),
            "schema": of_resource.get("schemaUrl", ""),
        }
        for of_scope in of_resource.get("scopeMetrics", []):
            said = of_scope.get("scope", {})
            scope = {
                "name": said.get("name", ""),
                "version": said.get("version", ""),
                "attributes": attributes(said.get("attributes")),
                "schema": of_scope.get("schemaUrl", ""),
            }
            for metric in of_scope.get("metrics", []):
                kind = next((each for each in TYPES if each in metric), None)
                if kind is None:
                    continue
                header = {
                    "name": metric.get("name", ""),
                    "type": TYPES[kind],
                    "unit": metric.get("unit", ""),
                    "description": metric.get("description", ""),
                    "temporality": int(metric[kind].get("aggregationTemporality", 0)),
                    "monotonic": bool(metric[kind].get("isMonotonic", False)),
                    "metadata": attributes(metric.get("metadata")),
                }
                for each in metric[kind].get("dataPoints", []):
                    yield {"metric": header, "point": point(kind, each), "scope": scope, "resource": resource}


def normal(requests):
    """The points of many requests as sorted lines."""
    return sorted(
        json.dumps(each, sort_keys=True, ensure_ascii=False) for request in requests for each in points(request)
    )


LEVELS = ("resource", "scope", "metric", "point")


def tree(lines):
    """Sorted points as a text in which what many of them share stands once: a word, then JSON, one blank more a level."""
    paths = sorted(
        [json.dumps(json.loads(line)[level], sort_keys=True, ensure_ascii=False) for level in LEVELS] for line in lines
    )
    written, last = [], []
    for path in paths:
        same = next(
            (depth for depth in range(len(LEVELS) - 1) if last[depth : depth + 1] != path[depth : depth + 1]),
            len(LEVELS) - 1,
        )
        written += [" " * depth + LEVELS[depth] + " " + path[depth] for depth in range(same, len(LEVELS))]
        last = path
    return "".join(line + "\n" for line in written)


def untree(text):
    """The points of such a text."""
    lines, here = [], {}
    for line in text.splitlines():
        level, said = line.strip().split(" ", 1)
        here[level] = json.loads(said)
        if level == LEVELS[-1]:
            lines.append(json.dumps(here, sort_keys=True, ensure_ascii=False))
    return sorted(lines)


def read(path):
    """The requests in a file of OTLP/JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def added(one, other):
    """Two points of one series and one time as one: the sum of what they counted."""
    made = dict(one)
    for name in ("int", "double", "count", "sum"):
        if name in one:
            made[name] = one[name] + other[name]
    if "buckets" in one:
        assert one["bounds"] == other["bounds"]
        made["buckets"] = [left + right for left, right in zip(one["buckets"], other["buckets"])]
    return made


def merged(lines):
    """Points of one series and one time added up: what dropping a label shall give."""
    together = {}
    for line in lines:
        each = json.loads(line)
        which = json.dumps(
            [
                each["metric"],
                each["scope"],
                each["resource"],
                each["point"]["attributes"],
                each["point"]["start"],
                each["point"]["time"],
            ],
            sort_keys=True,
        )
        if which in together:
            each["point"] = added(together[which]["point"], each["point"])
        together[which] = each
    return sorted(json.dumps(each, sort_keys=True, ensure_ascii=False) for each in together.values())

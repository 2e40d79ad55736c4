"""OTLP/JSON requests put together from Python values."""

SECOND = 1_000_000_000
START = 1_793_530_800 * SECOND  # 2026-11-01T11:00:00Z
FIRST = START + 1_230 * SECOND + 123_456_789  # 2026-11-01T11:20:30.123456789Z
STEP = 60 * SECOND


def value(python):
    """A Python value as an OTLP AnyValue."""
    if isinstance(python, bool):
        return {"boolValue": python}
    if isinstance(python, int):
        return {"intValue": str(python)}
    if isinstance(python, float):
        return {"doubleValue": python}
    if isinstance(python, str):
        return {"stringValue": python}
    if isinstance(python, bytes):
        import base64

        return {"bytesValue": base64.b64encode(python).decode()}
    if isinstance(python, list):
        return {"arrayValue": {"values": [value(each) for each in python]}}
    return {"kvlistValue": {"values": attributes(python)}}


def attributes(python):
    return [{"key": key, "value": value(each)} for key, each in python.items()]


def request(*resources):
    return {"resourceMetrics": list(resources)}


def resource(labels, *scopes, schema=""):
    made = {"resource": {"attributes": attributes(labels)}, "scopeMetrics": list(scopes)}
    if schema:
        made["schemaUrl"] = schema
    return made


def scope(name, version, labels, *metrics, schema=""):
    made = {"scope": {"name": name, "version": version, "attributes": attributes(labels)}, "metrics": list(metrics)}
    if schema:
        made["schemaUrl"] = schema
    return made


DELTA, CUMULATIVE = 1, 2


def metric(name, kind, points, unit="", description="", temporality=None, monotonic=None, metadata=None):
    data = {"dataPoints": points}
    if temporality is not None:
        data["aggregationTemporality"] = temporality
    if monotonic is not None:
        data["isMonotonic"] = monotonic
    made = {"name": name, "unit": unit, "description": description, kind: data}
    if metadata:
        made["metadata"] = attributes(metadata)
    return made


def point(labels, time, start=0, **fields):
    made = {"attributes": attributes(labels), "timeUnixNano": str(time)}
    if start:
        made["startTimeUnixNano"] = str(start)
    for name, field in fields.items():
        made[name] = str(field) if name in ("asInt", "count", "zeroCount") else field
    return made


def counts(numbers):
    return [str(number) for number in numbers]

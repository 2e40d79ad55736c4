"""OTLP/protobuf export requests as OTLP/JSON, read by a table of the protocol's fields: what a sender truly put on the wire."""

import base64
import struct


def varint(body, at):
    number = shift = 0
    while True:
        byte = body[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def zigzag(number):
    return number >> 1 ^ -(number & 1)


def signed(number):
    return number - (1 << 64) if number >= 1 << 63 else number


def double(eight):
    number = struct.unpack("<d", eight)[0]
    if number != number:
        return "NaN"
    return number if abs(number) != float("inf") else "Infinity" if number > 0 else "-Infinity"


def fixed(eight):
    return str(struct.unpack("<Q", eight)[0])


def eights(read):
    """Packed fields of eight bytes."""
    return lambda body: [read(body[at : at + 8]) for at in range(0, len(body), 8)]


def varints(body):
    found, at = [], 0
    while at < len(body):
        number, at = varint(body, at)
        found.append(str(number))
    return found


def text(body):
    return body.decode()


# A field: its JSON name, how it is read, and "many" where it comes again and again.
VALUE = {
    1: ("stringValue", text),
    2: ("boolValue", bool),
    3: ("intValue", lambda number: str(signed(number))),
    4: ("doubleValue", double),
    7: ("bytesValue", lambda body: base64.b64encode(body).decode()),
}
KEY_VALUE = {1: ("key", text), 2: ("value", VALUE)}
VALUE[5] = ("arrayValue", {1: ("values", VALUE, "many")})
VALUE[6] = ("kvlistValue", {1: ("values", KEY_VALUE, "many")})
EXEMPLAR = {
    2: ("timeUnixNano", fixed),
    3: ("asDouble", double),
    4: ("spanId", bytes.hex),
    5: ("traceId", bytes.hex),
    6: ("asInt", lambda eight: str(struct.unpack("<q", eight)[0])),
    7: ("filteredAttributes", KEY_VALUE, "many"),
}
TIMES = {2: ("startTimeUnixNano", fixed), 3: ("timeUnixNano", fixed)}
NUMBER = {
    **TIMES,
    4: ("asDouble", double),
    5: ("exemplars", EXEMPLAR, "many"),
    6: ("asInt", lambda eight: str(struct.unpack("<q", eight)[0])),
    7: ("attributes", KEY_VALUE, "many"),
    8: ("flags", int),
}
HISTOGRAM = {
    **TIMES,
    4: ("count", fixed),
    5: ("sum", double),
    6: ("bucketCounts", eights(fixed)),
    7: ("explicitBounds", eights(double)),
    8: ("exemplars", EXEMPLAR, "many"),
    9: ("attributes", KEY_VALUE, "many"),
    10: ("flags", int),
    11: ("min", double),
    12: ("max", double),
}
SIDE = {1: ("offset", zigzag), 2: ("bucketCounts", varints)}
EXPONENTIAL = {
    **TIMES,
    1: ("attributes", KEY_VALUE, "many"),
    4: ("count", fixed),
    5: ("sum", double),
    6: ("scale", zigzag),
    7: ("zeroCount", fixed),
    8: ("positive", SIDE),
    9: ("negative", SIDE),
    10: ("flags", int),
    11: ("exemplars", EXEMPLAR, "many"),
    12: ("min", double),
    13: ("max", double),
    14: ("zeroThreshold", double),
}
SUMMARY = {
    **TIMES,
    4: ("count", fixed),
    5: ("sum", double),
    6: ("quantileValues", {1: ("quantile", double), 2: ("value", double)}, "many"),
    7: ("attributes", KEY_VALUE, "many"),
    8: ("flags", int),
}


def data(of_point):
    return {1: ("dataPoints", of_point, "many"), 2: ("aggregationTemporality", int), 3: ("isMonotonic", bool)}


METRIC = {
    1: ("name", text),
    2: ("description", text),
    3: ("unit", text),
    5: ("gauge", data(NUMBER)),
    7: ("sum", data(NUMBER)),
    9: ("histogram", data(HISTOGRAM)),
    10: ("exponentialHistogram", data(EXPONENTIAL)),
    11: ("summary", data(SUMMARY)),
    12: ("metadata", KEY_VALUE, "many"),
}
SCOPE = {1: ("name", text), 2: ("version", text), 3: ("attributes", KEY_VALUE, "many")}
OF_SCOPE = {1: ("scope", SCOPE), 2: ("metrics", METRIC, "many"), 3: ("schemaUrl", text)}
OF_RESOURCE = {
    1: ("resource", {1: ("attributes", KEY_VALUE, "many")}),
    2: ("scopeMetrics", OF_SCOPE, "many"),
    3: ("schemaUrl", text),
}
REQUEST = {1: ("resourceMetrics", OF_RESOURCE, "many")}


def read(body, fields=REQUEST):
    """The message as OTLP/JSON has it."""
    made, at = {}, 0
    while at < len(body):
        tag, at = varint(body, at)
        kind = tag & 7
        if kind == 0:
            payload, at = varint(body, at)
        else:
            size, at = (8, at) if kind == 1 else varint(body, at) if kind == 2 else (4, at)
            payload, at = body[at : at + size], at + size
        name, how, *many = fields[tag >> 3]
        said = read(payload, how) if isinstance(how, dict) else how(payload)
        if many:
            made.setdefault(name, []).append(said)
        else:
            made[name] = said
    return made

#!/usr/bin/env python3
"""Firn and the stock Collector doing the same work in one run: OTLP/HTTP protobuf in, the same processors, file or prometheus out.

Usage: measure.py [--series N] [--steps N] [--warm N] [--only REGEXP]

The sender is bounded: so many bodies of 1,000 points, two connections, the next body after the answer. What counts is the CPU time of the
program that is measured (its threads and children, from /proc): a busy machine changes seconds, hardly CPU seconds. Linux only.
"""

import argparse
import http.client
import os
import pathlib
import re
import shutil
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

SECOND = 1_000_000_000
POINTS_PER_BODY = 1_000
SENDERS = 2
TICK = os.sysconf("SC_CLK_TCK")


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, payload):
    """A length-delimited field of a protobuf message."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def fixed(number, payload):
    return varint(number << 3 | 1) + payload


def whole(number, value):
    return varint(number << 3) + varint(value)


def label(tag, key, value):
    return field(tag, field(1, key.encode()) + field(2, field(1, value.encode())))


# Where a body is changed from step to step: texts that no other part of it holds.
TIME, VALUE = b"\x11TIMEat\x22", b"\x13VALUEv\x24"


def point(tag_time, tag_value, labels):
    return fixed(2, struct.pack("<Q", START)) + fixed(tag_time, TIME) + fixed(tag_value, VALUE) + labels


START = time.time_ns() - 7200 * SECOND
BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]


def template(number):
    """A body of 1,000 series: half of them sums, three in ten gauges, the rest histograms."""
    resource = b"".join(
        label(1, key, value)
        for key, value in {
            "service.name": f"service-{number % 20}",
            "service.instance.id": f"instance-{number}",
            "host.name": f"node-{number}",
            "deployment.environment.name": "prod",
            "k8s.pod.name": f"pod-{number}",
        }.items()
    )
    sums = gauges = histograms = b""
    for each in range(POINTS_PER_BODY):
        labels = {
            "http.route": f"/api/{each % 50}",
            "http.request.method": "GET" if each % 2 else "POST",
            "shard": str(each),
        }
        if each % 10 < 5:
            sums += field(1, point(3, 4, b"".join(label(7, *pair) for pair in labels.items())))
        elif each % 10 < 8:
            gauges += field(1, point(3, 4, b"".join(label(7, *pair) for pair in labels.items())))
        else:
            counts = field(6, struct.pack("<15Q", *([2] * 15)))
            bounds = field(7, struct.pack("<14d", *BOUNDS))
            histograms += field(
                1,
                fixed(2, struct.pack("<Q", START))
                + fixed(3, TIME)
                + fixed(4, struct.pack("<Q", 30))
                + fixed(5, VALUE)
                + counts
                + bounds
                + b"".join(label(9, *pair) for pair in labels.items()),
            )
    metrics = [
        field(1, b"bench.requests") + field(3, b"{request}") + field(7, sums + whole(2, 2) + whole(3, 1)),
        field(1, b"bench.load") + field(3, b"1") + field(5, gauges),
        field(1, b"bench.duration") + field(3, b"s") + field(9, histograms + whole(2, 2)),
    ]
    scope = field(1, field(1, b"bench")) + b"".join(field(2, each) for each in metrics)
    return bytearray(field(1, field(1, resource) + field(2, scope)))


class Body:
    """A request that is written anew for each step in place."""

    def __init__(self, number):
        self.made = template(number)
        self.times = [each.start() for each in re.finditer(re.escape(TIME), self.made)]
        self.values = [each.start() for each in re.finditer(re.escape(VALUE), self.made)]

    def at(self, step):
        now, value = struct.pack("<Q", START + (step + 1) * 10 * SECOND), struct.pack("<d", 1.0 + step)
        for place in self.times:
            self.made[place : place + 8] = now
        for place in self.values:
            self.made[place : place + 8] = value
        return bytes(self.made)


def send(port, bodies, first, end):
    """Every body at every step, in order for each series; answers the seconds that it took."""
    troubles = []

    def sender(mine):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for step in range(first, end):
            for body in mine:
                payload = body.at(step)
                for _ in range(200):
                    connection.request("POST", "/v1/metrics", payload, {"Content-Type": "application/x-protobuf"})
                    answer = connection.getresponse()
                    said = answer.read()
                    if answer.status not in (429, 503):
                        break
                    time.sleep(0.05)
                if answer.status != 200 or len(said) > 2:
                    troubles.append((answer.status, said[:200]))
                    return
        connection.close()

    threads = [threading.Thread(target=sender, args=(bodies[each::SENDERS],)) for each in range(SENDERS)]
    began = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if troubles:
        raise peers.Failed(f"the receiver said {troubles[0]}")
    return time.monotonic() - began


def family(pid):
    """A process and all below it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def cpu_seconds(pid):
    total = 0
    for each in family(pid):
        fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_megabytes(pid):
    """Resident memory at its highest."""
    total = 0
    for each in family(pid):
        total += int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{each}/status").read_text())[1])
    return total / 1024


def quiescent(pid):
    """Waits until queues and files are worked off: less than 5 % of a core for half a second."""
    for _ in range(240):
        before = cpu_seconds(pid)
        time.sleep(0.5)
        if cpu_seconds(pid) - before <= 0.03:
            return


PROCESSORS = {
    "memory_limiter": {"check_interval": "1s", "limit_mib": 4096, "spike_limit_mib": 512},
    "resource": {
        "attributes": [
            {"key": "cluster_id", "value": "c-1", "action": "upsert"},
            {"key": "region", "value": "here", "action": "upsert"},
        ]
    },
    "filter": {"metrics": {"exclude": {"match_type": "regexp", "metric_names": ["^otelcol_.*"]}}},
    "transform": {
        "metric_statements": [
            {
                "context": "datapoint",
                "statements": [
                    'set(attributes["environment"], resource.attributes["deployment.environment.name"])',
                    'delete_key(attributes, "absent")',
                ],
            }
        ]
    },
    "batch": {"timeout": "1s", "send_batch_size": 8192},
}

LOADS = {
    "file": (["file"], list(PROCESSORS)),
    "file, no processors": (["file"], []),
    "prometheus": (["prometheus"], list(PROCESSORS)),
    "prometheus, no processors": (["prometheus"], []),
    "nowhere (debug, basic)": (["debug"], list(PROCESSORS)),
}


def measure(start, exporters, processors, asked, work):
    otlp, page = peers.free_ports(2)
    known = {
        "file": {"path": str(work / "out.jsonl")},
        "prometheus": {"endpoint": f"127.0.0.1:{page}", "metric_expiration": "1h"},
        "debug": {"verbosity": "basic", "sampling_initial": 2, "sampling_thereafter": 100000},
    }
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
        "processors": {name: PROCESSORS[name] for name in processors},
        "exporters": {name: known[name] for name in exporters},
        "service": {
            "pipelines": {"metrics": {"receivers": ["otlp"], "processors": processors, "exporters": exporters}}
        },
    }
    bodies = [Body(number) for number in range(asked.series // POINTS_PER_BODY)]
    with start(config) as process:
        send(otlp, bodies, 0, asked.warm)
        quiescent(process.pid)
        before = cpu_seconds(process.pid)
        seconds = send(otlp, bodies, asked.warm, asked.warm + asked.steps)
        quiescent(process.pid)
        used = cpu_seconds(process.pid) - before
        points = len(bodies) * POINTS_PER_BODY * asked.steps
        scrape = ""
        if "prometheus" in exporters:
            began, before = time.monotonic(), cpu_seconds(process.pid)
            size = len(peers.get(f"http://127.0.0.1:{page}/metrics", timeout=120))
            scrape = (
                f"{time.monotonic() - began:.2f} s, {cpu_seconds(process.pid) - before:.2f} CPU s, {size / 1e6:.1f} MB"
            )
        memory = memory_megabytes(process.pid)
        process.stop()
    for written in work.glob("out*.jsonl"):
        written.unlink()
    return [f"{points / seconds:,.0f}", f"{points / used:,.0f}", f"{used / points * 1e6:.2f}", f"{memory:,.0f}", scrape]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--series", type=int, default=20_000)
    arguments.add_argument("--steps", type=int, default=60)
    arguments.add_argument("--warm", type=int, default=40)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--programs", default="collector,firn")
    asked = arguments.parse_args()
    collector = peers.obtained("collector")
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-bench."))
    programs = {}
    if collector is not None:
        programs["collector"] = lambda config: peers.collector(collector, config, work / "collector.log")
    programs["firn"] = lambda config: peers.firn(config, work / "firn.log", pathlib.Path(tempfile.mkdtemp(dir=work)))
    print(
        f"{asked.series} series, {asked.steps} points each after {asked.warm} to warm up; load of the machine now {os.getloadavg()[0]:.1f}"
    )
    print(
        "\t".join(
            ("program", "OTLP/HTTP to", "points/s", "points/s per core", "CPU s per million", "memory MB", "scrape")
        )
    )
    try:
        for title, (exporters, processors) in LOADS.items():
            if not re.search(asked.only, title):
                continue
            for name, start in programs.items():
                if name in asked.programs.split(","):
                    print("\t".join((name, title, *measure(start, exporters, processors, asked, work))), flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"bench: {failure}")

"""Stock Collectors before and behind Firn: what went in is in the engine, and comes out again, point by point.

Usage: check.py --collector BINARY [--stand-in]

    generator -> Collector "before" -> OTLP gRPC, OTLP HTTP protobuf, OTLP HTTP JSON, its file -> Firn
    Firn -> engine;  OTLP gRPC, OTLP HTTP, its file -> Collector "behind" -> files

The Collector "before" marks each road's points with a resource attribute and writes what it got to a file of its own; that file and the
generator's ledger are the truth. With --stand-in a third Collector takes Firn's place: then a fault is the check's.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import otlp
import peers
from inputs import INPUTS

ROADS = ("grpc", "http", "json", "file")
SETTLE_SECONDS = 60


def local(port):
    return f"127.0.0.1:{port}"


def marked(road):
    return {"attributes": [{"key": "road", "value": road, "action": "upsert"}]}


def before(ports, work):
    """The Collector that the generator sends to."""
    plain = {"tls": {"insecure": True}}
    return {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": local(ports["in"])}}}},
        "processors": {f"resource/{road}": marked(road) for road in ROADS},
        "exporters": {
            "otlp_grpc": {"endpoint": local(ports["firn_grpc"]), **plain},
            "otlp_http/protobuf": {"endpoint": f"http://{local(ports['firn_http'])}"},
            "otlp_http/json": {
                "endpoint": f"http://{local(ports['firn_http'])}",
                "encoding": "json",
                "compression": "none",
            },
            "file/road": {"path": str(work / "handed.jsonl"), "flush_interval": "200ms"},
            "file/truth": {"path": str(work / "truth.jsonl"), "flush_interval": "200ms"},
        },
        "service": {
            "pipelines": {
                "metrics/truth": {"receivers": ["otlp"], "exporters": ["file/truth"]},
                **{
                    f"metrics/{road}": {
                        "receivers": ["otlp"],
                        "processors": [f"resource/{road}"],
                        "exporters": [exporter],
                    }
                    for road, exporter in zip(ROADS, ("otlp_grpc", "otlp_http/protobuf", "otlp_http/json", "file/road"))
                },
            }
        },
    }


def middle(ports, work, stand_in):
    """Firn, or the Collector that stands in for it."""
    grpc, http = ("otlp_grpc", "otlp_http") if stand_in else ("otlp", "otlphttp")
    exporters = {
        grpc: {"endpoint": local(ports["behind_grpc"]), "tls": {"insecure": True}},
        http: {"endpoint": f"http://{local(ports['behind_http'])}"},
        "file": {"path": str(work / "out.jsonl"), "flush_interval": "200ms"},
    }
    if not stand_in:
        exporters["firn"] = None
    reading = {"include": [str(work / "handed.jsonl")], "start_at": "beginning"}
    if stand_in:
        reading["include_file_name"] = False  # or each metric gets metadata with the file's name
    return {
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": local(ports["firn_grpc"])},
                    "http": {"endpoint": local(ports["firn_http"])},
                }
            },
            "otlpjsonfile": reading,
        },
        "exporters": exporters,
        "service": {"pipelines": {"metrics": {"receivers": ["otlp", "otlpjsonfile"], "exporters": list(exporters)}}},
    }


def behind(ports, work):
    """The Collector that writes down what Firn sends and what Firn's file says."""
    return {
        "receivers": {
            "otlp/grpc": {"protocols": {"grpc": {"endpoint": local(ports["behind_grpc"])}}},
            "otlp/http": {"protocols": {"http": {"endpoint": local(ports["behind_http"])}}},
            "otlpjsonfile": {"include": [str(work / "out.jsonl")], "start_at": "beginning", "include_file_name": False},
        },
        "exporters": {
            f"file/{name}": {"path": str(work / f"behind-{name}.jsonl"), "flush_interval": "200ms"}
            for name in ("grpc", "http", "file")
        },
        "service": {
            "pipelines": {
                f"metrics/{name}": {"receivers": [receiver], "exporters": [f"file/{name}"]}
                for name, receiver in {"grpc": "otlp/grpc", "http": "otlp/http", "file": "otlpjsonfile"}.items()
            }
        },
    }


def whole_lines(path):
    """What a file that is being written holds up to now."""
    if not path.exists():
        return []
    text = path.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines() if line]


def count(path):
    return sum(1 for request in whole_lines(path) for _ in otlp.points(request))


def on_all_roads(truth):
    """What must come out: each point once a road, with the road's mark."""
    made = []
    for line in truth:
        for road in ROADS:
            each = json.loads(line)
            labels = {**each["resource"]["attributes"], "road": ["string", road]}
            each["resource"]["attributes"] = dict(sorted(labels.items()))
            made.append(json.dumps(each, sort_keys=True, ensure_ascii=False))
    return sorted(made)


def must_equal(what, expected, found):
    if expected == found:
        print(f"  {what}: {len(found)} points")
        return
    missing, extra = collections.Counter(expected), collections.Counter(found)
    missing.subtract(found)
    extra.subtract(expected)
    lines = [f"  - {number} x {line}" for line, number in missing.items() if number > 0][:4]
    lines += [f"  + {number} x {line}" for line, number in extra.items() if number > 0][:4]
    raise peers.Failed(f"{what}: {len(expected)} points went in, {len(found)} came out\n" + "\n".join(lines))


KINDS = {"histogram": "histograms", "exponential_histogram": "exponential_histograms", "summary": "summaries"}


def ledger_points(path):
    expected = collections.Counter()
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        if entry["type"] == "points":
            if entry["sent"] != entry["acknowledged"]:
                raise peers.Failed(f"points were not acknowledged: {entry}")
            expected[entry["metric"], entry["kind"], entry["temporality"].replace("none", "")] += entry["acknowledged"]
    return expected


def ledger_requests(path):
    entries = [entry for entry in map(json.loads, path.read_text().splitlines()) if entry["type"] == "requests"]
    return sum(entry["exported"] for entry in entries), sum(entry["exported_ticks"] for entry in entries) / 2**20


def engine_points(firn, where):
    """Points of the generator by metric, kind and temporality, and the requests and seconds in its histograms."""
    found = collections.Counter()
    requests, seconds = 0, 0.0
    for table in ("samples", *KINDS.values()):
        rows = peers.sql(
            firn,
            f"SELECT metric_name, type, temporality, count() FROM {table} JOIN series USING (metric_id, series_id) WHERE {where} GROUP BY ALL",
        )
        for metric, kind, temporality, number in rows:
            found[metric, kind, temporality] += int(number)
    for table in ("histograms", "exponential_histograms"):
        # The generator does not restart here: a cumulative stream's highest point says all of it.
        rows = peers.sql(
            firn,
            f"""SELECT sum(counted), sum(summed) FROM (
                SELECT if(any(temporality) = 'delta', sum(count), max(count)) AS counted,
                    if(any(temporality) = 'delta', sum(sum), max(sum)) / if(any(unit) = 'ms', 1000, 1) AS summed
                FROM {table} JOIN series USING (metric_id, series_id) WHERE {where} GROUP BY metric_id, series_id)""",
        )
        requests += int(rows[0][0])
        seconds += float(rows[0][1])
    return found, requests, seconds


def check_engine(firn, ledger):
    expected = ledger_points(ledger)
    requests, seconds = ledger_requests(ledger)
    for road in ROADS:
        where = f"data_plane_id != '' AND resource_map['road'] = '{road}'"
        found, counted, summed = engine_points(firn, where)
        wrong = {
            key: (expected[key], found[key]) for key in expected.keys() | found.keys() if expected[key] != found[key]
        }
        if wrong:
            raise peers.Failed(f"engine, by {road}: (ledger, engine) are {dict(list(wrong.items())[:10])}")
        if counted != requests or abs(summed - seconds) > 1e-9 * seconds:
            raise peers.Failed(
                f"engine, by {road}: {counted} requests of {summed} s, the ledger says {requests} of {seconds} s"
            )
    print(
        f"  engine: {sum(expected.values())} points by each of {', '.join(ROADS)} are the ledger's, with {requests} requests of {seconds:.3f} s"
    )


def send(ports, work):
    ran = peers.run_firn(
        "load",
        "-t",
        f"http://{local(ports['in'])}",
        "--history",
        "20m",
        "--seed",
        5,
        "--planes",
        "prod",
        "--no-restarts",
        "--ledger",
        work / "ledger.jsonl",
    )
    if ran.returncode:
        raise peers.Failed(f"the generator failed: {ran.stdout[-1500:]}")
    different = {json.dumps(request): request for requests in INPUTS.values() for request in requests}
    for request in different.values():  # the same request again is a retry to Firn, and is not taken twice
        peers.post_otlp(ports["in"], request)


def check_roads(binary, work, stand_in):
    names = ("in", "firn_grpc", "firn_http", "behind_grpc", "behind_http")
    ports = dict(zip(names, peers.free_ports(len(names))))
    started = []
    try:
        started.append(peers.collector(binary, behind(ports, work), work / "behind.log"))
        config = middle(ports, work, stand_in)
        started.append(
            peers.collector(binary, config, work / "middle.log")
            if stand_in
            else peers.firn(config, work / "firn.log", work / "data")
        )
        started.append(peers.collector(binary, before(ports, work), work / "before.log"))
        send(ports, work)
        peers.wait_until("the truth is written", lambda: count(work / "truth.jsonl") > 0)
        outputs = {
            "OTLP gRPC": "behind-grpc.jsonl",
            "OTLP HTTP": "behind-http.jsonl",
            "file": "out.jsonl",
            "file, read by a Collector": "behind-file.jsonl",
        }
        for title, name in outputs.items():
            try:
                peers.wait_until(
                    title, lambda: count(work / name) >= len(ROADS) * count(work / "truth.jsonl"), SETTLE_SECONDS
                )
            except peers.Failed:
                pass  # what is missing is said below
        expected = on_all_roads(otlp.normal(whole_lines(work / "truth.jsonl")))
        if not stand_in:
            check_engine(started[1], work / "ledger.jsonl")
        for title, name in outputs.items():
            must_equal(f"{started[1].title} -> {title}", expected, otlp.normal(whole_lines(work / name)))
    finally:
        for process in reversed(started):
            process.stop()


def quiet(process):
    """A Collector's log without a warning."""
    loud = [line for line in process.log_text().splitlines() if "\twarn\t" in line or "\terror\t" in line]
    if loud:
        raise peers.Failed(f"the stock Collector warns: {loud[0]}")


def check_production(binary, work, stand_in):
    """The seed's road: config-production.yaml in a stock Collector, whose buffer Firn reads with uploader.yaml."""
    config = peers.ROOT / "config"
    host = f"127.{1 + os.getpid() % 250}.{1 + os.getpid() // 250 % 250}.7"  # the ports are fixed there; a loopback address of its own is free
    environment = {**os.environ, "FIRN_LISTEN": host, "FIRN_BUFFER": str(work / "buffer"), "DATA_PLANE_ID": "plane-7"}
    before = peers.Process(
        "the stock Collector",
        [binary, "--config", config / "config-production.yaml"],
        work / "production.log",
        env=environment,
    )
    try:
        peers.wait_until("the stock Collector is ready", lambda: "Everything is ready" in before.log_text(), 60, before)
        quiet(before)
        ran = peers.run_firn(
            "load",
            "-t",
            f"http://{host}:4318",
            "--history",
            "20m",
            "--seed",
            6,
            "--planes",
            "prod",
            "--no-restarts",
            "--ledger",
            work / "production.jsonl",
        )
        if ran.returncode:
            raise peers.Failed(f"the generator failed: {ran.stdout[-1500:]}")
    finally:
        before.stop()
    expected = ledger_points(work / "production.jsonl")
    print(
        f"  config-production.yaml: a stock Collector starts without a warning, {sum(expected.values())} points into its buffer"
    )
    if stand_in:
        return
    web, engine = peers.free_ports(2)
    own = peers.write_config(
        work / "own.yaml", {"web": {"endpoint": local(web)}, "engine": {"endpoint": local(engine)}}
    )
    command = [peers.FIRN, "serve", "--config", config / "uploader.yaml", "--config", own, "--data", work / "uploaded"]
    firn = peers.Process("Firn", command, work / "uploader.log", env=environment)
    firn.engine = engine
    try:
        peers.wait_until("Firn is ready", lambda: peers.get(f"http://{local(web)}/ready") is not None, 120, firn)
        everything = "data_plane_id = 'plane-7'"
        try:
            peers.wait_until("the engine has it", lambda: engine_points(firn, everything)[0] == expected, 60)
        except peers.Failed:
            pass
        found, counted, _ = engine_points(firn, everything)
        wrong = {
            key: (expected[key], found[key]) for key in expected.keys() | found.keys() if expected[key] != found[key]
        }
        if wrong:
            raise peers.Failed(f"uploader.yaml: (ledger, engine) are {dict(list(wrong.items())[:10])}")
    finally:
        firn.stop()
    print(f"  uploader.yaml: the engine holds the buffer's {sum(found.values())} points, {counted} requests")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collector", required=True)
    arguments.add_argument("--stand-in", action="store_true")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-collector."))
    try:
        for check in (check_roads, check_production):
            if asked.only in check.__name__:
                check(asked.collector, work, asked.stand_in)
    finally:
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print("collector: what went in came out")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"collector: {failure}")

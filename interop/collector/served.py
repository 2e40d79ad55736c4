"""The shipped configuration and the seed's own, served by Firn with traffic: every point is on the page, in the buffer file, in the
engine, in the lake and in the log of the debug exporter.

Usage: served.py [--keep]

config-production.yaml and firn.yaml stand as they are, on a loopback address of their own; of the seed's file only the addresses and the path
of the buffer are overridden by another file. Exit code 75 where the production file's ports are taken.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]
sys.path.append(str(HERE.parent / "prometheus"))  # it has a check.py, too
import otlp
import peers
import shop
from check import engine_points, ledger_points, ledger_requests, local, must_equal, whole_lines
from messages import metric, point, request, resource, scope

CONFIG = peers.ROOT / "config"
SEED = peers.ROOT / "server" / "src" / "test" / "config" / "seed" / "config-production.yaml"
ENVIRONMENT = {"ENVIRONMENT": "staging", "DATA_PLANE_ID": "plane-7", "CLUSTER_ID": "blue", "AWS_REGION": "eu-central-1"}
UPSERTED = {"environment": "staging", "data_plane_id": "plane-7", "cluster_id": "blue", "region": "eu-central-1"}
SEEDS_OWN = {**UPSERTED, "cluster_id": "default-cluster", "region": "us-east-1"}  # it has ${env:X:default}, and X is not set
PORTS = {"grpc": 4317, "otlp": 4318, "page": 8889, "own": 8888}
INTERNAL = "otelcol_process_uptime"  # filter/drop_internal drops it, where it stands


class Taken(Exception):
    """A port is in use."""


def own_host():
    """A loopback address whose ports are free: those of the production file are fixed."""
    host = f"127.{1 + os.getpid() % 250}.{1 + os.getpid() // 250 % 250}.9"
    for port in PORTS.values():
        with socket.socket() as one:
            try:
                one.bind((host, port))
            except OSError as error:
                raise Taken(f"{host}:{port}: {error}") from error
    return host


def start(files, work, environment):
    web, engine = peers.free_ports(2)
    own = {"web": {"endpoint": local(web)}, "engine": {"endpoint": local(engine)}}
    files = [*files, peers.write_config(work / "own.yaml", own)]
    command = [peers.FIRN, "serve", *(each for file in files for each in ("--config", file)), "--data", work / "data"]
    firn = peers.Process("Firn", command, work / "firn.log", env={**os.environ, **environment}, cwd=work)
    firn.web, firn.engine = web, engine
    try:
        peers.wait_until("Firn is ready", lambda: peers.get(f"http://{local(web)}/ready") is not None, 120, firn)
    except peers.Failed:
        firn.kill()
        raise
    return firn


def internal():
    """A point that must not be stored."""
    now = time.time_ns()
    gauge = metric(INTERNAL, "gauge", [point({}, now, asInt=1)])
    return request(resource({"service.name": "a-collector"}, scope("", "", {}, gauge)))


def page_samples(url):
    """As shop.Page has them; of every name but the filtered one and target_info."""
    found = {}
    for line in peers.get(url, timeout=60).decode().splitlines():
        if line and not line.startswith("#"):
            name, labels, value = re.fullmatch(r"([^{ ]+)(?:\{(.*)\})? (\S+)(?: \d+)?", line).groups()
            pairs = re.findall(r'([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"', labels or "")
            known = {key: json.loads(f'"{said}"') for key, said in pairs}
            if "le" in known and known["le"] != "+Inf":
                known["le"] = repr(float(known["le"]))
            if known.get("job", "").startswith("shop/") and not name.endswith("target_info"):
                found[shop.frozen(name, known)] = float(value)
    return found


def upserted(line, labels):
    """A point of the wire as pipelines with the resource processor pass it on."""
    made = json.loads(line)
    attributes = {**made["resource"]["attributes"], **{key: ["string", value] for key, value in labels.items()}}
    made["resource"]["attributes"] = dict(sorted(attributes.items()))
    return json.dumps(made, sort_keys=True, ensure_ascii=False)


def serve(title, files, environment, host, ports, buffer, labels, work):
    """Traffic through Firn with these files; everything must be everywhere."""
    firn = start(files, work, environment)
    try:
        with shop.Tap(ports["otlp"], host) as tap:
            ran = peers.run_firn(
                "load",
                *("-t", f"http://{local(tap.server_port)}", "--history", "10m", "--step", "30s", "--seed", 11),
                *("--planes", "prod", "--no-restarts", "--compression", "none", "--ledger", work / "ledger.jsonl"),
            )
        if ran.returncode:
            raise peers.Failed(f"the generator failed: {ran.stdout[-1500:]}")
        peers.post_otlp(ports["otlp"], internal(), host)
        sent = otlp.normal(tap.taken)
        expected = sorted(upserted(line, labels) for line in sent)
        check_page(tap.taken, labels, f"http://{host}:{ports['page']}/metrics")
        check_engine(firn, work / "ledger.jsonl", labels)
        check_own(f"http://{host}:{ports['own']}/metrics", len(sent))
    finally:
        firn.stop()
    must_equal(f"{title}: buffer file", expected, otlp.normal(whole_lines(buffer)))
    listed = peers.run_firn("lake", "ls", "--json", "--data", work / "data")
    rows = {each["name"]: each["rows"] for each in json.loads(listed.stdout[listed.stdout.index("[") :])}
    if rows.get("metrics.points", rows.get("points")) != len(sent):
        raise peers.Failed(f"{title}: the lake has {rows}, {len(sent)} points were sent")
    told = re.findall(r'"data points": (\d+)', firn.log_text())
    if not told:
        raise peers.Failed(f"{title}: the debug exporter said nothing:\n{firn.log_end()}")
    print(f"{title}: {len(sent)} points on the page, in file, engine and lake; debug told of {len(told)} requests")


def check_page(taken, labels, url):
    every = shop.streams(taken)
    for series in every:
        series.resource = {**series.resource, **{key: ["string", value] for key, value in labels.items()}}
    expected = shop.Page("otel", resource_labels=True, has_native=False).samples(every)
    try:
        peers.wait_until("the page has all", lambda: shop.close_maps(page_samples(url), expected), 30)
    except peers.Failed:
        pass
    shop.same("the page", page_samples(url), expected)
    if f"otel_{INTERNAL} " not in peers.get(url).decode().replace("{", " "):
        raise peers.Failed("what filter/drop_internal drops elsewhere is not on the page")


def check_engine(firn, ledger, labels):
    expected, (requests, seconds) = ledger_points(ledger), ledger_requests(ledger)
    where = " AND ".join(f"resource_map['{key}'] = '{value}'" for key, value in labels.items())
    try:
        peers.wait_until("the engine has all", lambda: engine_points(firn, where)[0] == expected, 60, firn)
    except peers.Failed:
        pass
    found, counted, summed = engine_points(firn, where)
    if found != expected or counted != requests or abs(summed - seconds) > 1e-9 * seconds:
        raise peers.Failed(
            f"the engine has {found}, {counted} requests of {summed} s; the ledger {expected}, {requests} of {seconds} s"
        )
    if peers.sql(firn, f"SELECT count() FROM series WHERE metric_name LIKE 'otelcol%'") != [["0"]]:
        raise peers.Failed("what filter/drop_internal drops is in the engine")


def check_own(url, points):
    """The Collector's counts, of the generator's points and the one that is filtered later."""
    page = peers.get(url).decode()
    found = collections.Counter()
    for line in page.splitlines():
        if line.startswith("otelcol_"):
            found[line.split("{")[0]] += float(line.rsplit(" ", 1)[1])
    if found["otelcol_receiver_accepted_metric_points"] != points + 1:
        raise peers.Failed(f"{found} points were accepted, not {points + 1}")
    if found["otelcol_receiver_refused_metric_points"] or found["otelcol_exporter_send_failed_metric_points"]:
        raise peers.Failed("points were refused or not sent")


def production(work):
    host = own_host()
    environment = {**ENVIRONMENT, "FIRN_LISTEN": host, "FIRN_BUFFER": str(work / "buffer")}
    files = [CONFIG / "config-production.yaml", CONFIG / "firn.yaml"]
    buffer = work / "buffer" / "metrics.jsonl"
    serve("config-production.yaml with firn.yaml", files, environment, host, PORTS, buffer, UPSERTED, work)


def seed(work):
    ports = dict(zip(PORTS, peers.free_ports(len(PORTS))))
    buffer = work / "metrics.jsonl"
    addresses = {
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": local(ports["grpc"])},
                    "http": {"endpoint": local(ports["otlp"])},
                }
            }
        },
        "exporters": {"prometheus": {"endpoint": local(ports["page"])}, "file/metrics": {"path": str(buffer)}},
        "service": {"telemetry": {"metrics": {"address": local(ports["own"])}}},
    }
    files = [SEED, CONFIG / "firn.yaml", peers.write_config(work / "addresses.yaml", addresses)]
    environment = {key: ENVIRONMENT[key] for key in ("ENVIRONMENT", "DATA_PLANE_ID")}
    for key in ("CLUSTER_ID", "AWS_REGION"):
        os.environ.pop(key, None)
    serve("the seed's file with firn.yaml", files, environment, "127.0.0.1", ports, buffer, SEEDS_OWN, work)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--only", default="")
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-served."))
    try:
        for check in (production, seed):
            if asked.only in check.__name__:
                (work / check.__name__).mkdir()
                check(work / check.__name__)
    finally:
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Taken as taken:
        print(f"served: skipped, {taken}")
        sys.exit(peers.UNOBTAINABLE)
    except peers.Failed as failure:
        sys.exit(f"served: {failure}")

"""A real Prometheus scrapes a Firn with the shipped config/prometheus.yml (its targets' ports replaced): every job is up, the shipped rules
load, and of their alerts none but the watchdog fires while all is well; when Firn's process is gone, the alerts of absence fire (after seconds
instead of minutes), and fall silent when it is back.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

CONFIG = pathlib.Path(__file__).resolve().parent.parent.parent / "config"
JOBS = {"otel-collector", "s3-uploader", "clickhouse"}


def api(port, path, **arguments):
    text = peers.get(f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(arguments)}")
    answer = json.loads(text)
    if answer["status"] != "success":
        raise peers.Failed(f"{path}: {answer}")
    return answer["data"]


def query(port, expression):
    return api(port, "query", query=expression)["result"]


def prometheus(binary, firn, work):
    """Prometheus with the shipped files; only the ports and the pace are a test's."""
    text = (CONFIG / "prometheus.yml").read_text()
    for shipped, own in {
        "127.0.0.1:8888": f"127.0.0.1:{firn.telemetry}",
        "127.0.0.1:8080": f"127.0.0.1:{firn.web}",
        "127.0.0.1:8123": f"127.0.0.1:{firn.engine}",
        "15s": "1s",
    }.items():
        if shipped not in text:
            raise peers.Failed(f"config/prometheus.yml does not say {shipped}")
        text = text.replace(shipped, own)
    (work / "prometheus.yml").write_text(text)
    shutil.copy(CONFIG / "prometheus-rules.yml", work)
    (port,) = peers.free_ports(1)
    process = peers.Process(
        "Prometheus",
        [
            binary,
            f"--config.file={work}/prometheus.yml",
            f"--storage.tsdb.path={work}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        work / "prometheus.log",
    )
    process.port = port
    peers.wait_until(
        "Prometheus is ready", lambda: peers.get(f"http://127.0.0.1:{port}/-/ready") is not None, 60, process
    )
    return process


def hasten(rules, server):
    """Its minutes of waiting become seconds."""
    rules.write_text(re.sub(r"for: (\d+)m", r"for: \1s", rules.read_text()))
    server.send_signal(signal.SIGHUP)

    def taken():
        groups = api(server.port, "rules")["groups"]
        return {rule["name"]: rule.get("duration") for group in groups for rule in group["rules"]}["FirnDown"] == 2

    peers.wait_until("the rules are read again", taken, 30, server)


def jobs_up(port):
    return {each["metric"]["job"] for each in query(port, "up == 1")}


def alerts(port, state):
    return {each["labels"]["alertname"] for each in api(port, "alerts")["alerts"] if each["state"] == state}


def shape(rule):
    """Its keys and those of its alerts; an error, labels and times are there or not."""
    return set(rule) - {"lastError"}, {tuple(sorted(alert)) for alert in rule.get("alerts", [])}


def own(firn, prometheus):
    """Firn evaluates the same rules by itself and says so in the same form."""

    def seen(port):
        groups = api(port, "rules")["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}, set(groups[0])

    def well():
        rules, _ = seen(firn)
        bad = {name: rule for name, rule in rules.items() if rule["health"] != "ok"}
        if bad:
            raise peers.Failed(f"not well: {bad}")
        return rules["Watchdog"]["state"] == "firing"

    peers.wait_until("Firn's own evaluation is well", well, 60)
    (theirs, group), (ours, our_group) = seen(prometheus), seen(firn)
    if set(theirs) != set(ours) or group != our_group:
        raise peers.Failed(f"rules: {set(theirs) ^ set(ours)}, keys of a group: {group ^ our_group}")
    for name, rule in ours.items():
        if shape(rule) != shape(theirs[name]) or any(
            rule[key] != theirs[name][key] for key in ("state", "query", "duration", "labels", "annotations", "type")
        ):
            raise peers.Failed(f"{name}: Prometheus {theirs[name]}, Firn {rule}")
    said = alerts(firn, "firing") | alerts(firn, "pending")
    if said != {"Watchdog"}:
        raise peers.Failed(f"while all is well Firn says {said}")
    print(f"  Firn's own evaluation: {len(ours)} rules, the same state and form of each as in Prometheus")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--prometheus", required=True)
    arguments.add_argument("--firn", required=True)
    asked = arguments.parse_args()
    os.environ.setdefault("FIRN", str(pathlib.Path(asked.firn).resolve()))
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-rules."))
    (otlp,) = peers.free_ports(1)
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
        "exporters": {"firn": {}},
        "service": {"pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["firn"]}}},
        "rules": {"interval": "1s"},
    }
    running = []
    try:
        firn = peers.firn(config, work / "firn.log", work / "data")
        running.append(firn)
        server = prometheus(asked.prometheus, firn, work)
        running.append(server)
        peers.wait_until("all jobs are up", lambda: jobs_up(server.port) == JOBS, 30, server)
        print(f"  up: {', '.join(sorted(JOBS))}")
        gauges = len(query(server.port, '{__name__=~"ClickHouseMetrics_.*"}'))
        if gauges < 50:
            raise peers.Failed(f"the engine gives {gauges} gauges of its own")
        print(f"  gauges of the engine: {gauges}")
        loaded = peers.run_firn("load", "-t", f"http://127.0.0.1:{otlp}", "-r", 20, "-d", 20)
        if loaded.returncode:
            raise peers.Failed(loaded.stdout)
        time.sleep(3)
        rules = [rule for group in api(server.port, "rules")["groups"] for rule in group["rules"]]
        bad = [rule for rule in rules if rule["health"] != "ok"]
        if bad or len(rules) < 20:
            raise peers.Failed(f"{len(rules)} rules, not well: {bad}")
        said = alerts(server.port, "firing") | alerts(server.port, "pending")
        if said != {"Watchdog"}:
            raise peers.Failed(f"while all is well: {said}")
        print(f"  {len(rules)} rules evaluated; while all is well only the watchdog fires")
        own(firn.web, server.port)
        hasten(work / "prometheus-rules.yml", server)
        firn.stop()
        expected = {"S3UploaderDown", "ClickHouseDown", "FirnDown"}
        peers.wait_until("alerts of absence fire", lambda: expected <= alerts(server.port, "firing"), 60, server)
        print(f"  Firn gone: {', '.join(sorted(expected))} fire")
        again = peers.Process("Firn", [peers.FIRN, "serve", "--config", firn.config, "--data", work / "data"], work / "again.log")
        running.append(again)
        peers.wait_until(
            "none but the watchdog fires",
            lambda: alerts(server.port, "firing") | alerts(server.port, "pending") == {"Watchdog"},
            90,
            again,
        )
        print("  Firn back: only the watchdog fires")
    finally:
        for each in reversed(running):
            each.stop()
    shutil.rmtree(work, ignore_errors=True)
    print("rules: all right")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"rules: {failure}")

"""A certificate that ends soon is a failing health check; Firn makes it an alert and tells a real Alertmanager (Debian's) and a webhook. The
Alertmanager tells a webhook of its own, so that both messages can be compared. Then: kill -9, an outage, a silence, and the end of the alert.
"""

import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers


class Sink:
    """Takes what a webhook is sent."""

    def __init__(self):
        self.messages = []
        messages = self.messages

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def alerts(self, status):
        return [
            (alert["labels"]["alertname"], alert["labels"].get("subject"))
            for message in self.messages
            for alert in message["alerts"]
            if alert["status"] == status and alert["labels"]["alertname"] == "certificate"
        ]


def certify(folder, name, days):
    """A key and a certificate of its own, in place of those that may be there."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/CN=localhost"]
        + ["-keyout", folder / f"{name}.key.new", "-out", folder / f"{name}.pem.new"],
        check=True,
        capture_output=True,
    )
    for kind in ("key", "pem"):
        (folder / f"{name}.{kind}.new").rename(folder / f"{name}.{kind}")


def alertmanager(work, sink, port):
    config = {
        "route": {"receiver": "sink", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "2s"},
        "receivers": [{"name": "sink", "webhook_configs": [{"url": sink.url, "send_resolved": True}]}],
    }
    path = peers.write_config(work / "alertmanager.yml", config)
    process = peers.Process(
        "the Alertmanager",
        ["prometheus-alertmanager", f"--config.file={path}", f"--storage.path={work}/alertmanager"]
        + [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
        work / "alertmanager.log",
    )
    peers.wait_until(
        "the Alertmanager is ready", lambda: peers.get(f"http://127.0.0.1:{port}/-/ready") is not None, 60, process
    )
    return process


def active(port):
    """Alerts of certificates that an Alertmanager holds as firing."""
    return [
        each
        for each in json.loads(peers.get(f"http://127.0.0.1:{port}/api/v2/alerts"))
        if each["labels"]["alertname"] == "certificate"
    ]


def shape(message):
    """What a message has, without its values."""
    return set(message), set(message["alerts"][0])


def firn_alerts(firn, *arguments):
    ran = peers.run_firn("alerts", *arguments, "--url", f"http://127.0.0.1:{firn.web}")
    if ran.returncode:
        raise peers.Failed(f"firn alerts {arguments}: {ran.stdout}")
    return ran.stdout


def expect(what, seen, wanted):
    if seen != wanted:
        raise peers.Failed(f"{what}: {seen}, not {wanted}")


def check(work, running):
    its, own = Sink(), Sink()
    manager_port, otlp, first, second = peers.free_ports(4)
    for name in ("first", "second"):
        certify(work, name, 7 if name == "first" else 90)
    manager = alertmanager(work, its, manager_port)
    running.append(manager)

    def page(name, port):
        tls = {"cert_file": f"{work}/{name}.pem", "key_file": f"{work}/{name}.key", "reload_interval": "1s"}
        return {"endpoint": f"127.0.0.1:{port}", "tls": tls}

    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
        "exporters": {"firn": {}, "prometheus/1": page("first", first), "prometheus/2": page("second", second)},
        "service": {
            "pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["firn", "prometheus/1", "prometheus/2"]}}
        },
        "alerting": {
            "health_for": "1s",
            "group_wait": "1s",
            "group_interval": "1s",
            "labels": {"cluster": "interop"},
            "alertmanagers": [{"url": f"http://127.0.0.1:{manager_port}"}],
            "webhooks": [{"url": own.url, "matchers": ['source="health"']}],
        },
    }
    firn = peers.firn(config, work / "firn.log", work / "data")
    running.append(firn)
    firn_alerts(firn, "test")
    expect("the test at the webhook", [each["alerts"][0]["labels"]["alertname"] for each in own.messages], ["FirnTest"])

    def told(status, sinks=(its, own)):
        return all(sink.alerts(status) for sink in sinks)

    peers.wait_until("both are told of the certificate", lambda: told("firing"), 60, firn)
    (alert,) = active(manager_port)
    expect("severity at the Alertmanager", alert["labels"]["severity"], "ticket")
    expect("label of the configuration", alert["labels"]["cluster"], "interop")
    expect("a message's keys", shape(own.messages[-1]), shape(its.messages[-1]))
    if "first.pem" not in firn_alerts(firn, "list", "--state", "firing"):
        raise peers.Failed("firn alerts list does not show the alert")
    rows = peers.sql(firn, "SELECT rule, state, source FROM alerts WHERE rule = 'certificate'")
    expect("table alerts", rows, [["certificate", "firing", "health"]])
    print("  the Alertmanager and a webhook are told; both messages have the same keys")

    firn.kill()
    firn.wait()
    firn = peers.firn(config, work / "firn2.log", work / "data")
    running.append(firn)
    time.sleep(25)  # health is judged after 15 s
    expect("messages after kill -9", len(own.alerts("firing")), 1)
    expect("alerts at the Alertmanager after kill -9", len(active(manager_port)), 1)
    print("  after kill -9 nothing is told twice")

    silence = firn_alerts(firn, "silence", 'subject=~".*prometheus/2.*"', "--for", "1h").split()[1]
    certify(work, "second", 7)
    peers.wait_until(
        "the second certificate is an alert", lambda: "second.pem" in firn_alerts(firn, "list", "--state", "firing"), 60
    )
    time.sleep(12)
    expect("messages while silenced", (len(own.alerts("firing")), len(active(manager_port))), (1, 1))
    firn_alerts(firn, "unsilence", silence)
    peers.wait_until("the second is told", lambda: len(active(manager_port)) == 2, 30, firn)
    peers.wait_until("the second is told of", lambda: len({each for each in own.alerts("firing")}) == 2, 30, firn)
    print("  a silence holds, and its end tells")

    manager.stop()
    for name in ("first", "second"):
        certify(work, name, 90)
    peers.wait_until("the webhook is told of both ends", lambda: len(set(own.alerts("resolved"))) == 2, 60, firn)
    trouble = json.loads(peers.get(f"http://127.0.0.1:{firn.web}/health"))
    if "cannot tell alertmanager-1" not in json.dumps(trouble):
        raise peers.Failed(f"health does not tell of the outage: {trouble}")
    before = len(its.messages)
    manager = alertmanager(work, its, manager_port)
    running.append(manager)
    peers.wait_until(
        "the Alertmanager tells of both ends",
        lambda: len({a["labels"]["subject"] for m in its.messages[before:] for a in m["alerts"] if a["status"] == "resolved"}) == 2,
        90,
        manager,
    )
    expect("what the Alertmanager holds", active(manager_port), [])
    expect("ends that the webhook was told", len(own.alerts("resolved")), 2)
    print("  the end is told through an outage of the Alertmanager")


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-alerts."))
    running = []
    try:
        check(work, running)
    finally:
        for each in reversed(running):
            each.stop()
    shutil.rmtree(work, ignore_errors=True)
    print("alerts: all right")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"alerts: {failure}")

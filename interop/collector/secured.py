"""TLS with certificates of both sides, and who may come in: Collectors, Prometheus and curl against Firn, both ways.

Usage: secured.py --collector BINARY [--prometheus FOLDER] [--stand-in: a third Collector in Firn's place]

    generator -> Collector -> OTLP gRPC (TLS, client certificate, bearer token) -> Firn
                           -> OTLP HTTP (TLS, client certificate, password)     -> Firn
    Firn -> OTLP gRPC and HTTP likewise -> Collector -> file
    curl and Prometheus -> Firn's pages (TLS, client certificate; password)
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers
from check import count

POINTS = 5  # of the request that is sent
TOKEN, USER, PASSWORD = "a-token-of-this-check", "uploader", "a-password-of-this-check"


def local(port):
    return f"127.0.0.1:{port}"


def openssl(*arguments, work):
    ran = subprocess.run(["openssl", *arguments], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        raise peers.Failed(f"openssl {' '.join(arguments)}: {ran.stdout}")


def certificates(work):
    """An authority of this check's own, and a certificate each for servers, clients, and somebody whom it does not know."""
    for authority in ("ca", "stranger-ca"):
        openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={authority}"),
            *("-keyout", f"{authority}.key", "-out", f"{authority}.crt"),
            work=work,
        )
    (work / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for who, authority in {"server": "ca", "client": "ca", "stranger": "stranger-ca"}.items():
        openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={who}", "-keyout", f"{who}.key"),
            *("-out", f"{who}.csr"),
            work=work,
        )
        openssl(
            *("x509", "-req", "-in", f"{who}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key"),
            *("-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{who}.crt"),
            work=work,
        )


def listening(work):
    return {
        "cert_file": str(work / "server.crt"),
        "key_file": str(work / "server.key"),
        "client_ca_file": str(work / "ca.crt"),
    }


def calling(work, who="client"):
    return {
        "ca_file": str(work / "ca.crt"),
        "cert_file": str(work / f"{who}.crt"),
        "key_file": str(work / f"{who}.key"),
    }


def keepers():
    """Extensions that let in, and those that say who comes."""
    return {
        "bearertokenauth": {"token": TOKEN},
        "basicauth/in": {"htpasswd": {"inline": f"{USER}:{PASSWORD}\n"}},
        "basicauth/out": {"client_auth": {"username": USER, "password": PASSWORD}},
        "bearertokenauth/wrong": {"token": "another token"},
    }


def receivers(ports, side, work):
    tls = listening(work)
    return {
        "otlp": {
            "protocols": {
                "grpc": {
                    "endpoint": local(ports[f"{side}_grpc"]),
                    "tls": tls,
                    "auth": {"authenticator": "bearertokenauth"},
                },
                "http": {
                    "endpoint": local(ports[f"{side}_http"]),
                    "tls": tls,
                    "auth": {"authenticator": "basicauth/in"},
                },
            }
        }
    }


def senders(ports, side, work, grpc, http):
    tls = calling(work)
    return {
        grpc: {
            "endpoint": local(ports[f"{side}_grpc"]),
            "tls": tls,
            "auth": {"authenticator": "bearertokenauth"},
        },
        http: {
            "endpoint": f"https://{local(ports[f'{side}_http'])}",
            "tls": tls,
            "auth": {"authenticator": "basicauth/out"},
        },
    }


def service(extensions, receivers_, exporters):
    return {
        "extensions": list(extensions),
        "pipelines": {"metrics": {"receivers": list(receivers_), "exporters": list(exporters)}},
    }


def behind(ports, work):
    extensions = keepers()
    taking = receivers(ports, "behind", work)
    writing = {"file": {"path": str(work / "behind.jsonl"), "flush_interval": "200ms"}}
    return {
        "extensions": extensions,
        "receivers": taking,
        "exporters": writing,
        "service": service(extensions, taking, writing),
    }


def middle(ports, work, stand_in):
    grpc, http = ("otlp_grpc", "otlp_http") if stand_in else ("otlp", "otlphttp")
    extensions = keepers()
    taking = receivers(ports, "firn", work)
    sending = {
        **senders(ports, "behind", work, grpc, http),
        "prometheus": {"endpoint": local(ports["page"]), "tls": listening(work)},
        "prometheus/password": {
            "endpoint": local(ports["password_page"]),
            "auth": {"authenticator": "basicauth/in"},
        },
    }
    return {
        "extensions": extensions,
        "receivers": taking,
        "exporters": sending,
        "service": service(extensions, taking, sending),
    }


def before(ports, work):
    extensions = keepers()
    taking = {"otlp": {"protocols": {"http": {"endpoint": local(ports["in"])}}}}
    sending = senders(ports, "firn", work, "otlp_grpc", "otlp_http")
    sending["otlp_grpc/stranger"] = {**sending["otlp_grpc"], "tls": calling(work, "stranger"), **impatient()}
    sending["otlp_grpc/token"] = {
        **sending["otlp_grpc"],
        "auth": {"authenticator": "bearertokenauth/wrong"},
        **impatient(),
    }
    return {
        "extensions": extensions,
        "receivers": taking,
        "exporters": sending,
        "service": service(extensions, taking, sending),
    }


def impatient():
    return {"retry_on_failure": {"enabled": False}}


def request():
    now = str(time.time_ns())
    labels = [{"key": "service.name", "value": {"stringValue": "secured"}}]
    points = [
        {"timeUnixNano": now, "asInt": str(i), "attributes": [{"key": "i", "value": {"intValue": str(i)}}]}
        for i in range(POINTS)
    ]
    metric = {"name": "secured.gauge", "gauge": {"dataPoints": points}}
    return {"resourceMetrics": [{"resource": {"attributes": labels}, "scopeMetrics": [{"metrics": [metric]}]}]}


def curl(*arguments):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "10", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def check_page(ports, work):
    url = f"https://{local(ports['page'])}/metrics"
    authority = ("--cacert", work / "ca.crt")
    shown = curl(*authority, "--cert", work / "client.crt", "--key", work / "client.key", url)
    if shown.returncode or shown.stdout.count("\nsecured_gauge{") != POINTS:
        raise peers.Failed(f"the page over TLS: {shown.returncode} {shown.stdout[:500]}")
    for what, arguments in {
        "without a certificate": (*authority, url),
        "with a stranger's": (*authority, "--cert", work / "stranger.crt", "--key", work / "stranger.key", url),
        "of a server whose authority is unknown": (url,),
        "without TLS": (url.replace("https", "http"),),
    }.items():
        refused = curl(*arguments)
        if "secured_gauge" in refused.stdout:
            raise peers.Failed(f"the page {what} was shown: {refused.stdout[:200]}")
    url = f"http://{local(ports['password_page'])}/metrics"
    for user, expected in ((), "401"), (("--user", f"{USER}:wrong"), "401"), (("--user", f"{USER}:{PASSWORD}"), "200"):
        said = curl("--output", os.devnull, "--write-out", "%{http_code}", *user, url).stdout
        if said != expected:
            raise peers.Failed(f"the page with a password, {user}: {said}, not {expected}")
    print("  page with a password: 401 without it or with another, 200 with it")
    print(f"  page: {POINTS} series to curl with a certificate; nothing without one, with a stranger's, without TLS")


def check_receivers(ports, work):
    url = f"https://{local(ports['firn_http'])}/v1/metrics"
    certificate = ("--cacert", work / "ca.crt", "--cert", work / "client.crt", "--key", work / "client.key")
    asked = ("--output", os.devnull, "--write-out", "%{http_code}", "--header", "Content-Type: application/json")
    for what, expected, user in (("no password", "401", ()), ("a wrong one", "401", ("--user", f"{USER}:wrong"))):
        said = curl(*certificate, *asked, *user, "--data", "{}", url).stdout
        if said != expected:
            raise peers.Failed(f"OTLP/HTTP with {what}: {said}, not {expected}")
    allowed = curl(*certificate, *asked, "--user", f"{USER}:{PASSWORD}", "--data", "{}", url).stdout
    if allowed != "200":
        raise peers.Failed(f"OTLP/HTTP with the password: {allowed}")
    print("  OTLP/HTTP: 401 without the password or with another, 200 with it")


def check_prometheus(folder, ports, work):
    port = peers.free_ports(1)[0]
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {
                "job_name": "firn",
                "scheme": "https",
                "tls_config": calling(work),
                "static_configs": [{"targets": [local(ports["page"])]}],
            },
            {
                "job_name": "password",
                "basic_auth": {"username": USER, "password": PASSWORD},
                "static_configs": [{"targets": [local(ports["password_page"])]}],
            },
            {
                "job_name": "stranger",
                "scheme": "https",
                "tls_config": calling(work, "stranger"),
                "static_configs": [{"targets": [local(ports["page"])]}],
            },
        ],
    }
    path = peers.write_config(work / "prometheus.yml", config)
    command = [
        pathlib.Path(folder) / "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={work / 'tsdb'}",
        f"--web.listen-address={local(port)}",
    ]
    with peers.Process("Prometheus", command, work / "prometheus.log") as prometheus:

        def one(promql):
            asked = urllib.parse.urlencode({"query": promql})
            found = json.loads(peers.get(f"http://{local(port)}/api/v1/query?{asked}"))["data"]["result"]
            return float(found[0]["value"][1]) if found else None

        peers.wait_until("Prometheus has scraped", lambda: one('sum(secured_gauge{job="firn"})') is not None, 60, prometheus)
        for job in ("firn", "password"):
            peers.wait_until(f"{job} is scraped", lambda: one(f'up{{job="{job}"}}') == 1, 30, prometheus)
        if one('sum(secured_gauge{job="firn"})') != sum(range(POINTS)):
            raise peers.Failed("Prometheus does not see over TLS what was sent")
        peers.wait_until("the stranger was refused", lambda: one('up{job="stranger"}') == 0, 30, prometheus)
        prometheus.stop()
    print("  page: Prometheus scrapes it with a certificate, and with a password (up 1), and with a stranger's does not (up 0)")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collector", required=True)
    arguments.add_argument("--prometheus")
    arguments.add_argument("--stand-in", action="store_true")
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-secured."))
    names = ("in", "firn_grpc", "firn_http", "behind_grpc", "behind_http", "page", "password_page")
    ports = dict(zip(names, peers.free_ports(len(names))))
    started = []
    try:
        certificates(work)
        started.append(peers.collector(asked.collector, behind(ports, work), work / "behind.log"))
        config = middle(ports, work, asked.stand_in)
        started.append(
            peers.collector(asked.collector, config, work / "middle.log")
            if asked.stand_in
            else peers.firn(config, work / "firn.log", work / "data")
        )
        started.append(peers.collector(asked.collector, before(ports, work), work / "before.log"))
        peers.post_otlp(ports["in"], request())
        # by two roads into Firn, from there by two roads each; the stranger and the wrong token bring nothing
        expected = 2 * 2 * POINTS
        peers.wait_until("what was sent is behind", lambda: count(work / "behind.jsonl") >= expected, 60)
        time.sleep(2)
        if count(work / "behind.jsonl") != expected:
            raise peers.Failed(f"{count(work / 'behind.jsonl')} points came out, not {expected}")
        said = started[2].log_text()
        for exporter in ("otlp_grpc/stranger", "otlp_grpc/token"):
            if not [line for line in said.splitlines() if exporter in line and "error" in line]:
                raise peers.Failed(f"the Collector does not say that {exporter} was refused")
        print("  OTLP: Collector -> Firn -> Collector over gRPC and HTTP with TLS, certificates, token and password")
        check_receivers(ports, work)
        check_page(ports, work)
        if asked.prometheus:
            check_prometheus(asked.prometheus, ports, work)
    finally:
        for process in reversed(started):
            process.stop()
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print("collector: only who may come in came in")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"collector: {failure}")

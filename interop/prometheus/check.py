"""A real Prometheus scrapes pages of the exporter while the shop's load and a probe of known numbers are sent; its own API must give
those numbers.

Usage: check.py [--collector BINARY] [--seconds N] [--only REGEXP] [--keep]

The numbers of the shop come from the generator's ledger and requests, those of the probe are worked out here. One page is plain, one is read as OpenMetrics, one has the
keys of a production file. With --collector the pages are the stock Collector's instead of Firn's: that says whether it is the check or Firn
that is wrong.
"""

import argparse
import contextlib
import math
import pathlib
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import lint
import peers
import probe
import random_pages
import shop
from server import Prometheus

CONSTANT = {"site": "north"}
JOBS = {"OpenMetrics": {"scrape_protocols": ["OpenMetricsText1.0.0"]}}  # the others are read as protobuf
PAGES = {
    "plain": ({"enable_open_metrics": True, "metric_expiration": "10m"}, shop.Page()),
    "OpenMetrics": ({"namespace": "om", "enable_open_metrics": True}, shop.Page("om", has_native=False)),
    "production": (
        random_pages.PRODUCTION | {"const_labels": CONSTANT},
        shop.Page("otel", CONSTANT, resource_labels=True),
    ),
}
# Processes of these services are killed in the second run, in one plane of two, and one service gets a new version.
ROUGH = [
    f"{kind}@service={service},plane=prod-1,from=+6s,for=6s"
    for kind, service in (
        ("slow-leak", "frontend"),
        ("slow-leak", "catalog"),
        ("slow-leak", "cart"),
        ("slow-leak", "checkout"),
        ("bad-deploy", "payment"),
    )
]


def serve(asked, otlp, exporters, work):
    """The program whose pages are scraped."""
    exporters = {f"prometheus/{title}": keys for title, keys in exporters.items()}
    config = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
        "exporters": exporters,
        "service": {"pipelines": {"metrics": {"receivers": ["otlp"], "exporters": list(exporters)}}},
    }
    if asked.collector:
        return peers.collector(asked.collector, config, work / "collector.log")
    return peers.firn(config, work / "firn.log", work / "data")


@contextlib.contextmanager
def scraped(asked, folder, pages, work):
    """A server with these pages (exporter's keys, settings of the scrape) and a Prometheus; their ports."""
    work.mkdir()
    otlp, *free = peers.free_ports(1 + len(pages))
    ports = dict(zip(pages, free))
    exporters = {title: {"endpoint": f"127.0.0.1:{ports[title]}", **keys} for title, (keys, _) in pages.items()}
    started = []
    try:
        started.append(server := serve(asked, otlp, exporters, work))
        jobs = {title: (ports[title], settings) for title, (_, settings) in pages.items()}
        prometheus = Prometheus(folder, jobs, work)
        started.append(prometheus.process)
        print(f"Prometheus {prometheus.version} scrapes {server.title}")
        yield server, prometheus, otlp, ports
        prometheus.check_scrapes()
    finally:
        for process in reversed(started):
            process.stop()


def load(tap, seconds, seed, path, incidents):
    """A run of the generator; (streams, ledger, crashes)."""
    before = len(tap.taken)
    ran = peers.run_firn(
        "load",
        *("-t", f"http://127.0.0.1:{tap.server_port}", "-r", 60, "-d", seconds, "--step", "2s", "--seed", seed),
        *("--planes", "prod:2", "--no-restarts", "--flat", "--compression", "none", "--ledger", path),
        *(each for incident in incidents for each in ("--incident", incident)),
    )
    if ran.returncode:
        raise peers.Failed(f"sending failed: {ran.stdout[-1500:]}")
    every = shop.streams(tap.taken[before:])
    exported, crashed = shop.ledger(path)
    shop.check_wire(every, exported)
    return every, exported, crashed


def check_shop(asked, prometheus, otlp, work):
    """Two windows: one in which nothing happens, one with crashes and a deployment."""
    tap, every, since = shop.Tap(otlp), [], time.time()
    pages = {title: page for title, (_, page) in PAGES.items()}
    for number, incidents in enumerate(([], ROUGH), 1):
        begin = time.time()
        run, exported, crashed = load(tap, asked.seconds, number, work / f"ledger-{number}.jsonl", incidents)
        if bool(crashed) != bool(incidents):
            raise peers.Failed(f"run {number} has {crashed} crashes")
        every += run
        shop.check_last(prometheus, pages, every)
        end = time.time()
        shop.check_window(prometheus, math.ceil(end - begin), end, run, exported, crashed)
    shop.check_native(prometheus, every)
    shop.check_targets(prometheus, every)
    shop.check_exemplars(prometheus, every, since)
    tap.shutdown()


def check_known(asked, folder, work):
    """The probe's and the shop's numbers."""
    pages = {title: (keys, JOBS.get(title, {})) for title, (keys, _) in PAGES.items()}
    with scraped(asked, folder, pages, work) as (server, prometheus, otlp, ports):
        sent = []
        probe.send_probe(otlp, 15, sent)
        probe.check_probe(prometheus, sent)
        probe.check_labels(prometheus)
        probe.check_exemplar(prometheus)
        if not asked.collector:
            # A Collector starts delta streams anew after a pause of theirs, and loses what came before.
            check_shop(asked, prometheus, otlp, work)
        for title, port in ports.items():
            namespace = PAGES[title][0].get("namespace", "")
            lint.check(folder, title, port, lint.OF_SENDERS, namespace and namespace + "_")
        if not asked.collector:
            lint.check(folder, "own metrics", server.telemetry, lint.OF_COLLECTOR)
            lint.check(folder, "own metrics of the web page", server.web, lint.OF_COLLECTOR)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collector")
    arguments.add_argument("--seconds", type=int, default=34)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    folder = peers.obtained("prometheus")
    if folder is None:
        print("prometheus: skipped, no Prometheus can be had on this machine")
        return
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-prometheus."))
    try:
        if re.search(asked.only, "known"):
            check_known(asked, folder, work / "known")
        if re.search(asked.only, "random") and not asked.collector:
            pages = {
                title: (
                    keys,
                    {
                        "scrape_protocols": protocols,
                        "metric_relabel_configs": [{"target_label": "page", "replacement": title}],
                    },
                )
                for title, (keys, protocols) in random_pages.PAGES.items()
            }
            with scraped(asked, folder, pages, work / "random") as (server, prometheus, otlp, _):
                random_pages.check(prometheus, server, otlp)
    finally:
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print("prometheus: all numbers are what was sent")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"prometheus: {failure}")

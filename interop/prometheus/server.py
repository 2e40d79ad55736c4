"""A running Prometheus, and what it answers."""

import json
import subprocess
import urllib.parse

import peers


class Prometheus:
    """Scrapes every page once a second; the API of its queries.

    `pages` has the port of each job, or the job's own settings with it.
    """

    def __init__(self, folder, pages, work):
        version = subprocess.run(
            [folder / "prometheus", "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ).stdout
        self.version = version.split("version ", 1)[1].split()[0]
        self.jobs = list(pages)
        native = {"scrape_native_histograms": True} if self.major() >= 3 else {}
        config = {
            "global": {"scrape_interval": "1s", **native},
            "scrape_configs": [
                {
                    "job_name": job,
                    "honor_labels": True,
                    "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
                    **settings,
                }
                for job, (port, settings) in pages.items()
            ],
        }
        path = peers.write_config(work / "prometheus.yml", config)
        self.port = peers.free_ports(1)[0]
        # Start times become samples of 0, so that what a series had at its first scrape counts as growth.
        features = "exemplar-storage,created-timestamp-zero-ingestion"
        if self.major() < 3:
            features = "exemplar-storage,native-histograms"
        command = [
            folder / "prometheus",
            f"--config.file={path}",
            f"--storage.tsdb.path={work / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--enable-feature={features}",
        ]
        self.process = peers.Process("Prometheus", command, work / "prometheus.log")
        peers.wait_until(
            "Prometheus is ready", lambda: peers.get(f"http://127.0.0.1:{self.port}/-/ready"), 60, self.process
        )

    def major(self):
        return int(self.version.split(".")[0])

    def api(self, path, **parameters):
        answer = json.loads(
            peers.get(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        )
        return answer["data"]

    def query(self, promql, **parameters):
        """An instant vector as a list of (labels, number); a native histogram stands as its object."""
        return [
            (each["metric"], float(each["value"][1]) if "value" in each else each["histogram"][1])
            for each in self.api("query", query=promql, **parameters)["result"]
        ]

    def one(self, promql, **parameters):
        found = self.query(promql, **parameters)
        if len(found) != 1:
            raise peers.Failed(f"{promql}: {len(found)} series, not one: {found[:3]}")
        return found[0][1]

    def check_scrapes(self):
        """Every scrape of every job was taken whole."""
        for target in self.api("targets")["activeTargets"]:
            if target["lastError"]:
                raise peers.Failed(f"the scrape of {target['labels']['job']} failed: {target['lastError']}")
        for job in self.jobs:
            if self.one(f'min_over_time(up{{job="{job}"}}[5m])') != 1:
                raise peers.Failed(f"a scrape of {job} failed")
        log = self.process.log_text()
        for trouble in ("Error on ingesting", "Append failed", "duplicate sample", "out-of-order", "out of order"):
            if trouble in log:
                raise peers.Failed(f"Prometheus says {next(line for line in log.splitlines() if trouble in line)}")
        print(f"  scrapes: all {len(self.jobs)} pages, every second, without an error")

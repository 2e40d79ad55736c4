"""A Trino as a process: one node that reads the lake by the catalog file of docs/operate/lake.md."""

import json
import os
import pathlib
import re
import shutil
import time
import urllib.request

import documented
import peers
from readers import Reader

JVM = (
    "-Xmx1g -XX:+UseG1GC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256M -Djdk.attach.allowAttachSelf=true "
    "-Djdk.nio.maxCachedBufferSize=2000000 --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED "
    "--sun-misc-unsafe-memory-access=allow"
).split()


def java():
    """The home of a Java of 24 or newer, which Trino 476 wants; Firn's own is one."""
    homes = [pathlib.Path(os.environ[name]) for name in ("FIRN_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = shutil.which("java")
    homes += [pathlib.Path(on_path).resolve().parent.parent] if on_path else []
    for home in homes + sorted(pathlib.Path("/usr/lib/jvm").glob("*")):
        release = home / "release"
        version = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE) if release.exists() else None
        if version and int(version[1]) >= 24 and (home / "bin/java").exists():
            return home
    return None


class Trino(Reader):
    """Statements go over HTTP, as every client of Trino's sends them. A warehouse on local disk it does not find."""

    name = "Trino over the served catalog"
    hour = "CAST(floor(to_unixtime(\"time\") / 3600) AS bigint)"
    buckets = "reduce(bucket_counts, BIGINT '0', (all_of, one) -> all_of + one, all_of -> all_of)"
    each_exemplar = (
        "SELECT e.note, e.trace_id FROM {points} AS p CROSS JOIN "
        "UNNEST(exemplars) AS e (time, time_nanos, value, value_int, trace_id, span_id, attributes, note)"
    )

    def __init__(self, lake, token, home):
        port = peers.free_ports(1)[0]
        self.url = f"http://127.0.0.1:{port}"
        self.lake = lake
        etc = lake.work / "trino"
        (etc / "catalog").mkdir(parents=True)
        (etc / "config.properties").write_text(
            f"coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port={port}\n"
            f"discovery.uri={self.url}\nplugin.dir={home}/plugins\ncatalog.config-dir={etc}/catalog\n"
        )
        page = documented.blocks()["trino.properties"]
        page = page.replace("http://localhost:8080/iceberg", lake.catalog).replace("TOKEN", token)
        (etc / "catalog/firn.properties").write_text(page.replace("http://localhost:9000", lake.s3))
        command = [java() / "bin/java", *JVM, f"-Dnode.data-dir={etc}/data", "-Dnode.environment=test", "-Dnode.id=one"]
        command += [f"-Dconfig={etc}/config.properties", "-cp", f"{home}/lib/*", "io.trino.server.TrinoServer"]
        self.process = peers.Process("Trino", command, lake.work / "trino.log", cwd=etc)
        self.started = False

    def source(self):
        return "firn.metrics.points"

    def start(self):
        """It starts beside the other readers, and is waited for at its first question."""
        if not self.started:
            info = f"{self.url}/v1/info"
            peers.wait_until(
                "Trino is ready", lambda: json.loads(peers.get(info))["starting"] is False, 240, self.process
            )
            self.started = True

    def rows(self, sql):
        self.start()
        headers = {"X-Trino-User": "firn", "X-Trino-Time-Zone": "UTC"}
        request = urllib.request.Request(f"{self.url}/v1/statement", sql.encode(), headers)
        found = []
        end = time.monotonic() + 240
        while True:
            with urllib.request.urlopen(request, timeout=60) as answer:
                page = json.load(answer)
            if "error" in page:
                raise peers.Failed(f"{self.name}: {page['error'].get('message')}: {sql}")
            found += page.get("data", [])
            if "nextUri" not in page:
                return found
            if time.monotonic() > end:
                raise peers.Failed(f"{self.name}: no answer to {sql}")
            request = urllib.request.Request(page["nextUri"], headers=headers)

    def close(self):
        self.process.kill()
        self.process.wait()

"""Other readers answer the load generator's ledgers from the lake: counts of points, and counts and sums of requests.

Usage: check.py FOLDER [local|s3 …]

FOLDER holds Spark's jars in `jars` and Trino in `trino`; without them, or without a Java that they run on, they are left out, and
that is said.
Prints a line for each reader and state of the tables.
"""

import collections
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import ageing
import documented
import peers
import readers
import trino

TOKEN = "only-readers"
BUCKET = "lake"
os.environ.update(AWS_ACCESS_KEY_ID="id", AWS_SECRET_ACCESS_KEY="secret", AWS_REGION="us-east-1")


class Lake:
    """A Firn without engine, and where its tables are."""

    def __init__(self, kind, work):
        self.kind = kind
        self.work = work / kind
        self.work.mkdir()
        self.data = self.work / "data"
        self.web, self.otlp, s3 = peers.free_ports(3)
        self.s3 = f"http://127.0.0.1:{s3}" if kind == "s3" else None
        self.warehouse = f"s3://{BUCKET}/firn" if self.s3 else str(self.data / "lake/warehouse")
        self.catalog = f"http://127.0.0.1:{self.web}/iceberg"
        self.ledgers = []
        config = {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.otlp}"}}}},
            "exporters": {"firn": {}},
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["firn"]}},
            },
            "engine": {"enabled": False},
            "web": {"endpoint": f"127.0.0.1:{self.web}"},
            "lake": {
                "commit_interval": "2s",
                "maintenance": {"enabled": False},
                "catalog": {"serve": {"enabled": True, "token": TOKEN}},
            },
        }
        if self.s3:
            config["lake"] |= {
                "warehouse": self.warehouse,
                "s3": {"endpoint": self.s3, "path_style": True, "access_key": "id", "secret_key": "secret"},
            }
        self.config = peers.write_config(self.work / "firn.yaml", config)

    @contextlib.contextmanager
    def served(self):
        """Firn runs, and its lake holds what its log holds, when the block begins."""
        command = [peers.FIRN, "serve", "--config", self.config, "--data", self.data]
        with peers.Process("Firn", command, self.work / "log") as firn:
            url = f"http://127.0.0.1:{self.web}"
            peers.wait_until("Firn is ready", lambda: peers.get(url + "/ready") is not None, 120, firn)
            yield firn
            if firn.stop(120) not in (0, -15, 143):
                raise peers.Failed(f"Firn ended with {firn.returncode}:\n{firn.log_end()}")

    def load(self, history):
        """Sends points, and waits until all are in the tables."""
        seed = len(self.ledgers) + 1
        ledger = self.work / f"ledger-{seed}.jsonl"
        self.firn(
            "load", "-t", f"http://127.0.0.1:{self.otlp}", "--history", history, "--seed", seed, "--ledger", ledger
        )
        self.ledgers.append(ledger)
        sent = sum(self.expected()[0].values())
        peers.wait_until("the lake has all points", lambda: readers.rows(self) >= sent, 120)

    def firn(self, *arguments):
        """A command of Firn's to its end."""
        ran = subprocess.run(
            [peers.FIRN, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if ran.returncode:
            raise peers.Failed(f"firn {' '.join(map(str, arguments))} ended with {ran.returncode}:\n{ran.stdout[-2000:]}")
        return ran.stdout

    def age(self, seconds):
        """Moves the tables into the past, while nobody has them open."""
        with contextlib.closing(sqlite3.connect(self.data / "lake/catalog.db")) as catalog, catalog:
            for name, location in catalog.execute("SELECT table_name, metadata_location FROM iceberg_tables").fetchall():
                older = ageing.next_location(location)
                readers.write(self, older, ageing.metadata(readers.read(self, location), seconds))
                catalog.execute("UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?", (older, name))

    def here(self):
        return "--config", self.config, "--data", self.data

    def expected(self):
        """What the ledgers say: points by hour, metric, kind and temporality; requests by plane, service and status."""
        points, requests = collections.Counter(), collections.defaultdict(lambda: [0, 0.0])
        for ledger in self.ledgers:
            for entry in map(json.loads, ledger.read_text().splitlines()):
                if entry["type"] == "points":
                    assert entry["sent"] == entry["acknowledged"], entry
                    temporality = entry["temporality"].replace("none", "")
                    points[entry["hour"], entry["metric"], entry["kind"], temporality] += entry["sent"]
                elif entry["type"] == "requests" and entry["exported"]:
                    sums = requests[entry["plane"], entry["service"], str(entry["status"])]
                    sums[0] += entry["exported"]
                    sums[1] += entry["exported_ticks"] / 2**20
        return dict(points), {key: tuple(value) for key, value in requests.items()}

    def histograms(self):
        """Points of histograms by metric."""
        found = collections.Counter()
        for (_, metric, kind, _), count in self.expected()[0].items():
            if kind == "histogram":
                found[metric] += count
        return dict(found)


def compare(lake, state, all_readers):
    points, requests = lake.expected()
    for reader in all_readers:
        for question, expected in (("points", points), ("requests", requests)):
            found = reader.answer(question)
            wrong = {
                key: (expected.get(key), found.get(key))
                for key in expected.keys() | found.keys()
                if expected.get(key) != found.get(key)
            }
            if wrong:
                raise peers.Failed(
                    f"{lake.kind}, {state}: {reader.name} differs from the ledger in {len(wrong)} of {len(expected)} "
                    f"{question}: {list(wrong.items())[:5]}"
                )
        if reader.histograms() != lake.histograms():
            raise peers.Failed(f"{lake.kind}, {state}: {reader.name} has other histograms than {lake.histograms()}")
        print(f"{lake.kind}, {state}: {reader.name}: {sum(points.values())} points equal the ledger", flush=True)


def change_schema(lake):
    """As another tool would: columns that Firn does not know, one of them within a list's elements. Files of one plane are
    written anew with values in them, those of the others stay as they are. Gives how many rows and exemplars have values."""
    import pyarrow
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.expressions import EqualTo
    from pyiceberg.types import StringType

    catalog = SqlCatalog(
        "firn",
        uri=f"sqlite:///{lake.data}/lake/catalog.db",
        warehouse=lake.warehouse,
        **({"s3.endpoint": lake.s3, "s3.path-style-access": "true", "s3.region": "us-east-1"} if lake.s3 else {}),
    )
    table = catalog.load_table("metrics.points")
    with table.update_schema() as update:
        update.add_column("note", StringType(), "of another tool")
        update.add_column(("exemplars", "note"), StringType())
    planes = {task.file.partition[1] for task in table.scan().plan_files()}
    assert len(planes) > 1, planes
    of_one = EqualTo("plane", min(planes))
    arrow = table.scan(row_filter=of_one).to_arrow()
    rows = arrow.to_pylist()
    exemplars = 0
    for row in rows:
        row["note"] = "of " + row["metric_name"]
        for exemplar in row["exemplars"] or ():
            exemplar["note"] = "of " + exemplar["trace_id"]
            exemplars += 1
    assert exemplars, "no exemplar to note"
    table.overwrite(pyarrow.Table.from_pylist(rows, arrow.schema), overwrite_filter=of_one)
    return len(rows), exemplars


def compare_columns(lake, state, all_readers, filled):
    """What the new columns hold: their values where the other tool wrote them, nothing in files from before and of Firn's."""
    totals = sum(lake.expected()[0].values()), all_readers[0].exemplars()
    for reader in all_readers:
        for what, count, total, found in zip(
            ("column note", "exemplars.note"), filled, totals, (reader.notes(), reader.exemplar_notes()), strict=True
        ):
            if found != (count, count, total):
                raise peers.Failed(
                    f"{lake.kind}, {state}: {reader.name} finds {found} in {what}: should be {count} values, all of them "
                    f"right, among {total}"
                )
        print(f"{lake.kind}, {state}: {reader.name}: {filled[0]} rows and {filled[1]} exemplars have a value more", flush=True)


def check(lake, jars, trino_home):
    with contextlib.ExitStack() as stack:
        if lake.s3:
            moto = [pathlib.Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", lake.s3.rsplit(":", 1)[1]]
            stack.enter_context(peers.Process("moto", moto, lake.work / "moto.log"))
            readers.make_bucket(lake.s3, BUCKET)
        opened = readers.open_all(lake, TOKEN, jars)
        if trino_home and lake.s3:
            opened.append(trino.Trino(lake, TOKEN, trino_home))
        for reader in opened:
            stack.callback(reader.close)
        with lake.served():
            for _ in range(6):  # as many commits at least: enough for a merge
                lake.load("10m")
            compare(lake, "fresh", opened)
            before = readers.files(lake)
            lake.firn("lake", "compact", "--url", f"http://127.0.0.1:{lake.web}")
            after = readers.files(lake)
            assert after < before, (before, after)
            compare(lake, f"compacted from {before} to {after} files", opened)
        lake.age(7200)
        expired = lake.firn("lake", "expire", *lake.here(), "--older-than", "1h").splitlines()
        snapshots = next(int(line.split("\t")[1]) for line in expired if line.startswith("points\t"))
        assert snapshots >= 6, expired
        print(f"{lake.kind}: {snapshots} snapshots expired", flush=True)
        filled = change_schema(lake)
        with lake.served():
            lake.load("30m")
            compare(lake, "expired, with columns more", opened)
            compare_columns(lake, "expired, with columns more", opened, filled)
            lake.firn("lake", "compact", "--url", f"http://127.0.0.1:{lake.web}")
            compare(lake, "expired, with columns more, compacted", opened)
            compare_columns(lake, "expired, with columns more, compacted", opened, filled)
            documented.check(lake, opened, TOKEN)


def main(work, kinds):
    jars = sorted((work / "jars").glob("*.jar"))
    if jars and not readers.spark_java():
        print("Spark is left out: it needs a Java of 17 to 21", flush=True)
        jars = []
    trino_home = work / "trino"
    if trino_home.exists() and not trino.java():
        print("Trino is left out: it needs a Java of 24 or newer", flush=True)
    if not trino_home.exists() or not trino.java():
        trino_home = None
    for kind in kinds or ("local", "s3"):
        check(Lake(kind, work), jars, trino_home)


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]), sys.argv[2:])
    except peers.Failed as error:
        sys.exit(f"interop/readers: {error}")

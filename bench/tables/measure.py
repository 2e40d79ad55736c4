#!/usr/bin/env python3
"""Measures codecs, sort orders and granularities of the engine's tables on the data of a running Firn.

What docs/decisions/007-engine-tables.md says comes from here. Needs the Python package chdb, which is a
ClickHouse in this process: Firn is only read from, and nothing of it is changed.

    cat > measure.yaml          # nanoseconds, so that every coarser clock can be derived
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:4318"}}}}
        exporters: {firn: }
        service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
        engine: {endpoint: "127.0.0.1:8123", time_precision: 9}
        limits: {new_series_per_sender: 100000000}
    ./firn serve --config measure.yaml --data measure-data &
    ./firn load -t http://localhost:4318 --series 4000 --history 20h --step 60s      # long runs, or
    ./firn load -t http://localhost:4318 --series 100000 --history 50m --step 60s    # short ones, in a new Firn
    python3 bench/tables/measure.py http://localhost:8123 --work measure-work

Bytes are those of one merged part, so they are exact; CPU is user time of one thread, best of three.
"""

import argparse
import json
import pathlib
import resource
import urllib.parse
import urllib.request

from chdb import session

KEY = "metric_id, series_id, time"
STEP_NANOS = 60_000_000_000
JITTER_NANOS = 3_000_000
GRANULARITIES = (1024, 2048, 4096, 8192)
WANTED_SERIES = 200
TABLES = ("samples", "histograms", "exponential_histograms")
KEY_COLUMNS = (
    ("metric_id", "UInt32", "CODEC(ZSTD(1))"),
    ("series_id", "Int64", "CODEC(ZSTD(1))"),
    ("time", "DateTime64(3, 'UTC')", "CODEC(Delta, ZSTD(1))"),
)
SECTIONS = ["copy", "clocks", "values", "rows", "histograms", "cost"]
UNITS = {"ms": 1_000_000, "us": 1_000, "ns": 1}

# In nanoseconds, of a time column {0}. The load generator's instances export a random 0.05 to 3.05 ms
# late, all series of one instance together: that is the clock "instance".
CLOCKS = {
    "aligned": f"intDiv(toUnixTimestamp64Nano({{0}}), {STEP_NANOS}) * {STEP_NANOS}",
    "instance": "toUnixTimestamp64Nano({0})",
    "series": f"intDiv(toUnixTimestamp64Nano({{0}}), {STEP_NANOS}) * {STEP_NANOS}"
    f" + toInt64(cityHash64(series_id, intDiv(toUnixTimestamp64Nano({{0}}), {STEP_NANOS})) % {JITTER_NANOS})",
}

TIME_CODECS = ("Delta, ZSTD(1)", "DoubleDelta, ZSTD(1)", "T64, ZSTD(1)", "ZSTD(1)")
FLOAT_CODECS = (
    "Delta, ZSTD(1)",
    "ZSTD(1)",
    "Delta, ZSTD(3)",
    "ZSTD(3)",
    "DoubleDelta, ZSTD(1)",
    "Gorilla, ZSTD(1)",
)
INT_CODECS = ("Delta, ZSTD(1)", "ZSTD(1)", "Delta, ZSTD(3)", "DoubleDelta, ZSTD(1)", "T64, ZSTD(1)")
ARRAY_CODECS = ("ZSTD(1)", "ZSTD(3)", "T64, ZSTD(1)", "T64, ZSTD(3)", "Delta, ZSTD(1)", "DoubleDelta, ZSTD(1)")

IS_INT = "bitAnd(flags, 16777216) != 0"


class Firn:
    """The engine of a running Firn, by HTTP."""

    def __init__(self, url):
        self.url = url.rstrip("/")

    def rows(self, sql):
        request = urllib.request.Request(self.url + "/", data=(sql + " FORMAT JSONCompact").encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["data"]

    def columns(self, table):
        """Name, type and codec of each column, as Firn made it."""
        return self.rows(
            "SELECT name, type, compression_codec FROM system.columns"
            f" WHERE database = 'otel_metrics' AND table = '{table}' ORDER BY position"
        )

    def source(self, table):
        query = urllib.parse.quote(f"SELECT * FROM otel_metrics.{table}")
        return f"url('{self.url}/?query={query}&default_format=Native', Native)"


class Engine:
    """The ClickHouse in this process, in which the alternatives are built."""

    def __init__(self, folder):
        self.session = session.Session(str(folder))
        self.session.query("CREATE DATABASE IF NOT EXISTS m")
        self.run("SET allow_suspicious_codecs = 1, max_threads = 1, max_insert_threads = 1")

    def run(self, sql):
        return self.session.query(sql, "CSV")

    def rows(self, sql):
        return json.loads(str(self.session.query(sql, "JSONCompact")))["data"]

    def one(self, sql):
        return self.rows(sql)[0][0]

    def build(self, table, columns, order, select, granularity=2048):
        """Creates and fills a table of one merged, wide part; columns are (name, type, codec)."""
        lines = ", ".join(f"`{name}` {kind} {codec}" for name, kind, codec in columns)
        self.run(f"DROP TABLE IF EXISTS m.{table} SYNC")
        self.run(
            f"CREATE TABLE m.{table} ({lines}) ENGINE = MergeTree ORDER BY ({order}) SETTINGS"
            f" index_granularity = {granularity}, min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0,"
            " auto_statistics_types = ''"
        )
        self.run(f"INSERT INTO m.{table} {select}")
        self.run(f"OPTIMIZE TABLE m.{table} FINAL")

    def bytes(self, table):
        """Compressed bytes a row of each column; an array's with its lengths."""
        rows = int(self.one(f"SELECT count() FROM m.{table}"))
        sizes = self.rows(
            "SELECT column, sum(column_data_compressed_bytes) FROM system.parts_columns"
            f" WHERE database = 'm' AND table = '{table}' AND active GROUP BY column"
        )
        return {name: int(size) / rows for name, size in sizes}


def heading(text):
    print(f"\n## {text}", flush=True)


def show(name, size):
    print(f"{name:<44} {size:8.3f}", flush=True)


def codec_of(text):
    return f"CODEC({text})"


def current_bytes(firn, engine, table):
    """A copy of Firn's table, named like it, and its bytes by column."""
    columns = firn.columns(table)
    engine.build(table, columns, KEY, f"SELECT * FROM {firn.source(table)}")
    sizes = engine.bytes(table)
    heading(f"{table} as Firn has it, {engine.one(f'SELECT count() FROM m.{table}')} rows: bytes a row")
    for name, _, codec in columns:
        show(f"{name} {codec}", sizes[name])
    show("whole row", sum(sizes.values()))


def alternatives(engine, table, title, candidates):
    """Bytes of many candidate columns (label, type, codec, expression), stored side by side in key order."""
    columns = [(name, kind, "CODEC(ZSTD(1))") for name, kind in (("metric_id", "UInt32"), ("series_id", "Int64"))]
    columns.append(("time", "Int64", "CODEC(Delta, ZSTD(1))"))
    expressions = ["metric_id", "series_id", "toUnixTimestamp64Nano(time)"]
    for number, (_, kind, codec, expression) in enumerate(candidates):
        columns.append((f"c{number}", kind, codec_of(codec)))
        expressions.append(expression)
    engine.build("alternatives", columns, KEY, f"SELECT {', '.join(expressions)} FROM m.{table}")
    sizes = engine.bytes("alternatives")
    heading(title)
    for number, (label, _, codec, _) in enumerate(candidates):
        show(f"{label} {codec}", sizes[f"c{number}"])
    engine.run("DROP TABLE m.alternatives SYNC")


def clocks(engine, table, codecs):
    for clock, nanos in CLOCKS.items():
        time = nanos.format("time")
        start = f"if(toUnixTimestamp64Nano(start_time) = 0, 0, {nanos.format('start_time')})"
        candidates = [
            (f"{column} {unit}", "Int64", codec, f"intDiv({expression}, {divisor})")
            for column, expression in (("time", time), ("start_time", start))
            for unit, divisor in UNITS.items()
            for codec in codecs
        ]
        alternatives(engine, table, f"{table}, clock {clock}: bytes a row", candidates)


def sample_values(engine):
    candidates = [("value", "Float64", codec, "value") for codec in FLOAT_CODECS]
    candidates.append(("value, 0 for integers", "Float64", FLOAT_CODECS[0], f"if({IS_INT}, 0, value)"))
    candidates += [("value_int", "Int64", codec, "value_int") for codec in INT_CODECS]
    candidates += [("seq", "UInt64", codec, "seq") for codec in INT_CODECS]
    candidates += [("series_id", "Int64", codec, "series_id") for codec in INT_CODECS[:2]]
    alternatives(engine, "samples", "samples, values and positions: bytes a row", candidates)


def histogram_values(engine, table, counts):
    candidates = [("count", "UInt64", codec, "count") for codec in INT_CODECS]
    for name in ("sum", "min", "max"):
        candidates += [(name, "Float64", codec, name) for codec in FLOAT_CODECS[:3] + FLOAT_CODECS[5:6]]
    for name in counts:
        candidates += [(name, "Array(UInt64)", codec, name) for codec in ARRAY_CODECS]
    if table == "histograms":
        candidates += [("bounds", "Array(Float64)", codec, "bounds") for codec in ("ZSTD(1)", "ZSTD(3)")]
    alternatives(engine, table, f"{table}, alternatives: bytes a row", candidates)


def user_seconds(action):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    action()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def codec_cost(engine, table, column, kind, codecs):
    """User CPU of writing and of reading one column, over the same without a codec."""
    rows = int(engine.one(f"SELECT count() FROM m.{table}"))
    read_all = "SELECT count() FROM m.cost WHERE NOT ignore(v) SETTINGS max_threads = 1"

    def cost(codec):
        writes, reads = [], []
        for _ in range(3):
            engine.run("DROP TABLE IF EXISTS m.cost SYNC")
            engine.run(f"CREATE TABLE m.cost (v {kind} CODEC({codec})) ENGINE = MergeTree ORDER BY tuple()")
            insert = f"INSERT INTO m.cost SELECT {column} FROM m.{table} SETTINGS max_threads = 1"
            writes.append(user_seconds(lambda: engine.run(insert)))
            reads.append(user_seconds(lambda: engine.run(read_all)))
        return min(writes), min(reads)

    plain = cost("NONE")
    heading(f"{table}.{column}: CPU ns a row over CODEC(NONE), write / read")
    for codec in codecs:
        write, read = cost(codec)
        print(f"{codec:<44} {(write - plain[0]) / rows * 1e9:8.0f} {(read - plain[1]) / rows * 1e9:8.0f}", flush=True)
    engine.run("DROP TABLE IF EXISTS m.cost SYNC")


def keys(engine):
    """The keys of all points, whatever their kind, in one table: as many series as the load has."""
    parts = (f"SELECT metric_id, series_id, time FROM m.{table}" for table in TABLES)
    engine.build("keys", KEY_COLUMNS, KEY, " UNION ALL ".join(parts))


def selectors(engine):
    """Conditions for 200 series: of the metric with most series, and of one with 1,000 or so."""
    metrics = engine.rows("SELECT metric_id, uniqExact(series_id) AS n FROM m.keys GROUP BY 1 ORDER BY 2 DESC")
    metrics = [(metric, int(count)) for metric, count in metrics if int(count) >= WANTED_SERIES]
    chosen = {metrics[0], min(metrics, key=lambda one: abs(one[1] - 1000))}
    for metric, count in sorted(chosen, key=lambda one: -one[1]):
        ids = engine.rows(
            f"SELECT DISTINCT series_id FROM m.keys WHERE metric_id = {metric}"
            f" ORDER BY cityHash64(series_id) LIMIT {WANTED_SERIES}"
        )
        in_ids = f"series_id IN ({', '.join(str(row[0]) for row in ids)})"
        yield metric, count, f"metric_id = {metric} AND {in_ids}", in_ids


def estimate(engine, title, condition):
    wanted = engine.one(f"SELECT count() FROM m.points WHERE {condition}")
    read = engine.rows(f"EXPLAIN ESTIMATE SELECT count() FROM m.points WHERE {condition}")
    print(f"    {title}: {sum(int(row[3]) for row in read)} read, {wanted} wanted", flush=True)


def build_points(engine, label, order, select, granularity):
    engine.build("points", KEY_COLUMNS, order, select, granularity)
    rows, memory = engine.rows(
        "SELECT sum(rows), sum(primary_key_bytes_in_memory) FROM system.parts"
        " WHERE database = 'm' AND table = 'points' AND active"
    )[0]
    print(f"{label} {granularity}: {rows} rows, key in memory {memory} B")


def last_hour(engine, table):
    return f"time > '{engine.one(f'SELECT max(time) - INTERVAL 1 HOUR FROM m.{table}')}'"


def rows_read(engine):
    keys(engine)
    series = engine.one("SELECT uniqExact(series_id) FROM m.keys")
    heading(f"rows read for {WANTED_SERIES} of {series} series (EXPLAIN ESTIMATE)")
    hour = last_hour(engine, "keys")
    conditions = list(selectors(engine))
    for order, label in ((KEY, "metric first"), ("series_id, time", "series first")):
        for granularity in GRANULARITIES:
            build_points(engine, label, order, "SELECT * FROM m.keys", granularity)
            for _, count, metric_first, series_first in conditions:
                condition = metric_first if order == KEY else series_first
                estimate(engine, f"of a metric with {count} series, all", condition)
                estimate(engine, f"of a metric with {count} series, last hour", f"{condition} AND {hour}")
    engine.run("DROP TABLE m.points SYNC")


def month_read(engine):
    """The same of long runs: 400 series of one metric, their points said again until they fill 30 days."""
    keys(engine)
    metric, _, condition, wanted_ids = list(selectors(engine))[-1]
    span = int(engine.one("SELECT dateDiff('second', min(time), max(time)) FROM m.keys")) + 60
    copies = 30 * 86400 // span
    if copies > 100:
        return
    heading(f"rows read for one hour of {WANTED_SERIES} of 400 series, runs of {copies * span // 86400} days")
    chosen = (
        f"(SELECT series_id FROM m.keys WHERE metric_id = {metric} GROUP BY series_id"
        f" ORDER BY {wanted_ids} DESC, cityHash64(series_id) LIMIT 400)"
    )
    select = (
        f"SELECT metric_id, series_id, time - toIntervalSecond({span} * n.number) FROM m.keys"
        f" CROSS JOIN numbers({copies}) AS n WHERE metric_id = {metric} AND series_id IN {chosen}"
    )
    for granularity in GRANULARITIES:
        build_points(engine, "metric first", KEY, select, granularity)
        estimate(engine, "last hour", f"{condition} AND {last_hour(engine, 'points')}")
    engine.run("DROP TABLE m.points SYNC")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("firn", help="the engine's address, like http://localhost:8123")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder for the copies; may be deleted")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SECTIONS,
        default=SECTIONS,
        help="sections to run; all but copy need an earlier copy in the same folder (default: all)",
    )
    arguments = parser.parse_args()
    firn = Firn(arguments.firn)
    if "copy" in arguments.only and "(9" not in dict(row[:2] for row in firn.columns("samples"))["time"]:
        parser.error("the tables do not hold nanoseconds; start Firn with engine.time_precision: 9")
    arguments.work.mkdir(parents=True, exist_ok=True)
    engine = Engine(arguments.work)
    print(f"ClickHouse {engine.one('SELECT version()')}")
    if "copy" in arguments.only:
        print(f"Firn's {firn.rows('SELECT version()')[0][0]}")
        for table in TABLES:
            current_bytes(firn, engine, table)
    if "clocks" in arguments.only:
        clocks(engine, "samples", TIME_CODECS)
        for table in TABLES[1:]:
            clocks(engine, table, TIME_CODECS[:1])
    if "values" in arguments.only:
        sample_values(engine)
    if "rows" in arguments.only:
        rows_read(engine)
        month_read(engine)
    if "histograms" in arguments.only:
        histogram_values(engine, "histograms", ("bucket_counts",))
        histogram_values(engine, "exponential_histograms", ("positive_counts", "negative_counts"))
    if "cost" in arguments.only:
        codec_cost(engine, "samples", "value", "Float64", FLOAT_CODECS)
        codec_cost(engine, "histograms", "bounds", "Array(Float64)", ARRAY_CODECS[:2])
        for table, column in (("histograms", "bucket_counts"), ("exponential_histograms", "positive_counts")):
            codec_cost(engine, table, column, "Array(UInt64)", ARRAY_CODECS[:4])


if __name__ == "__main__":
    main()

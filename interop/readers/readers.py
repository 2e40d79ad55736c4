"""The readers: each answers `points` and `requests` of check.py, and runs SQL of its own over the table."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import boto3
import duckdb
import duckdb_ext
from botocore.exceptions import BotoCoreError

import documented
import peers

# Points by hour since 1970, name, type and temporality. A reader fills in how it says the hour.
POINTS = """
    SELECT {hour} AS hour, metric_name, metric_type, temporality, count(*) AS points
    FROM {points} GROUP BY 1, 2, 3, 4
"""
# Requests and their seconds by plane, service and status. A stream starts anew with each start time; what a cumulative
# one has counted since is its greatest point.
REQUESTS = """
    SELECT data_plane_id, service_name, http_status_code, sum(requests) AS requests, sum(seconds) AS seconds
    FROM (
        SELECT data_plane_id, service_name, http_status_code,
            CASE WHEN temporality = 'delta' THEN sum(counted) ELSE max(counted) END AS requests,
            CASE WHEN temporality = 'delta' THEN sum(took) ELSE max(took) END AS seconds
        FROM (
            SELECT data_plane_id, service_name, http_status_code, temporality, series_id, start_time, start_time_nanos,
                {count} AS counted, CASE WHEN unit = 'ms' THEN {sum} / 1000 ELSE {sum} END AS took
            FROM {points} AS p
            WHERE metric_name IN ('http.server.request.duration', 'http.server.duration')
        ) AS each_point
        GROUP BY data_plane_id, service_name, http_status_code, temporality, series_id, start_time, start_time_nanos
    ) AS each_stream
    GROUP BY data_plane_id, service_name, http_status_code
"""


# Histograms, and what their points' lists of buckets hold: each list adds up to its point's count.
BUCKETS = """
    SELECT metric_name, count(*) AS points, sum({count}) AS counted, sum({buckets}) AS in_buckets
    FROM {points} AS p WHERE metric_type = 'histogram' GROUP BY metric_name
"""

# Rows or exemplars with a note, with the right one, and all.
NOTES = "SELECT count(note), sum(CASE WHEN note = concat('of ', {of}) THEN 1 ELSE 0 END), count(*) FROM {source}"


def make_bucket(endpoint, bucket):
    client = s3_client(endpoint)
    end = time.monotonic() + 60
    while True:
        try:
            client.create_bucket(Bucket=bucket)
            return
        except BotoCoreError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def s3_client(endpoint):
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")


def read(lake, location):
    """Text of a file of the warehouse."""
    if not lake.s3:
        return path(location).read_text()
    bucket, key = location.removeprefix("s3://").split("/", 1)
    return s3_client(lake.s3).get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def write(lake, location, text):
    if not lake.s3:
        path(location).write_text(text)
        return
    bucket, key = location.removeprefix("s3://").split("/", 1)
    s3_client(lake.s3).put_object(Bucket=bucket, Key=key, Body=text.encode())


def path(location):
    return pathlib.Path(location.removeprefix("file://"))


def files(lake):
    """How many data files the table has."""
    return len(list(table(lake).scan().plan_files()))


def rows(lake):
    """How many rows the table's files say they have."""
    return sum(task.file.record_count for task in table(lake).scan().plan_files())


def table(lake):
    from pyiceberg.table import StaticTable

    where = f"{lake.warehouse}/metrics/points/current.metadata.json"
    properties = {"s3.endpoint": lake.s3, "s3.path-style-access": "true", "s3.region": "us-east-1"} if lake.s3 else {}
    return StaticTable.from_metadata(where, properties)


class Reader:
    """What the readers share: `rows(sql)` answers with lists, `source` stands for the table."""

    count, sum, buckets = '"count"', '"sum"', "list_sum(bucket_counts)"
    each_exemplar = "SELECT e.note AS note, e.trace_id AS trace_id FROM (SELECT unnest(exemplars) AS e FROM {points} AS p)"

    def answer(self, question):
        sql = {"points": POINTS, "requests": REQUESTS}[question].format(
            hour=self.hour, points=self.source(), count=self.count, sum=self.sum
        )
        if question == "points":
            hours = ((time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(row[0]) * 3600)), row) for row in self.rows(sql))
            return {(hour, *row[1:4]): int(row[4]) for hour, row in hours}
        return {tuple(row[:3]): (int(row[3]), float(row[4])) for row in self.rows(sql)}

    def histograms(self):
        """Points by metric; the lists of each have to be whole."""
        sql = BUCKETS.format(points=self.source(), count=self.count, buckets=self.buckets)
        found = {row[0]: tuple(map(int, row[1:4])) for row in self.rows(sql)}
        torn = {metric: row for metric, row in found.items() if row[1] != row[2] or row[1] == 0}
        if torn:
            raise peers.Failed(f"{self.name} reads lists of buckets that do not add up to their counts: {torn}")
        return {metric: row[0] for metric, row in found.items()}

    def notes(self):
        """Of the column that another tool added: rows that have a value, the right one, and all."""
        return self.noted("metric_name", self.source() + " AS p")

    def exemplar_notes(self):
        """The same of the field that it added to exemplars, which are a list's elements."""
        return self.noted("trace_id", f"({self.each_exemplar.format(points=self.source())}) AS each_exemplar")

    def noted(self, of, source):
        return tuple(map(int, self.rows(NOTES.format(of=of, source=source))[0]))

    def close(self):
        pass


class DuckDb(Reader):
    """DuckDB over the data files that Iceberg plans (its own extensions have to be downloaded, which no test may rely on)."""

    name = "DuckDB over planned files"
    hour = "epoch_us(time) // 3600000000"

    def __init__(self, lake):
        self.lake = lake
        self.folder = tempfile.TemporaryDirectory()
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.have = {}

    def source(self):
        return f"read_parquet({self.files()}, union_by_name = true)"

    def files(self):
        return [self.local(task.file.file_path) for task in table(self.lake).scan().plan_files()]

    def local(self, location):
        if not self.lake.s3:
            return location.removeprefix("file://")
        if location not in self.have:
            bucket, key = location.removeprefix("s3://").split("/", 1)
            self.have[location] = str(pathlib.Path(self.folder.name) / f"{len(self.have)}.parquet")
            s3_client(self.lake.s3).download_file(bucket, key, self.have[location])
        return self.have[location]

    def exemplars(self):
        """How many there are."""
        return self.rows(f"SELECT sum(len(exemplars)) FROM {self.source()}")[0][0]

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def close(self):
        self.connection.close()
        self.folder.cleanup()


class AttachedDuckDb(Reader):
    """DuckDB's own extension for Iceberg, which packages of the registry bring, over the served catalog."""

    name = "DuckDB by ATTACH of the served catalog"
    hour = DuckDb.hour

    def __init__(self, lake, token):
        self.connection = duckdb.connect()
        folder = pathlib.Path(duckdb_ext.__file__).parent / "extensions" / f"v{duckdb.__version__}"
        for extension in ("avro", "httpfs", "iceberg"):
            found = next(folder.glob(f"*/{extension}.duckdb_extension"))
            self.connection.execute(f"LOAD '{found}'")
        self.connection.execute("SET TimeZone = 'UTC'")
        page = documented.blocks()["duckdb.attach"]
        page = page.replace("http://localhost:8080/iceberg", lake.catalog).replace("'TOKEN'", f"'{token}'")
        *self.opening, self.question = [each for each in page.split(";\n") if each.strip()]
        self.attached = False

    def source(self):
        return "firn.metrics.points"

    def rows(self, sql):
        if not self.attached:  # the catalog is not served yet when readers are made
            for statement in self.opening:
                self.connection.execute(statement)
            self.attached = True
        return self.connection.execute(sql).fetchall()

    def close(self):
        self.connection.close()


class PyIceberg(DuckDb):
    """pyiceberg reads the table, as Arrow; DuckDB adds up."""

    name = "pyiceberg over the served catalog"

    def __init__(self, lake, token):
        super().__init__(lake)
        self.token = token

    def source(self):
        from pyiceberg.catalog.rest import RestCatalog

        catalog = RestCatalog("firn", uri=self.lake.catalog, token=self.token)
        read = catalog.load_table("metrics.points").scan().to_arrow()
        self.connection.register("points", read)
        return "points"


class Spark(Reader):
    name = "Spark over the served catalog"
    hour = "unix_micros(time) div 3600000000"
    count, sum, buckets = "`count`", "`sum`", "aggregate(bucket_counts, 0L, (all, one) -> all + one)"
    each_exemplar = Reader.each_exemplar.replace("unnest", "explode")

    def __init__(self, lake, token, jars):
        from pyspark.sql import SparkSession

        builder = (
            SparkSession.builder.master("local[1]")
            .config("spark.jars", ",".join(map(str, jars)))
            .config("spark.ui.enabled", "false")
            .config("spark.driver.memory", "1g")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.log.level", "ERROR")
        )
        for line in documented.blocks()["spark.properties"].split():
            key, value = line.split("=", 1)
            builder = builder.config(key, value.replace("http://localhost:8080/iceberg", lake.catalog).replace("TOKEN", token))
        before = os.environ.get("JAVA_HOME")
        os.environ["JAVA_HOME"] = str(spark_java())
        try:
            self.session = builder.getOrCreate()
        finally:
            os.environ.pop("JAVA_HOME")
            if before:
                os.environ["JAVA_HOME"] = before

    def source(self):
        return "firn.metrics.points"

    def rows(self, sql):
        return self.session.sql(sql).collect()

    def close(self):
        self.session.stop()


def spark_java():
    """The home of a Java that Spark 4.1 runs on, which a newer one than 21 is not; None if there is none."""
    on_path = shutil.which("java")
    homes = [pathlib.Path(on_path).resolve().parent.parent] if on_path else []
    if os.environ.get("JAVA_HOME"):
        homes.insert(0, pathlib.Path(os.environ["JAVA_HOME"]))
    homes += sorted(pathlib.Path("/usr/lib/jvm").glob("*"))
    for home in homes:
        release = home / "release"
        version = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE) if release.exists() else None
        if version and 17 <= int(version[1]) <= 21 and (home / "bin/java").exists():
            return home
    return None


class ClickHouse(Reader):
    """ClickHouse as in Firn's engine library, in a process of its own for each statement."""

    hour = "intDiv(toUnixTimestamp64Micro(time), 3600000000)"
    count, sum = "p.count", "p.sum"
    buckets = "arraySum(arrayMap(one -> ifNull(one, 0), p.bucket_counts))"
    each_exemplar = "SELECT e.note AS note, e.trace_id AS trace_id FROM {points} AS p ARRAY JOIN p.exemplars AS e"

    def __init__(self, lake, how, source):
        self.lake = lake
        self.name = "ClickHouse by " + how
        self.source = source

    def rows(self, sql):
        ran = subprocess.run(
            [sys.executable, pathlib.Path(__file__).with_name("clickhouse.py"), library()],
            input=sql,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if ran.returncode:
            raise peers.Failed(f"{self.name}: {ran.stderr[-1500:] or ran.returncode}")
        return [json.loads(line) for line in ran.stdout.splitlines()]


class CatalogClickHouse(ClickHouse):
    """By a database over the served catalog."""

    def __init__(self, lake, token):
        page = documented.blocks()["clickhouse.catalog"].replace("http://localhost:8080/iceberg", lake.catalog)
        page = page.replace("http://localhost:9000/bucket", f"{lake.s3}/{lake.warehouse.removeprefix('s3://').split('/')[0]}")
        page = page.replace("ACCESS_KEY", "id").replace("SECRET_KEY", "secret").replace("TOKEN", token)
        self.opening, self.question = page.rsplit(";\n", 2)[0] + ";\n", page.rsplit(";\n", 2)[1]
        super().__init__(lake, "DataLakeCatalog of the served catalog", lambda: "firn.`metrics.points`")

    def rows(self, sql):
        return super().rows(self.opening + sql)


class PlannedClickHouse(ClickHouse):
    def __init__(self, lake):
        self.duck = DuckDb(lake)
        super().__init__(lake, "file() over planned files", self.planned)

    def planned(self):
        structure = ", ".join(
            f"{each.name} {kind}" for each in table(self.lake).schema().fields if (kind := clickhouse_type(each))
        )
        return f"file('{pattern(self.duck.files())}', 'Parquet', '{structure}')"

    def close(self):
        self.duck.close()


def pattern(paths):
    """ClickHouse takes a list in braces behind an absolute folder."""
    folder = os.path.dirname(os.path.commonprefix(paths))
    return paths[0] if len(paths) == 1 else f"{folder}/{{{','.join(os.path.relpath(path, folder) for path in paths)}}}"


def clickhouse_type(field):
    """Of plain columns, lists of whole numbers and lists of structs; other lists are left out."""
    names = {"string": "String", "long": "Int64", "int": "Int32", "double": "Float64", "boolean": "Bool"}
    kind = field.field_type
    if str(kind) == "list<long>":
        return "Array(Nullable(Int64))"
    if str(kind).startswith("list<struct<"):
        return f"Array(Tuple({', '.join(f'{each.name} {clickhouse_type(each)}' for each in kind.element_type.fields)}))"
    name = names.get(str(kind), "DateTime64(6, \\'UTC\\')" if "timestamp" in str(kind) else None)
    return name and (name if field.required else f"Nullable({name})")


def library():
    """Of Firn's engine: where the launcher has put it, or FIRN_ENGINE_LIBRARY."""
    given = os.environ.get("FIRN_ENGINE_LIBRARY")
    found = [given] if given else sorted(map(str, (peers.ROOT / ".firn/engine").glob("*/libchdb.so")))
    if not found:
        raise peers.Failed("there is no engine library; run firn engine, or set FIRN_ENGINE_LIBRARY")
    return found[-1]


def open_all(lake, token, jars):
    opened = [
        PyIceberg(lake, token),
        DuckDb(lake),
        AttachedDuckDb(lake, token),
        PlannedClickHouse(lake),
    ]
    if jars:
        opened.append(Spark(lake, token, jars))
    if lake.s3:
        where = f"{lake.s3}/{lake.warehouse.removeprefix('s3://')}/metrics/points"
        opened.append(ClickHouse(lake, "icebergS3", lambda: f"icebergS3('{where}', 'id', 'secret')"))
        opened.append(CatalogClickHouse(lake, token))
    return opened

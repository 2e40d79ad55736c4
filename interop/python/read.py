"""Counts what the lake holds with pyiceberg and with DuckDB and compares with the load generator's ledger.

Usage: read.py DATA-DIRECTORY LEDGER
"""

import collections
import json
import pathlib
import sys

import duckdb
from pyiceberg.table import StaticTable

data, ledger = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])

expected = collections.Counter()
for line in ledger.read_text().splitlines():
    entry = json.loads(line)
    if entry["type"] == "points":
        assert entry["sent"] == entry["acknowledged"], entry
        temporality = entry["temporality"].replace("none", "")
        expected[entry["hour"], entry["metric"], entry["kind"], temporality] += entry["acknowledged"]
assert expected, "the ledger holds no points"

tables = {
    name: StaticTable.from_metadata(str(data / "lake/warehouse/metrics" / name / "current.metadata.json"))
    for name in ("points", "series")
}
columns = ("time", "metric_name", "metric_type", "temporality", "series_id", "start_time", "value", "value_int")

arrow = tables["points"].scan(selected_fields=columns).to_arrow()
files = [task.file.file_path.removeprefix("file://") for task in tables["points"].scan().plan_files()]

QUESTION = """
    SELECT strftime(date_trunc('hour', time AT TIME ZONE 'UTC'), '%Y-%m-%dT%H:%M:%SZ'), metric_name, metric_type, temporality, count(*)
    FROM {source} GROUP BY ALL
"""
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
answers = {
    "pyiceberg": connection.execute(QUESTION.format(source="arrow")).fetchall(),
    "duckdb": connection.execute(QUESTION.format(source=f"read_parquet({files})")).fetchall(),
}
for reader, rows in answers.items():
    found = collections.Counter({tuple(row[:4]): row[4] for row in rows})
    wrong = {key: (expected[key], found[key]) for key in expected.keys() | found.keys() if expected[key] != found[key]}
    assert not wrong, (reader, list(wrong.items())[:10])

doubled = connection.execute(
    "SELECT count(*) - count(DISTINCT (series_id, time, start_time)) FROM arrow"
).fetchone()[0]
assert doubled == 0, doubled

points = set(connection.execute("SELECT DISTINCT series_id FROM arrow").fetchall())
series = tables["series"].scan(selected_fields=("series_id",)).to_arrow()
known = set(connection.execute("SELECT DISTINCT series_id FROM series").fetchall())
assert points <= known, "points of unknown series"

print(f"pyiceberg and DuckDB: {sum(expected.values())} points in {len(expected)} metric hours equal the ledger")

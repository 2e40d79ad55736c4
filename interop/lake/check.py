"""Makes the bucket, and counts with pyiceberg what is on the S3, or what an engine has, against the load generator's ledgers.

Usage: check.py bucket ENDPOINT
       check.py count ENDPOINT UNTIL METRIC,… LEDGER…
       check.py age ENDPOINT LOCATION
       check.py engine URL UNTIL METRIC,… LEDGER…

Points of these metrics before UNTIL were erased. `age` writes metadata that are two hours older, and prints where.
"""

import collections
import json
import pathlib
import sys
import time
import urllib.request

import boto3
from botocore.exceptions import BotoCoreError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import ageing


def bucket(endpoint):
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    end = time.monotonic() + 60
    while True:
        try:
            client.create_bucket(Bucket="lake")
            return
        except BotoCoreError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def age(endpoint, location):
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    bucket, key = location.removeprefix("s3://").split("/", 1)
    text = client.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    older = ageing.next_location(location)
    client.put_object(Bucket=bucket, Key=older.removeprefix(f"s3://{bucket}/"), Body=ageing.metadata(text, 7200).encode())
    print(older)


ENGINE = """
    SELECT metric_name, count() FROM (
        SELECT series_id FROM samples UNION ALL SELECT series_id FROM histograms
        UNION ALL SELECT series_id FROM exponential_histograms UNION ALL SELECT series_id FROM summaries
    ) AS points
    INNER JOIN (SELECT series_id, any(metric_name) AS metric_name FROM series GROUP BY series_id) AS named USING (series_id)
    GROUP BY metric_name FORMAT JSONCompactEachRow
"""


def left(until, erased, ledgers):
    """Points by metric that were acknowledged and that nobody erased."""
    expected, gone = collections.Counter(), collections.Counter()
    for ledger in ledgers:
        for line in pathlib.Path(ledger).read_text().splitlines():
            entry = json.loads(line)
            if entry["type"] == "points":
                assert entry["sent"] == entry["acknowledged"], entry
                counted = gone if entry["metric"] in erased and entry["hour"] < until else expected
                counted[entry["metric"]] += entry["acknowledged"]
    assert expected, "the ledgers hold no points"
    assert all(gone[metric] and expected[metric] for metric in erased), (gone, "nothing was erased, or all")
    return expected


def compare(what, expected, found):
    wrong = {name: (expected[name], found[name]) for name in expected.keys() | found.keys() if expected[name] != found[name]}
    assert not wrong, (what, list(wrong.items())[:10])
    print(f"{what}: {sum(found.values())} points, each once, and none that was erased")


def count(endpoint, expected):
    from pyiceberg.table import StaticTable

    table = StaticTable.from_metadata(
        "s3://lake/firn/metrics/points/current.metadata.json",
        {"s3.endpoint": endpoint, "s3.path-style-access": "true", "s3.region": "us-east-1"},
    )
    rows = table.scan(selected_fields=("metric_name", "src", "seq")).to_arrow()
    writers = set(rows["src"].to_pylist())
    assert len(writers) == 2, writers
    compare("the lake by pyiceberg", expected, collections.Counter(rows["metric_name"].to_pylist()))


def engine(url, expected):
    with urllib.request.urlopen(f"{url}/?database=otel_metrics", ENGINE.encode(), timeout=60) as answer:
        compare("the centre's engine", expected, collections.Counter(dict(map(json.loads, answer.read().splitlines()))))


match sys.argv[1:]:
    case ["bucket", endpoint]:
        bucket(endpoint)
    case ["age", endpoint, location]:
        age(endpoint, location)
    case ["count" | "engine" as what, where, until, erased, *ledgers]:
        {"count": count, "engine": engine}[what](where, left(until, erased.split(","), ledgers))
    case _:
        sys.exit(__doc__)

"""Makes the bucket, and counts with pyiceberg what is on the S3 against the load generator's ledgers.

Usage: check.py bucket ENDPOINT
       check.py count ENDPOINT LEDGER…
"""

import collections
import json
import pathlib
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError


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


def count(endpoint, ledgers):
    from pyiceberg.table import StaticTable

    expected = collections.Counter()
    for ledger in ledgers:
        for line in pathlib.Path(ledger).read_text().splitlines():
            entry = json.loads(line)
            if entry["type"] == "points":
                assert entry["sent"] == entry["acknowledged"], entry
                expected[entry["metric"]] += entry["acknowledged"]
    assert expected, "the ledgers hold no points"
    table = StaticTable.from_metadata(
        "s3://lake/firn/metrics/points/current.metadata.json",
        {"s3.endpoint": endpoint, "s3.path-style-access": "true", "s3.region": "us-east-1"},
    )
    rows = table.scan(selected_fields=("metric_name", "src", "seq")).to_arrow()
    found = collections.Counter(rows["metric_name"].to_pylist())
    wrong = {name: (expected[name], found[name]) for name in expected.keys() | found.keys() if expected[name] != found[name]}
    assert not wrong, list(wrong.items())[:10]
    writers = set(rows["src"].to_pylist())
    assert len(writers) == 2, writers
    print(f"{sum(found.values())} points of {len(writers)} writers, each once")


match sys.argv[1:]:
    case ["bucket", endpoint]:
        bucket(endpoint)
    case ["count", endpoint, *ledgers]:
        count(endpoint, ledgers)
    case _:
        sys.exit(__doc__)

"""The queries of docs/operate/lake.md run as they stand there, by their readers, and agree with each other."""

import re

import peers

PAGE = peers.ROOT / "docs/operate/lake.md"


def blocks():
    """Code by the name in the comment line before it: `<!-- readers: NAME -->`."""
    found = re.findall(r"<!-- readers: (\S+) -->\n+```\w+\n(.*?)```", PAGE.read_text(), re.DOTALL)
    if not found:
        raise peers.Failed(f"{PAGE} marks no queries for readers")
    return dict(found)


def check(lake, opened, token):
    """Each documented query gives what the lake holds."""
    page = {name: code.replace("http://localhost:8080", lake.catalog.removesuffix("/iceberg")) for name, code in blocks().items()}
    by_name = {type(reader).__name__: reader for reader in opened} | {reader.name: reader for reader in opened}
    spark, trino, duck = by_name.get("Spark"), by_name.get("Trino"), by_name["DuckDb"]
    expected = lake.histograms()
    assert expected, "the ledgers know no histograms"

    attached = by_name["AttachedDuckDb"]
    answers = {
        "pyiceberg": python(page["pyiceberg"], token),
        "duckdb.attach": attached.rows(attached.question),
    }
    if spark:
        answers["spark"] = spark.rows(page["spark"])
    if trino:
        answers["trino"] = trino.rows(page["spark"])
    if lake.s3:
        where = f"{lake.s3}/{lake.warehouse.removeprefix('s3://')}"
        query = page["clickhouse"].replace("http://localhost:9000/bucket/firn", where)
        query = query.replace("ACCESS_KEY", "id").replace("SECRET_KEY", "secret")
        answers["clickhouse"] = by_name["ClickHouse by icebergS3"].rows(query)
        by_catalog = by_name["CatalogClickHouse"]
        answers["clickhouse.catalog"] = by_catalog.rows(by_catalog.question)
    else:
        answers["duckdb"] = python(page["duckdb"], token)
    for name, rows in answers.items():
        found = {row["metric_name"]: row["time_count"] for row in rows} if name == "pyiceberg" else dict(map(tuple, rows))
        if {metric: int(count) for metric, count in found.items()} != expected:
            raise peers.Failed(f"{PAGE.name}: the query for {name} gives {found}, sent was {expected}")

    planned = by_name["ClickHouse by file() over planned files"]
    totals = "SELECT metric_name, count(*), sum(metric_value), min(year), max(hour) FROM ({}) AS m GROUP BY metric_name"
    views = {
        "clickhouse": (planned, page["metric_parquet.clickhouse"].replace("FROM points", f"FROM {planned.source()}")),
        "duckdb": (duck, page["metric_parquet.duckdb"].replace("FROM points", f"FROM {duck.source()}")),
    }
    if spark:
        views["spark"] = (spark, page["metric_parquet.spark"].replace("FROM points", f"FROM {spark.source()}"))
    if trino:
        plain = page["metric_parquet.duckdb"].replace(", 'g')", ")")
        views["trino"] = (trino, plain.replace("FROM points", f"FROM {trino.source()}"))
    shown = {
        name: {row[0]: (int(row[1]), round_off(row[2]), int(row[3]), int(row[4])) for row in reader.rows(totals.format(sql.strip()))}
        for name, (reader, sql) in views.items()
    }
    for name, found in shown.items():
        if found != shown["duckdb"] or sum(row[0] for row in found.values()) != sum(lake.expected()[0].values()):
            raise peers.Failed(f"{PAGE.name}: metric_parquet by {name} gives {found}, by duckdb {shown['duckdb']}")
    print(f"{lake.kind}: queries of {PAGE.name} agree: {', '.join(answers)}; metric_parquet by {', '.join(shown)}", flush=True)


def round_off(value):
    """Sums of doubles depend on their order in the last digits."""
    return None if value is None else float(f"{float(value):.9g}")


def python(code, token):
    names = {}
    exec(code.replace("TOKEN", token), names)
    return names["answer"]

"""memory_limiter of a Firn with a small heap and heavy senders: it refuses, they come again, nothing is lost, and it recovers.

Usage: pressure.py [--collector BINARY] [--percent]

Senders over OTLP/HTTP, and with --collector a stock Collector over gRPC with its own retries. Deltas among them must each be on the exporter's
page once, whether they were refused before or not. --percent writes the limit as a share of the
machine's memory instead of in MiB.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "common"), str(HERE.parent / "bench")]
import peers
from measure import POINTS_PER_BODY, Body

SENDERS, REQUESTS, STEPS = 10, 8, 10  # each request has so many points of each of its 1,000 series: 2 MiB
HEAP_MIB, LIMIT_MIB, SPIKE_MIB = 256, 130, 40


def local(port):
    return f"127.0.0.1:{port}"


def limits(percent):
    if not percent:
        return {"check_interval": "100ms", "limit_mib": LIMIT_MIB, "spike_limit_mib": SPIKE_MIB}
    # A share is a whole number: of a large machine it is more than the heap, and is lowered to nine tenths of that.
    return {"check_interval": "100ms", "limit_percentage": 50, "spike_limit_percentage": 30}


def config(grpc, http_port, page, percent):
    return {
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": local(grpc), "max_recv_msg_size_mib": 64},
                    "http": {"endpoint": local(http_port)},
                }
            }
        },
        "processors": {"memory_limiter": limits(percent)},
        "exporters": {"firn": None, "prometheus": {"endpoint": local(page)}},
        "service": {
            "pipelines": {
                "metrics": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter"],
                    "exporters": ["firn", "prometheus"],
                }
            }
        },
    }


def between(sends_to, ordered, firn):
    """The Collector: many requests at a time, and on a road of their own one after the other, since deltas must not overtake each other."""

    def exporter(consumers):
        return {
            "endpoint": local(firn),
            "tls": {"insecure": True},
            "retry_on_failure": {"initial_interval": "500ms", "max_interval": "2s", "max_elapsed_time": "5m"},
            "sending_queue": {"num_consumers": consumers, "queue_size": 1000, "block_on_overflow": True},
        }

    def receiver(port):
        return {"protocols": {"http": {"endpoint": local(port), "max_request_body_size": 64 << 20}}}

    return {
        "receivers": {"otlp": receiver(sends_to), "otlp/ordered": receiver(ordered)},
        "exporters": {"otlp_grpc": exporter(8), "otlp_grpc/ordered": exporter(1)},
        "service": {
            "pipelines": {
                "metrics": {"receivers": ["otlp"], "exporters": ["otlp_grpc"]},
                "metrics/ordered": {"receivers": ["otlp/ordered"], "exporters": ["otlp_grpc/ordered"]},
            }
        },
    }


def sender(port, number, answers, headers):
    """Requests of one sender, each again until it is taken."""
    body = Body(number)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    for request in range(REQUESTS):
        payload = b"".join(body.at(request * STEPS + step) for step in range(STEPS))
        for _ in range(600):
            connection.request("POST", "/v1/metrics", payload, {"Content-Type": "application/x-protobuf"})
            answer = connection.getresponse()
            said = answer.read()
            answers[answer.status] += 1
            if answer.status == 200:
                if len(said) > 2:
                    raise peers.Failed(f"points were rejected: {said[:200]}")
                break
            if answer.status not in (429, 503):
                raise peers.Failed(f"{answer.status}: {said[:200]}")
            headers[answer.getheader("Retry-After")] += 1
            time.sleep(0.3)
        else:
            raise peers.Failed("a request was refused 600 times")
    connection.close()


def delta(road, number, start):
    """The next delta of a counter and of a histogram."""
    times = {"startTimeUnixNano": str(start + number * 1000), "timeUnixNano": str(start + (number + 1) * 1000)}
    road = {"attributes": [{"key": "road", "value": {"stringValue": road}}], **times}
    histogram = {**road, "count": "2", "sum": 0.75, "bucketCounts": ["1", "1"], "explicitBounds": [0.5]}
    metrics = [
        {"name": "pressed.requests", "sum": {"aggregationTemporality": 1, "isMonotonic": True}},
        {"name": "pressed.seconds", "histogram": {"aggregationTemporality": 1}},
    ]
    metrics[0]["sum"]["dataPoints"] = [{**road, "asInt": "3"}]
    metrics[1]["histogram"]["dataPoints"] = [histogram]
    return json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}).encode()


def send_deltas(road, port, ended, told):
    """One after the other, each again until it is taken, as long as the others send; `told` counts answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    start = time.time_ns()
    while not ended.is_set() or not told[200]:
        body = delta(road, told[200], start)
        while True:
            connection.request("POST", "/v1/metrics", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            told[answer.status] += 1
            if answer.status == 200:
                break
            time.sleep(0.05)
        time.sleep(0.02)
    connection.close()


def on_page(page, road):
    """(requests, count, sum) that the exporter shows."""
    found = {}
    for line in peers.get(f"http://{local(page)}/metrics", timeout=120).decode().splitlines():
        if line.startswith("pressed_") and f'road="{road}"' in line and "_bucket" not in line:
            found[line.split("{")[0]] = float(line.rsplit(" ", 1)[1])
    return tuple(found.get(f"pressed_{each}") for each in ("requests_total", "seconds_count", "seconds_sum"))


def check_deltas(page, told, firn):
    for road, answers in told.items():
        taken = answers[200]
        expected = (3.0 * taken, 2.0 * taken, 0.75 * taken)
        try:
            peers.wait_until(f"deltas over {road}", lambda: on_page(page, road) == expected, 60, firn)
        except peers.Failed:
            pass
        if on_page(page, road) != expected:
            raise peers.Failed(f"the page has {on_page(page, road)} of {road}, not {expected}")
        print(f"  {taken} deltas over {road}, which answered 429 {answers[429]} times: each is on the page once")


def sent_by(threads):
    troubles = []

    def guarded(*arguments):
        try:
            sender(*arguments)
        except (peers.Failed, OSError, http.client.HTTPException) as error:
            troubles.append(repr(error))

    running = [threading.Thread(target=guarded, args=each) for each in threads]
    for each in running:
        each.start()
    for each in running:
        each.join()
    if troubles:
        raise peers.Failed(f"senders failed: {troubles[:3]}")


def stored(firn):
    return sum(int(peers.sql(firn, f"SELECT count() FROM {table}")[0][0]) for table in ("samples", "histograms"))


def page_value(firn, name):
    page = peers.get(f"http://{local(firn.telemetry)}/metrics").decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.startswith(name + "{"))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collector")
    arguments.add_argument("--percent", action="store_true")
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-pressure."))
    grpc, http_port, by_collector, ordered, page = peers.free_ports(5)
    os.environ["FIRN_JAVA_OPTIONS"] = f"-Xmx{HEAP_MIB}m"
    started = []
    try:
        firn = peers.firn(config(grpc, http_port, page, asked.percent), work / "firn.log", work / "data")
        started.append(firn)
        answers, headers = collections.Counter(), collections.Counter()
        threads = [(http_port, number, answers, headers) for number in range(SENDERS)]
        expected = SENDERS * REQUESTS * STEPS * POINTS_PER_BODY
        if asked.collector:
            started.append(peers.collector(asked.collector, between(by_collector, ordered, grpc), work / "between.log"))
            threads += [(by_collector, SENDERS + number, collections.Counter(), headers) for number in range(4)]
            expected += 4 * REQUESTS * STEPS * POINTS_PER_BODY
        roads = {"HTTP": http_port, **({"a Collector's gRPC": ordered} if asked.collector else {})}
        said, ended = {road: collections.Counter() for road in roads}, threading.Event()
        deltas = [
            threading.Thread(target=send_deltas, args=(road, port, ended, said[road])) for road, port in roads.items()
        ]
        for each in deltas:
            each.start()
        try:
            sent_by(threads)
        finally:
            ended.set()
            for each in deltas:
                each.join()
        expected += 2 * sum(answered[200] for answered in said.values())
        try:
            peers.wait_until("the engine has all", lambda: stored(firn) >= expected, 120, firn)
        except peers.Failed as failure:
            print(failure)
        refused = page_value(firn, "otelcol_processor_memory_limiter_refused_metric_points")
        accepted = page_value(firn, "otelcol_processor_memory_limiter_accepted_metric_points")
        found = stored(firn)
        print(f"  {sum(answers.values())} requests over HTTP: {dict(answers)}, Retry-After {dict(headers)}")
        print(f"  {refused:,.0f} points refused, {accepted:,.0f} accepted; {found:,} stored of {expected:,} sent")
        for line in firn.log_text().splitlines():
            if "memory_limiter" in line:
                print("  firn: " + line[:160])
        if asked.collector:
            told = [line for line in started[1].log_text().splitlines() if "ResourceExhausted" in line]
            print(f"  the Collector was told {len(told)} times over gRPC to come again")
            if "Dropping data" in started[1].log_text():
                raise peers.Failed("the Collector dropped data")
            if not any("otlp_grpc/ordered" in line for line in told):
                raise peers.Failed("the Collector was never refused a delta: nothing was seen")
        if found != expected:
            raise peers.Failed(f"{found} points are stored, {expected} were sent")
        check_deltas(page, said, firn)
        if not said["HTTP"][429]:
            raise peers.Failed("no delta was refused: nothing was seen")
        if not answers[429] or not refused:
            raise peers.Failed("nothing was refused: nothing was seen")
        if None in headers:
            raise peers.Failed("a refusal says not when to come again")
        sent_by([(http_port, SENDERS + 20, final := collections.Counter(), headers)])
        print(f"  afterwards: {dict(final)}")
    finally:
        for process in reversed(started):
            process.stop()
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print("pressure: refused, sent again, all there")


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"pressure: {failure}")

"""See run. Each part says what it saw; a part whose peer cannot be had says so."""

import contextlib
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
from peers import FIRN, Failed, Process, as_yaml, free_ports, get, run_firn, wait_until  # noqa: E402

OLD_SERVER = pathlib.Path("/usr/sbin/clickhouse-server")
PASSWORD = "interop-interop-interop"


def ask(port, sql, user="", **settings):
    """The answer to a statement; ValueError says what ClickHouse says."""
    url = f"http://127.0.0.1:{port}/?" + urllib.parse.urlencode(settings)
    headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": PASSWORD} if user else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, sql.encode(), headers), timeout=60) as answer:
            text = answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        raise ValueError(error.read().decode(errors="replace").strip()[:600]) from error
    if "DB::Exception" in text:
        raise ValueError(text[:600])
    return text


def refused(what, expected):
    """Text of the refusal that must come."""
    try:
        answer = what()
    except ValueError as error:
        if expected not in str(error):
            raise Failed(f"expected a refusal with {expected!r}, not {error}") from error
        return str(error)
    raise Failed(f"expected a refusal with {expected!r}, and it answered {answer!r}")


def equal(what, found, expected):
    if found != expected:
        raise Failed(f"{what}: {found!r} and not {expected!r}")


# -- a server in place of the child --------------------------------------------------------------


def engine(work, name, port, folder=None, password=True):
    """`firn engine`, started where libchdb finds its config.xml."""
    secret = work / "password"
    secret.write_text(PASSWORD + "\n")
    command = [FIRN, "engine", "--data", work / name, "--listen", f"127.0.0.1:{port}", "--memory", "2GiB"]
    if password:
        command += ["--password-file", secret]
    process = Process(f"firn engine {name}", command, work / f"{name}.{time.monotonic_ns()}.log", cwd=folder or work)
    wait_until(f"engine {name} answers", lambda: get(f"http://127.0.0.1:{port}/ping"), 120, process)
    return process


def a_server_in_place_of_the_child(work):
    server, web, otlp = free_ports(3)
    config = work / "firn.yaml"
    config.write_text(
        as_yaml(
            {
                "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp}"}}}},
                "exporters": {"firn": None},
                "service": {
                    "telemetry": {"metrics": {"level": "none"}},
                    "pipelines": {"metrics": {"receivers": ["otlp"], "exporters": ["firn"]}},
                },
                "lake": {"commit_interval": "1s"},
                "engine": {"url": f"http://127.0.0.1:{server}", "user": "firn", "password": PASSWORD},
                "web": {"endpoint": f"127.0.0.1:{web}"},
            }
        ).lstrip("\n")
        + "\n"
    )

    def firn():
        process = Process("firn", [FIRN, "serve", "--config", config, "--data", work / "data"], work / "firn.log")
        wait_until("firn is ready", lambda: get(f"http://127.0.0.1:{web}/ready") is not None, 120, process)
        return process

    chance = random.Random(7)
    processes = {"server": engine(work, "server", server), "firn": firn()}
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: [each.kill() for each in processes.values() if each.poll() is None])
        ledgers = []
        for number in range(1, 7):
            ledger = work / f"ledger-{number}.jsonl"
            ledgers.append(ledger)
            load = Process(
                "firn load",
                [FIRN, "load", "-t", f"http://127.0.0.1:{otlp}", "--history", "1h", "--seed", number, "--ledger", ledger],
                work / f"load-{number}.log",
            )
            time.sleep(chance.uniform(0.5, 4))  # the moment of a blow is chance by design
            for victim in ("server", "firn") if number % 3 == 0 else (("server", "firn")[number % 2],):
                processes[victim].send_signal(signal.SIGKILL)
                processes[victim].wait()
            if processes["server"].poll() is not None:
                processes["server"] = engine(work, "server", server)
            if processes["firn"].poll() is not None:
                processes["firn"] = firn()
            equal("firn load's exit code", load.wait(), 0)
        verified = run_firn("lake", "verify", "--url", f"http://127.0.0.1:{web}")
        equal("firn lake verify", verified.returncode, 0)
        rows, distinct = ask(
            server,
            "SELECT sum(a), sum(b) FROM (SELECT count() AS a, uniqExact(series_id, time, start_time) AS b FROM samples"
            " UNION ALL SELECT count(), uniqExact(series_id, time, start_time) FROM histograms)",
        ).split("\t")
        views = ask(server, "SELECT count() FROM metrics_hourly_v2")
        equal("points of the engine that are there once", distinct, rows)
        print(f"server in place of the child: {rows} points after 8 kills, none twice; {verified.stdout.strip()}")
        print(f"  rows of metrics_hourly_v2: {views}")
        for each in processes.values():
            each.stop()


# -- ZooKeeper -----------------------------------------------------------------------------------


@contextlib.contextmanager
def zookeeper(work):
    (port,) = free_ports(1)
    folder = work / "zookeeper"
    folder.mkdir()
    (work / "zoo.cfg").write_text(
        f"tickTime=1000\ndataDir={folder}\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n"
    )
    classes = "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar"
    main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    command = ["java", "-Xmx256m", f"-Dzookeeper.log.dir={folder}", "-cp", classes, main, work / "zoo.cfg"]
    with Process("ZooKeeper", command, work / "zookeeper.log") as process:

        def listed():
            shell = ["java", "-cp", classes, "org.apache.zookeeper.ZooKeeperMain", "-server", f"127.0.0.1:{port}"]
            ran = subprocess.run([*shell, "ls", "-R", "/"], capture_output=True, text=True, timeout=60)
            return [line for line in ran.stdout.splitlines() if line.startswith("/")]

        wait_until("ZooKeeper answers", listed, 60, process)
        yield port, listed


def keeper(port):
    return (
        f"<zookeeper><node><host>127.0.0.1</host><port>{port}</port></node>"
        "<session_timeout_ms>3000</session_timeout_ms></zookeeper>"
    )


# -- the cluster's DDL on the embedded engine ----------------------------------------------------


def the_ddl_against_a_keeper(work, port, listed):
    ddl = run_firn("engine", "ddl", "--cluster", "metrics")
    equal("firn engine ddl", ddl.returncode, 0)
    statements = [each.strip() for each in ddl.stdout.split(";\n\n") if each.strip()]
    made = {}
    engines = []
    for replica in ("r1", "r2"):
        folder = work / replica
        folder.mkdir()
        (http,) = free_ports(1)
        (folder / "config.xml").write_text(
            f"<clickhouse>{keeper(port)}<macros><shard>1</shard><replica>{replica}</replica></macros>"
            "<tcp_port>1</tcp_port><distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>"
            "<remote_servers><metrics><shard><internal_replication>true</internal_replication>"
            "<replica><host>127.0.0.1</host><port>1</port></replica></shard></metrics></remote_servers></clickhouse>"
        )
        engines.append((engine(work, f"engine-{replica}", http, folder), http))
    try:
        for process, http in engines:
            refused(lambda http=http: ask(http, statements[0], "firn"), "Replicated DDL queries are disabled")
            for statement in statements:
                ask(http, statement.replace(" ON CLUSTER 'metrics'", ""), "firn")
            process.send_signal(signal.SIGKILL)
            process.wait()
        nodes = set(listed())
        for statement in statements:
            if "ENGINE = Replicated" in statement:
                table = statement.split("(", 1)[0].split("EXISTS ")[1].split()[0].split(".")[1]
                path = statement.split("MergeTree('", 1)[1].split("'", 1)[0].replace("{shard}", "1")
                everywhere = "/all/" in path
                for replica in ("r1", "r2"):
                    node = f"{path}/replicas/{'1_' if everywhere else ''}{replica}"
                    if node not in nodes:
                        raise Failed(f"table {table} has no replica at {node}")
                made[table] = path
        print(f"the cluster's DDL: {len(statements)} statements on two engines, {len(made)} replicated tables,")
        print("  each with both replicas in ZooKeeper, which compares their columns, keys and TTL when the second comes")
        again, http = engine(work, "engine-r1", engines[0][1], work / "r1"), engines[0][1]
        try:
            equal("tables after kill -9", ask(http, "SELECT count() FROM otel_metrics.samples"), "0")
            said = refused(
                lambda: ask(http, "INSERT INTO otel_metrics_shard.firn_rollup_marks (kind) VALUES ('x')", "firn"
                            , insert_keeper_max_retries=0),
                "readonly",
            )
            print(f"  rows need an interserver port, which the embedded engine has not: {said[:90]}")
        finally:
            again.stop()
    finally:
        for process, _ in engines:
            if process.poll() is None:
                process.kill()


# -- the rules of exactly once on real replicas --------------------------------------------------


class OldServer:
    """One replica of Debian's ClickHouse 18.16."""

    def __init__(self, work, number, keeper_port, ports):
        self.folder = work / f"old-{number}"
        self.folder.mkdir()
        self.http = ports[number][0]
        replicas = "".join(f"<replica><host>127.0.0.1</host><port>{each[1]}</port></replica>" for each in ports)
        (self.folder / "config.xml").write_text(
            "<yandex><logger><level>warning</level><console>1</console></logger>"
            f"<http_port>{ports[number][0]}</http_port><tcp_port>{ports[number][1]}</tcp_port>"
            f"<interserver_http_port>{ports[number][2]}</interserver_http_port>"
            "<interserver_http_host>127.0.0.1</interserver_http_host><listen_host>127.0.0.1</listen_host>"
            f"<path>{self.folder}/data/</path><tmp_path>{self.folder}/tmp/</tmp_path>"
            "<users_config>users.xml</users_config><default_profile>default</default_profile>"
            "<default_database>default</default_database><mark_cache_size>100000000</mark_cache_size>"
            f"{keeper(keeper_port)}<macros><shard>1</shard><replica>r{number}</replica></macros>"
            "<distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>"
            "<remote_servers><metrics><shard><internal_replication>true</internal_replication>"
            f"{replicas}</shard></metrics></remote_servers></yandex>"
        )
        (self.folder / "users.xml").write_text(
            "<yandex><users><default><password></password><networks><ip>127.0.0.1</ip></networks>"
            "<profile>default</profile><quota>default</quota></default></users>"
            "<profiles><default/></profiles><quotas><default/></quotas></yandex>"
        )
        self.starts = 0
        self.start()

    def start(self):
        self.starts += 1
        self.process = Process(
            "clickhouse-server",
            [OLD_SERVER, "--config-file=config.xml"],
            self.folder / f"{self.starts}.log",
            cwd=self.folder,
        )
        wait_until("the old server answers", lambda: get(f"http://127.0.0.1:{self.http}/ping"), 60, self.process)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


BLOCKS = 120
ROWS = 500


def the_rules_on_real_replicas(work, keeper_port):
    ports = [free_ports(3) for _ in range(2)]
    servers = [OldServer(work, number, keeper_port, ports) for number in range(2)]
    web, otlp = free_ports(2)
    config = work / "old.yaml"
    config.write_text(
        "exporters: {firn: }\n"
        f"receivers: {{otlp: {{protocols: {{http: {{endpoint: '127.0.0.1:{otlp}'}}}}}}}}\n"
        "service: {telemetry: {metrics: {level: none}}, pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}\n"
        f"engine: {{url: 'http://127.0.0.1:{servers[0].http}'}}\nweb: {{endpoint: '127.0.0.1:{web}'}}\n"
    )
    started = run_firn("serve", "--config", config, "--data", work / "refused", timeout=120)
    message = "it is ClickHouse 18.16.1, the oldest supported is"
    if started.returncode == 0 or message not in started.stdout:
        raise Failed(f"Firn did not refuse the old server: {started.stdout[-600:]}")
    print(f"an old server is refused: {started.stdout.strip().splitlines()[-1][:110]}…")

    create = (
        "CREATE TABLE f.points ON CLUSTER metrics (series_id Int64, src String, seq UInt64, day Date) ENGINE ="
        " ReplicatedMergeTree('/t/{shard}/f/points', '{replica}') PARTITION BY toYYYYMM(day) ORDER BY series_id"
    )
    ask(servers[0].http, "CREATE DATABASE f ON CLUSTER metrics")
    ask(servers[0].http, create)
    chance = random.Random(11)
    over = threading.Event()
    kills = [0]

    def strike():
        while not over.wait(chance.uniform(0.1, 4)):
            victim = chance.choice(servers)
            victim.kill()
            kills[0] += 1
            time.sleep(chance.uniform(0, 0.5))  # the moment is chance by design
            victim.start()

    killer = threading.Thread(target=strike)
    killer.start()
    attempts = found = 0
    try:
        for block in range(1, BLOCKS + 1):
            in_doubt = False
            until = time.monotonic() + 120
            while True:
                if time.monotonic() > until:
                    raise Failed(f"block {block} does not come in within 120 s")
                at = chance.choice(servers).http
                try:
                    if in_doubt:
                        running = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO f.points%'"
                        if any(ask(each.http, running) != "0" for each in servers):
                            continue
                        counted = f"SELECT count() FROM f.points WHERE src = 'w' AND seq = {block}"
                        rows = int(ask(at, counted, select_sequential_consistency=1))
                        if rows not in (0, ROWS):
                            raise Failed(f"block {block} is there with {rows} of {ROWS} rows")
                        if rows:
                            found += 1
                            break
                    in_doubt = True
                    attempts += 1
                    rows = "\n".join(f"{row}\tw\t{block}\t2026-11-20" for row in range(ROWS))
                    ask(at, f"INSERT INTO f.points FORMAT TabSeparated\n{rows}", insert_quorum=2, insert_deduplicate=1)
                    break
                except (OSError, ValueError):
                    time.sleep(0.05)
    finally:
        over.set()
        killer.join()
    for server in servers:
        wait_until(
            "both replicas have all rows",
            lambda server=server: ask(server.http, "SELECT count() FROM f.points") == str(BLOCKS * ROWS),
            60,
        )
        wrong = ask(server.http, f"SELECT seq, count() FROM f.points GROUP BY seq HAVING count() != {ROWS}")
        equal("blocks that are not there once", wrong, "")
    print(
        f"the rules on two real replicas: {BLOCKS} blocks, {attempts} inserts, {kills[0]} kills, {found} found to be"
        " in without an answer; each block once on both"
    )
    for server in servers:
        server.process.stop()


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        a_server_in_place_of_the_child(work)
        with zookeeper(work) as (port, listed):
            the_ddl_against_a_keeper(work, port, listed)
            if OLD_SERVER.exists():
                the_rules_on_real_replicas(work, port)
            else:
                print("no clickhouse-server can be had here: the rules were not tried on real replicas")


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"interop/cluster: {error}")

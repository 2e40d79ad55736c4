"""Processes of a check: each on loopback with free ports, its log in a file, ended by its own id when the check ends."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

INTEROP = pathlib.Path(__file__).resolve().parent.parent
ROOT = INTEROP.parent
FIRN = pathlib.Path(os.environ.get("FIRN", ROOT / "firn"))
UNOBTAINABLE = 75  # exit code of a build script whose peer cannot be had on this machine


class Failed(Exception):
    """A check found something wrong; the text says what."""


def free_ports(number):
    """So many ports that nothing listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_until(what, ready, seconds=60, process=None):
    """Polls until `ready()` answers something true, and returns that."""
    end = time.monotonic() + seconds
    trouble = ""
    while time.monotonic() < end:
        try:
            answer = ready()
            if answer:
                return answer
        except (OSError, ValueError, KeyError, Failed) as error:
            trouble = f" (last: {error})"
        if process is not None and process.poll() is not None:
            raise Failed(f"{process.title} ended with {process.returncode} before {what}:\n{process.log_end()}")
        time.sleep(0.1)
    raise Failed(f"{what}: not within {seconds} s{trouble}" + (f"\n{process.log_end()}" if process is not None else ""))


def get(url, headers=None, timeout=30):
    """Body of an HTTP answer, as bytes."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=timeout) as answer:
        return answer.read()


def post_otlp(port, request, host="127.0.0.1"):
    """Sends one OTLP request as JSON, again while the answer says so; a refusal fails."""
    body = json.dumps(request).encode()
    for _ in range(50):
        try:
            asked = urllib.request.Request(
                f"http://{host}:{port}/v1/metrics", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                said = json.loads(answer.read() or b"{}")
            rejected = said.get("partialSuccess", {})
            if int(rejected.get("rejectedDataPoints", 0)):
                raise Failed(f"points were rejected: {rejected}")
            return
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503, 504):
                raise Failed(f"OTLP request refused with {error.code}: {error.read()[:500]!r}") from error
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise Failed(f"OTLP receiver on port {port} never took the request")


class Process(subprocess.Popen):
    """A child whose output is in `log`."""

    def __init__(self, title, command, log, **more):
        self.title = title
        self.log = pathlib.Path(log)
        self.log_file = self.log.open("wb")
        super().__init__(
            [str(part) for part in command],
            stdout=self.log_file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            **more,
        )

    def log_text(self):
        return self.log.read_text(errors="replace")

    def log_end(self, lines=25):
        return "\n".join(self.log_text().splitlines()[-lines:])

    def stop(self, seconds=60):
        """Asks it to end and waits; answers its exit code."""
        if self.poll() is None:
            self.send_signal(signal.SIGTERM)
            try:
                self.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                self.wait()
                raise Failed(f"{self.title} did not stop within {seconds} s:\n{self.log_end()}") from None
        self.log_file.close()
        return self.returncode

    def __exit__(self, *error):
        if self.poll() is None:
            self.kill()
            self.wait()
        self.log_file.close()


def obtained(folder, script="build"):
    """Path that a build script prints; None where its peer cannot be had."""
    ran = subprocess.run([INTEROP / folder / script], stdout=subprocess.PIPE, text=True)
    if ran.returncode == UNOBTAINABLE:
        return None
    if ran.returncode:
        raise Failed(f"interop/{folder}/{script} failed")
    return pathlib.Path(ran.stdout.strip())


def as_yaml(value, indent=0):
    """Mappings, lists and scalars in block style; a text is quoted as JSON quotes it, which YAML reads alike."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(f"{pad}{key}:{as_yaml(each, indent + 1)}" for key, each in value.items())
    if isinstance(value, (list, tuple)) and value:
        lines = []
        for each in value:
            text = as_yaml(each, indent + 1)
            lines.append(f"{pad}- {text.lstrip()}" if text.startswith("\n") else f"{pad}-{text}")
        return "\n" + "\n".join(lines)
    return f" {json.dumps(value, ensure_ascii=False)}"


def write_config(path, config):
    path.write_text(as_yaml(config).lstrip("\n") + "\n")
    return path


def collector(binary, config, log):
    """A stock Collector; its own metrics page is off, so that several can run."""
    config = {**config, "service": {**config["service"], "telemetry": {"metrics": {"level": "none"}}}}
    path = write_config(pathlib.Path(log).with_suffix(".yaml"), config)
    process = Process("the stock Collector", [binary, "--config", path], log)
    try:
        wait_until("the stock Collector is ready", lambda: "Everything is ready" in process.log_text(), 60, process)
    except Failed:
        process.kill()
        raise
    return process


def firn(config, log, data):
    """Firn with a configuration; the ports of its web page and its engine are its own."""
    web, engine, telemetry = free_ports(3)
    config = {
        **config,
        "web": {**config.get("web", {}), "endpoint": f"127.0.0.1:{web}"},
        "engine": {"endpoint": f"127.0.0.1:{engine}"},
    }
    service = dict(config["service"])
    service.setdefault(
        "telemetry",
        {"metrics": {"readers": [{"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": telemetry}}}}]}},
    )
    config["service"] = service
    path = write_config(pathlib.Path(log).with_suffix(".yaml"), config)
    process = Process("Firn", [FIRN, "serve", "--config", path, "--data", data], log)
    process.web, process.engine, process.telemetry, process.config = web, engine, telemetry, path
    try:
        wait_until("Firn is ready", lambda: get(f"http://127.0.0.1:{web}/ready", timeout=5) is not None, 120, process)
    except Failed:
        process.kill()
        raise
    return process


def run_firn(*arguments, **more):
    """A command of Firn, to its end."""
    return subprocess.run(
        [str(FIRN), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more
    )


def sql(process, question):
    """Rows of an answer of Firn's engine, as lists of texts."""
    body = question.encode() + b" FORMAT TabSeparated"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{process.engine}/?database=otel_metrics", body), timeout=60
        ) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        raise Failed(f"the engine refused {question!r}: {error.read()[:500]!r}") from error
    return [line.split("\t") for line in text.splitlines()]


os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")

"""The same requests through the same processors of the stock Collector and of Firn, each to a file; the outputs must be equal.

Usage: parity.py [--rewrite] [--collector BINARY] [--only REGEXP] [--no-firn]

With --rewrite, what the stock Collector writes becomes the golden output. Without, it must be the golden output still (where there is a
Collector), and Firn's output must be it.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import otlp
import peers
from cases import CASES, REFUSED
from inputs import INPUTS

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"


def configuration(cases, ports, folder):
    """One program with a pipeline a case: a receiver an input, a file a case."""
    config = {"receivers": {}, "processors": {}, "exporters": {}, "service": {"pipelines": {}}}
    for name in {case.input for case in cases}:
        config["receivers"][f"otlp/{name}"] = {"protocols": {"http": {"endpoint": f"127.0.0.1:{ports[name]}"}}}
    for case in cases:
        processors = []
        for key, settings in case.processors.items():
            kind, _, which = key.partition("/")
            name = f"{kind}/{case.name}" + (f".{which}" if which else "")
            config["processors"][name] = settings
            processors.append(name)
        config["exporters"][f"file/{case.name}"] = {
            "path": str(folder / f"{case.name}.jsonl"),
            "flush_interval": "100ms",
        }
        config["service"]["pipelines"][f"metrics/{case.name}"] = {
            "receivers": [f"otlp/{case.input}"],
            "processors": processors,
            "exporters": [f"file/{case.name}"],
        }
    return config


def outputs(cases, folder):
    """What the program wrote, by case."""
    found = {}
    for case in cases:
        path = folder / f"{case.name}.jsonl"
        found[case.name] = otlp.normal(otlp.read(path)) if path.exists() else []
    return found


def feed(cases, ports):
    for name in sorted({case.input for case in cases}):
        for request in INPUTS[name]:
            peers.post_otlp(ports[name], request)


def through_collector(binary, cases, work):
    folder = work / "collector"
    folder.mkdir()
    ports = dict(zip(INPUTS, peers.free_ports(len(INPUTS))))
    with peers.collector(binary, configuration(cases, ports, folder), work / "collector.log") as process:
        feed(cases, ports)
        process.stop()  # on its way out it flushes what its batches and files hold
    return outputs(cases, folder)


def through_firn(cases, work):
    """Answers the outputs, and what Firn says of the cases that it does not take."""
    names = {case.name for case in cases}
    refused = {}
    for attempt in range(10):
        folder = work / f"firn{attempt}"
        folder.mkdir()
        left = [case for case in cases if case.name not in refused]
        if not left:
            return {}, refused
        ports = dict(zip(INPUTS, peers.free_ports(len(INPUTS))))
        config = configuration(left, ports, folder)
        checked = peers.run_firn("check", peers.write_config(work / f"check{attempt}.yaml", config))
        said = checked.stdout
        if checked.returncode == 0:
            try:
                with peers.firn(config, work / f"firn{attempt}.log", work / "data") as process:
                    feed(left, ports)
                    process.stop()
                return outputs(left, folder), refused
            except peers.Failed as failure:  # it may have seen what the check did not
                said = str(failure)
        more = {}
        for line in said.splitlines():
            if ": processors." in line:
                more.update(
                    {
                        word: line
                        for word in re.findall(r"processors\.[a-z_]+/([A-Za-z_0-9]+)", line)
                        if word in names and word not in refused
                    }
                )
        if not more:
            raise peers.Failed(f"Firn does not take the configuration:\n{said[-3000:]}")
        if checked.returncode == 0:
            print(f"firn check says nothing of what firn serve refuses: {sorted(more)}")
        refused.update(more)
    raise peers.Failed(f"Firn still refuses: {refused}")


def refused_configuration():
    """Each wrong statement in a processor of its own."""
    names = {
        f"transform/{name}": {"metric_statements": [{"context": "datapoint", "statements": [statement]}]}
        for name, statement in REFUSED.items()
    }
    return {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:0"}}}},
        "processors": names,
        "exporters": {"debug": {}},
        "service": {
            "pipelines": {"metrics": {"receivers": ["otlp"], "processors": list(names), "exporters": ["debug"]}}
        },
    }


def compare_refused(title, said):
    """Every wrong statement must be named in what the program says."""
    taken = [name for name in REFUSED if not re.search(rf"transform/{name}\b", said)]
    for name in taken:
        print(f"{title} takes {name}: {REFUSED[name]}")
    print(f"{title}: refuses {len(REFUSED) - len(taken)} of {len(REFUSED)} wrong statements")
    return len(taken)


def difference(expected, found):
    """The first lines that only one side has."""
    only = [f"  - {line}" for line in expected if line not in found][:4] + [
        f"  + {line}" for line in found if line not in expected
    ][:4]
    counted = f"  {len(expected)} points expected, {len(found)} found"
    return "\n".join([counted, *only])


def golden(case):
    return otlp.untree((GOLDEN / f"{case.name}.txt").read_text())


def rewrite(cases, found):
    (GOLDEN / "inputs").mkdir(parents=True, exist_ok=True)
    for old in [*GOLDEN.glob("*.txt"), *GOLDEN.glob("*.yaml"), *GOLDEN.glob("inputs/*")]:
        old.unlink()
    for name, requests in INPUTS.items():
        (GOLDEN / "inputs" / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in requests))
    for case in cases:
        peers.write_config(
            GOLDEN / f"{case.name}.yaml",
            {"input": case.input, "merged": case.merged, "processors": case.processors, "order": list(case.processors)},
        )
        (GOLDEN / f"{case.name}.txt").write_text(otlp.tree(found[case.name]))


def compare(title, cases, found, refused=()):
    wrong = passed = 0
    for case in cases:
        if case.name in refused:
            allowed = case.refusable and "not supported" in refused[case.name]
            print(f"{title} refuses {case.name}{' (as it may)' if allowed else ''}: {refused[case.name]}")
            wrong += not allowed
            continue
        expected = golden(case)
        got = found[case.name]
        if case.merged:
            expected, got = otlp.merged(expected), otlp.merged(got) if title != "Firn" else got
        if case.meant and title == "Firn":
            print(
                f"Firn differs in {case.name}, as meant: {case.meant}"
                if expected != got
                else f"Firn no longer differs in {case.name}; take the reason out of cases.py"
            )
            wrong += expected == got
            continue
        if expected != got:
            print(f"{title} differs in {case.name}:\n{difference(expected, got)}")
            wrong += 1
        else:
            passed += 1
    print(f"{title}: {passed} of {len(cases)} pipelines give the golden output")
    return wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rewrite", action="store_true")
    arguments.add_argument("--collector")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--no-firn", action="store_true")
    arguments.add_argument("--keep", action="store_true")
    asked = arguments.parse_args()
    cases = [case for case in CASES if re.search(asked.only, case.name)]
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-parity."))
    wrong = 0
    try:
        if asked.collector:
            found = through_collector(asked.collector, cases, work)
            if asked.rewrite:
                rewrite(cases, found)
                print(f"wrote {len(cases)} golden outputs")
            wrong += compare("the stock Collector", cases, found)
            path = peers.write_config(work / "refused.yaml", refused_configuration())
            ran = subprocess.run(
                [asked.collector, "validate", "--config", path],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            wrong += compare_refused("the stock Collector", ran.stdout)
        if not asked.no_firn:
            wrong += compare("Firn", cases, *through_firn(cases, work))
            wrong += compare_refused(
                "Firn",
                peers.run_firn("check", peers.write_config(work / "refused.yaml", refused_configuration())).stdout,
            )
    finally:
        if asked.keep:
            print(f"kept {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"parity: {failure}")

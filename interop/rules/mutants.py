"""Tests of rules in promtool and in `firn rules test`: each of tests.yml, each with a mistake in it or in the rules, and Prometheus' own
published ones. Both must say the same of every file.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE.parent.parent / "config" / "prometheus-rules.yml"
# published files that a Prometheus runs with flags of its own
FLAGGED = {"experimental-functions-test.yml"}


def cases():
    """Each test of tests.yml by itself."""
    head, *tests = re.split(r"(?m)^  - name: ", (HERE / "tests.yml").read_text())
    return head, ["  - name: " + test for test in tests]


def changed(text, pattern, change):
    """The text with one match changed, for each match."""
    for match in re.finditer(pattern, text):
        yield text[: match.start()] + change(match) + text[match.end() :]


def mutants():
    head, tests = cases()
    for test in tests:
        yield head + test, None
        yield from ((head + one, None) for one in changed(test, r"(?<= value: )\d+", lambda m: str(int(m[0]) + 1)))
        yield from ((head + one, None) for one in changed(test, r"(?<=eval_time: )\d+m", lambda m: "1m"))
    rules = RULES.read_text()
    for pattern, change in (
        (r"(?<=for: )\d+[mh]", lambda m: "5h"),
        (r" == 0(?=\n)", lambda m: " == 1"),
        (r"(?<= )> (?=[\d.]+\n)", lambda m: "< "),
        (r"(?<=alert: )\w+", lambda m: m[0] + "X"),
        (r"(?<=expr: )(?=\w)", lambda m: "sum("),
        (r"\$labels(?=\.)", lambda m: "$label"),
        (r"\| humanize(?=\b)", lambda m: "| humanise"),
    ):
        for match in re.finditer(pattern, rules):
            alert = re.findall(r"alert: (\w+)", rules[: match.end()])[-1]
            own = [test for test in tests if test.startswith(f"  - name: {alert} ")]
            yield head + "".join(own), rules[: match.start()] + change(match) + rules[match.end() :]


def write(folder):
    files = []
    for number, (tests, rules) in enumerate(mutants()):
        rules_file = RULES
        if rules is not None:
            rules_file = folder / f"rules{number}.yml"
            rules_file.write_text(rules)
        file = folder / f"test{number}.yml"
        file.write_text(tests.replace("../../config/prometheus-rules.yml", str(rules_file)))
        files.append(str(file))
    return files


def verdicts(command, files):
    run = subprocess.run(command + files, capture_output=True, text=True, timeout=600)
    said = {}
    for part in run.stdout.split("Processing test file: ")[1:]:
        name, _, rest = part.partition("\n")
        said[name.strip()] = rest.startswith("  SUCCESS")
    if set(said) != set(files):
        raise peers.Failed(f"{command[0]} said nothing of {set(files) - set(said)}: {run.stderr[-500:]}")
    if (run.returncode == 0) != all(said.values()):
        raise peers.Failed(f"{command[0]} ended with {run.returncode}")
    return said


def published(promtool):
    """In Go's cache of modules, where the tools were built from it."""
    go = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=False)
    version = re.search(r"prometheus-(v[\d.]+)", promtool)
    if go.returncode or not version:
        return []
    folder = pathlib.Path(go.stdout.strip()) / f"github.com/prometheus/prometheus@{version[1]}" / "cmd/promtool/testdata"
    return sorted(
        str(file)
        for file in folder.glob("*.yml")
        if file.name not in FLAGGED and re.search(r"(?m)^tests:", file.read_text())
    )


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--promtool", required=True)
    arguments.add_argument("--firn", required=True)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="firn-mutants.") as folder:
        made = write(pathlib.Path(folder))
        for what, files in (("cases and mutants of the shipped rules", made), ("published tests", published(asked.promtool))):
            if not files:
                print(f"  {what}: none here")
                continue
            theirs = verdicts([asked.promtool, "test", "rules"], files)
            ours = verdicts([asked.firn, "rules", "test"], files)
            other = [name for name in files if theirs[name] != ours[name]]
            for name in other:
                print(f"{name}: promtool {theirs[name]}, firn {ours[name]}\n{pathlib.Path(name).read_text()[-2000:]}")
            if other:
                raise peers.Failed(f"{len(other)} of {len(files)} {what} came out otherwise")
            good = sum(theirs.values())
            print(f"  {what}: {len(files)}, of which {good} pass and {len(files) - good} fail in both")


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    try:
        main()
    except (peers.Failed, subprocess.TimeoutExpired) as failure:
        sys.exit(f"rules: {failure}")

"""The same points through the stock Collector's prometheus exporter and through Firn's: the pages, family by family.

Usage: pages.py [--rewrite] [--collector BINARY] [--no-firn]

Differences that are meant stand in DIFFERENCES with the words of docs/reference/prometheus.md that explain them; any other fails.
"""

import argparse
import dataclasses
import difflib
import json
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))
import peers
from inputs import INPUTS

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden" / "pages"
DOCUMENT = peers.ROOT / "docs" / "reference" / "prometheus.md"

TEXT = "text/plain;version=0.0.4"
UTF8 = "text/plain;version=1.0.0;escaping=allow-utf-8"
OPEN_METRICS = "application/openmetrics-text;version=1.0.0"


@dataclasses.dataclass(frozen=True)
class Page:
    name: str
    input: str
    exporter: dict
    accept: str = TEXT


PAGES = [
    Page("mixed", "mixed_twice", {}),
    Page("mixed_open_metrics", "mixed_twice", {"enable_open_metrics": True}, OPEN_METRICS),
    Page("mixed_open_metrics_off", "mixed_twice", {}, OPEN_METRICS),
    Page("timestamps", "mixed_twice", {"send_timestamps": True}),
    Page("namespace_and_labels", "mixed_twice", {"namespace": "otel", "const_labels": {"region": "here", "zone": "z"}}),
    Page("resource_labels", "mixed_twice", {"resource_constant_labels": {"included": ["*"]}}),
    Page(
        "some_resource_labels",
        "mixed_twice",
        {"resource_constant_labels": {"included": ["service.*", "host*"], "excluded": ["service.instance.id"]}},
    ),
    Page("resource_labels_old", "mixed_twice", {"resource_to_telemetry_conversion": {"enabled": True}}),
    Page("no_suffixes", "mixed_twice", {"add_metric_suffixes": False}),
    Page("no_scope", "mixed_twice", {"without_scope_info": True}),
    Page("deltas", "delta", {}),
    Page("cumulatives", "cumulative", {}),
    Page("awkward", "awkward", {}),
    Page("awkward_open_metrics", "awkward", {"enable_open_metrics": True}, OPEN_METRICS),
    Page("awkward_without_suffixes", "awkward", {"translation_strategy": "UnderscoreEscapingWithoutSuffixes"}),
    Page("awkward_utf8", "awkward", {"translation_strategy": "NoUTF8EscapingWithSuffixes"}, UTF8),
    Page("awkward_utf8_escaped", "awkward", {"translation_strategy": "NoUTF8EscapingWithSuffixes"}),
    Page("awkward_untranslated", "awkward", {"translation_strategy": "NoTranslation"}, UTF8),
]

# Where the rules leave one of several to be taken, the Collector takes another one each time: page, family as regular expressions.
ARBITRARY = [
    ("awkward.*", "target_info"),  # two resources of one job and instance
    ("awkward.*", "typed(_total)?"),  # a counter and a gauge that want one name
    ("awkward.*", "shared(_seconds)?"),  # two descriptions
]

# Lines that say nothing to Prometheus, or that only one of the two writes, on all pages; each with the words of
# docs/reference/prometheus.md that explain it.
RULES = [
    (
        "labels without value are left out",
        lambda line: re.sub(r'(?<=[{ ])[^ {=]+=""(, )?', "", line).replace(", }", "}"),
    ),
    ("HELP without text is left out", lambda line: None if line.strip() == "# HELP" else line),
    ("OpenMetrics has `_created` and UNIT", lambda line: None if line.startswith("# UNIT") else line),
    ("OpenMetrics has `_created` and UNIT", lambda line: None if re.match(r"[^{ ]*_created[{ ]", line) else line),
]

# (page, family, words in docs/reference/prometheus.md), the first two as regular expressions.
DIFFERENCES = [
    (
        ".*",
        "(otel_)?target_info",
        "`target_info` for a resource with a job or an instance",
    ),  # also of resources without service.instance.id
    (".*_open_metrics", "target(_info)?", "`target_info` is an info"),  # an info family there
    (
        "no_suffixes",
        ".*",
        "`add_metric_suffixes: false` is honoured",
    ),  # this release of the Collector no longer looks at add_metric_suffixes
    (
        "awkward.*",
        "labels[._](collide|reserved)",
        "keys that become one label are joined",
    ),  # the Collector leaves the metric out
    ("awkward.*", "labels[._](underscores|unicode)", "`__reserved__` becomes `key_reserved_`"),
    ("awkward.*", "no[._]sum", "histogram without sum has no `_sum`"),
    (
        "deltas",
        "gap_total|late_total|bins_change",
        "exponential histograms are added up",
    ),  # the Collector starts anew after a pause
    (
        "mixed_open_metrics",
        "http_server_request_duration_seconds",
        "exemplars have filtered attributes",
    ),  # with their filtered attributes
    (
        "deltas",
        "scales",
        "exponential histograms are added up",
    ),  # the Collector cannot add up exponential histograms of two scales
]

SAMPLE = re.compile(
    r'^(?P<name>[^{\s]*)(?:\{(?P<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+(?P<value>\S+)(?:\s+(?P<time>[0-9][0-9.e+]*))?(?:\s+#\s+(?P<exemplar>\{.*))?$'
)
LABEL = re.compile(r'(?P<key>"(?:[^"\\]|\\.)*"|[^,{}"=\s]+)(?:=(?P<value>"(?:[^"\\]|\\.)*"))?')


def number(text):
    value = float(text)
    return "NaN" if value != value else repr(value)


def labels(text):
    """Sorted pairs (one name may come twice: the Collector does that); a quoted word without a value is the metric's name."""
    found, name = [], None
    for each in LABEL.finditer(text or ""):
        key = json.loads(each["key"]) if each["key"].startswith('"') else each["key"]
        if each["value"] is None:
            name = key
            continue
        found.append((key, json.loads(each["value"])))
    return name, sorted(found)


def braced(pairs):
    return "{" + ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in pairs) + "}"


def sample(line):
    parsed = SAMPLE.match(line)
    if not parsed:
        raise peers.Failed(f"no sample: {line!r}")
    quoted, known = labels(parsed["labels"])
    said = [(quoted or parsed["name"]) + braced(known), number(parsed["value"])]
    if parsed["time"]:
        said.append("at " + number(parsed["time"]))
    if parsed["exemplar"]:
        end = parsed["exemplar"].index("}")
        said.append(
            "exemplar "
            + braced(labels(parsed["exemplar"][1:end])[1])
            + " "
            + " ".join(number(each) for each in parsed["exemplar"][end + 1 :].split())
        )
    return " ".join(said)


def families(page):
    """Sorted lines by family; comments come first."""
    found, current = {}, "?"
    for line in page.splitlines():
        if line.startswith("# EOF") or not line:
            continue
        if line.startswith("# "):
            _, word, name, said = (line.split(" ", 3) + [""])[:4]
            current = json.loads(name) if name.startswith('"') else name
            lines = found.setdefault(current, [])
            lines.append(f"# {word} {said}")
        else:
            found.setdefault(current, []).append(sample(line))
    return {name: sorted(lines) for name, lines in sorted(found.items())}


def as_text(found):
    return "".join(f"== {name}\n" + "".join(f"{line}\n" for line in lines) for name, lines in found.items())


def from_text(text):
    found, lines = {}, []
    for line in text.splitlines():
        if line.startswith("== "):
            lines = found.setdefault(line[3:], [])
        else:
            lines.append(line)
    return found


def configuration(otlp_ports, page_ports):
    used = {page.input for page in PAGES}
    return {
        "receivers": {
            f"otlp/{name}": {"protocols": {"http": {"endpoint": f"127.0.0.1:{otlp_ports[name]}"}}} for name in used
        },
        "exporters": {
            f"prometheus/{page.name}": {"endpoint": f"127.0.0.1:{page_ports[page.name]}", **page.exporter}
            for page in PAGES
        },
        "service": {
            "pipelines": {
                f"metrics/{page.name}": {"receivers": [f"otlp/{page.input}"], "exporters": [f"prometheus/{page.name}"]}
                for page in PAGES
            }
        },
    }


def pages_of(start, work):
    """Every page as the program that `start` starts serves it."""
    used = sorted({page.input for page in PAGES})
    ports = peers.free_ports(len(used) + len(PAGES))
    otlp_ports, page_ports = dict(zip(used, ports)), dict(zip((page.name for page in PAGES), ports[len(used) :]))
    with start(configuration(otlp_ports, page_ports)) as process:
        for name in used:
            for request in INPUTS[name]:
                peers.post_otlp(otlp_ports[name], request)
        found = {}
        for page in PAGES:
            url = f"http://127.0.0.1:{page_ports[page.name]}/metrics"
            peers.wait_until(url, lambda: b"# TYPE" in peers.get(url, {"Accept": page.accept}), 20, process)
            found[page.name] = families(peers.get(url, {"Accept": page.accept}).decode())
        process.stop()
    return found


def explained(page, family):
    return next(
        (words for on, about, words in DIFFERENCES if re.fullmatch(on, page) and re.fullmatch(about, family)), None
    )


def ruled(lines):
    """The lines without what RULES take away."""
    for _, rule in RULES:
        lines = sorted(kept for kept in map(rule, lines) if kept is not None)
    return lines


def compare(title, found, strict):
    """Prints what differs from the golden pages; answers how many differences nobody explained."""
    document = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    wrong = same = 0
    meant = set() if strict else {words for words, _ in RULES}
    for words in sorted(meant):
        if words not in document:
            print(f"{DOCUMENT.name} does not explain {words!r}")
            wrong += 1
    for page in PAGES:
        expected = from_text((GOLDEN / f"{page.name}.txt").read_text())
        for family in sorted(expected.keys() | found[page.name].keys()):
            before, after = expected.get(family, []), found[page.name].get(family, [])
            if before == after or any(
                re.fullmatch(on, page.name) and re.fullmatch(about, family) for on, about in ARBITRARY
            ):
                same += 1
                continue
            if not strict:
                before, after = ruled(before), ruled(after)
                if before == after:
                    same += 1
                    continue
            words = None if strict else explained(page.name, family)
            if words is not None:
                if words not in document and words not in meant:
                    print(f"{DOCUMENT.name} does not explain {words!r}")
                    wrong += 1
                meant.add(words)
                continue
            wrong += 1
            print(f"{title}, page {page.name}, family {family}:")
            print(
                "\n".join(
                    "  " + line
                    for line in list(difflib.unified_diff(before, after, "the Collector's", "found", lineterm="", n=0))[
                        2:14
                    ]
                )
            )
    print(
        f"{title}: {same} families on {len(PAGES)} pages are the Collector's, {wrong} differ unexplained; explained: {sorted(meant)}"
    )
    return wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rewrite", action="store_true")
    arguments.add_argument("--collector")
    arguments.add_argument("--no-firn", action="store_true")
    asked = arguments.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="firn-pages."))
    wrong = 0
    try:
        if asked.collector:
            found = pages_of(lambda config: peers.collector(asked.collector, config, work / "collector.log"), work)
            if asked.rewrite:
                shutil.rmtree(GOLDEN, ignore_errors=True)
                GOLDEN.mkdir(parents=True)
                for page in PAGES:
                    (GOLDEN / f"{page.name}.txt").write_text(as_text(found[page.name]))
            wrong += compare("the stock Collector", found, strict=True)
        if not asked.no_firn:
            wrong += compare(
                "Firn",
                pages_of(lambda config: peers.firn(config, work / "firn.log", work / "data"), work),
                strict=False,
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    try:
        main()
    except peers.Failed as failure:
        sys.exit(f"pages: {failure}")

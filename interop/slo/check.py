"""promtool checks and runs the rules of `firn slo export`; the minutes in which alerts change must be those of Firn's own decisions.

Usage: check.py --promtool BINARY --firn LAUNCHER

Firn's minutes are those of the property that its tests check (AlertDecision: both windows burn faster than the factor), worked out here
anew from the events: three clean days, then a fault for some hours, then clean again.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

DAY = 1440
CLEAN = 3 * DAY
RATE = 1_000_000  # events a minute
BUDGET = 0.001
PAIRS = {"page": [(5, 60, 14.4), (30, 360, 6)], "ticket": [(120, 1440, 3), (360, 4320, 1)]}
FAULTS = {1000: 12, 100: 60, 20: 260, 14: 260, 8: 560, 4: 1120}  # burn: its minutes
AFTER = 380  # six hours, the longest of the short windows, and some

DEFINITION = """---
apiVersion: openslo/v1
kind: SLO
metadata: {{name: burn-{burn}}}
spec:
  service: interop
  indicator:
    spec:
      ratioMetric:
        counter: true
        bad: {{metricSource: {{type: Firn, spec: {{where: [{{attribute: code, matches: "5.."}}]}}}}}}
        total: {{metricSource: {{type: Firn, spec: {{metric: requests_total, where: [{{attribute: burn, equals: "{burn}"}}]}}}}}}
  timeWindow: [{{duration: 30d, isRolling: true}}]
  budgetingMethod: Occurrences
  objectives: [{{targetPercent: 99.9}}]
"""


def alert_minutes(burn, severity):
    """Minutes of the fault's clock at which the alert fires, from the events alone."""
    lasted = FAULTS[burn]

    def rate(now, window):
        bad = max(0, min(now, lasted) - max(0, now - window))
        return burn * bad / window

    return [
        now
        for now in range(1, lasted + AFTER)
        if any(rate(now, short) > factor and rate(now, long) > factor for short, long, factor in PAIRS[severity])
    ]


def edges(minutes):
    """First and last of a run of minutes."""
    return (minutes[0], minutes[-1]) if minutes else None


def series(burn):
    lasted = FAULTS[burn]
    bad = RATE * BUDGET * burn
    good = RATE - bad
    # a sample at minute 0 is the baseline; the first events are in that of minute 1
    return [
        (f'requests_total{{burn="{burn}",code="200"}}', f"0+{RATE}x{CLEAN} {RATE * CLEAN + good:.0f}+{good:.0f}x{lasted - 1}"
         f" {RATE * CLEAN + good * lasted + RATE:.0f}+{RATE}x{AFTER}"),
        (f'requests_total{{burn="{burn}",code="503"}}', f"0+0x{CLEAN} {bad:.0f}+{bad:.0f}x{lasted - 1} {bad * lasted:.0f}+0x{AFTER}"),
    ]


def scenario(rules, burn):
    """Asks promtool whether the alerts are there one evaluation inside and outside of Firn's minutes."""
    lines = [f"rule_files: [{rules}]", "evaluation_interval: 1m", "tests:", "  - interval: 1m", "    input_series:"]
    for name, values in series(burn):
        lines += [f"      - series: '{name}'", f"        values: '{values}'"]
    lines.append("    promql_expr_test:")
    for severity in PAIRS:
        span = edges(alert_minutes(burn, severity))
        probes = {0: 0}
        if span:
            first, last = span
            probes = {first - 2: 0, first + 1: 1, last - 1: 1, last + 2: 0}
        else:
            probes = {minute: 0 for minute in range(0, FAULTS[burn], 30)}
        for minute, there in probes.items():
            if minute < 0:
                continue
            count = f'count(ALERTS{{sloth_id="burn-{burn}",sloth_severity="{severity}",alertstate="firing"}}) or vector(0)'
            lines += [f"      - expr: '{count}'", f"        eval_time: {CLEAN + minute}m", "        exp_samples:",
                      "          - labels: '{}'", f"            value: {there}"]
    return "\n".join(lines) + "\n"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--promtool", required=True)
    arguments.add_argument("--firn", required=True)
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for burn in FAULTS:
            (folder / f"{burn}.yaml").write_text(DEFINITION.format(burn=burn))
            rules = folder / f"rules-{burn}.yml"
            exported = subprocess.run([arguments.firn, "slo", "export", "--to", "prometheus", folder / f"{burn}.yaml"],
                                      check=True, capture_output=True, text=True).stdout
            # thirty days' ratio takes part in no alert, and most of the time
            rules.write_text(re.sub(r"  - record: slo:sli_error:ratio_rate30d\n(?:    .*\n|\n)*?(?=  - record|- name)", "", exported))
            full = folder / f"full-{burn}.yml"
            full.write_text(exported)
            subprocess.run([arguments.promtool, "check", "rules", full], check=True, stdout=subprocess.DEVNULL)
            test = folder / f"test-{burn}.yml"
            test.write_text(scenario(rules, burn))
            subprocess.run([arguments.promtool, "test", "rules", test], check=True)
            print(f"burn {burn}: page {edges(alert_minutes(burn, 'page'))}, ticket {edges(alert_minutes(burn, 'ticket'))} minutes after the"
                  " fault began, within one evaluation")
    print("interop/slo: ok")


if __name__ == "__main__":
    sys.exit(main())

"""Random PromQL over the series of `check.py`, from a seed."""

COUNTERS = ["c0_total", "c1_total"]
GAUGES = ["g0", "g1"]
BUCKETS = ["h0_bucket"]
NATIVE = ["n0"]
LABELS = ["job", "instance", "a", "b"]
VALUES = {"job": ["shop", "cart"], "instance": ["i0", "i1"], "a": ["x", "y", "z"], "b": ["1", "2"]}
OVER = "avg min max sum count last first stddev stdvar present mad".split()
MATH = "abs ceil floor exp sqrt ln log2 log10 sgn sin cos".split()
AGGREGATIONS = "sum avg min max count group stddev stdvar".split()
RANGES = ["30s", "1m", "2m", "5m", "7m30s", "20m"]


class Queries:
    def __init__(self, random, start, end):
        self.random = random
        self.start, self.end = start, end

    def one(self):
        return self.vector(3)

    def matchers(self):
        found = []
        for label in self.random.sample(LABELS, self.random.choice([0, 0, 1, 1, 2])):
            value = self.random.choice(VALUES[label])
            form = self.random.choice(["{}='{}'", "{}!='{}'", "{}=~'{}|none'", "{}!~'{}.*'"])
            found.append(form.format(label, value))
        return "{" + ",".join(found) + "}" if found else ""

    def when(self):
        kind = self.random.random()
        if kind < 0.12:
            return f" offset {self.random.choice(['1m', '90s', '-30s', '10m'])}"
        if kind < 0.18:
            at = self.random.choice(["start()", "end()", str(self.random.randint(self.start, self.end))])
            return f" @ {at}"
        return ""

    def selector(self, names):
        return self.random.choice(names) + self.matchers()

    def ranged(self, names):
        return f"{self.selector(names)}[{self.random.choice(RANGES)}]" + self.when()

    def instant(self):
        return self.selector(COUNTERS + GAUGES + BUCKETS) + self.when()

    def grouping(self):
        labels = ", ".join(self.random.sample(LABELS, self.random.randint(0, 3)))
        return self.random.choice(["", f" by ({labels})", f" without ({labels})"])

    def vector(self, depth):
        kinds = [self.instant, self.rate, self.over, self.quantile, self.native]
        if depth > 0:
            kinds += [lambda: self.aggregate(depth), lambda: self.binary(depth), lambda: self.call(depth)] * 2
            kinds += [lambda: self.subquery(depth)]
        return self.random.choice(kinds)()

    def rate(self):
        name = self.random.choice(["rate", "increase", "irate", "resets", "changes", "delta", "idelta", "deriv"])
        names = GAUGES if name in ("delta", "idelta", "deriv") else COUNTERS + BUCKETS
        return f"{name}({self.ranged(names)})"

    def over(self):
        kind = self.random.random()
        if kind < 0.1:
            return f"quantile_over_time({self.random.choice([0, 0.3, 0.9, 1.5])}, {self.ranged(GAUGES)})"
        if kind < 0.2:
            return f"predict_linear({self.ranged(GAUGES)}, {self.random.choice([-60, 300])})"
        if kind < 0.25:
            return f"absent_over_time({self.ranged(GAUGES + ['missing'])})"
        return f"{self.random.choice(OVER)}_over_time({self.ranged(COUNTERS + GAUGES)})"

    def quantile(self):
        inner = f"rate({self.ranged(BUCKETS)})"
        if self.random.random() < 0.6:
            labels = ", ".join(["le"] + self.random.sample(LABELS, self.random.randint(0, 2)))
            inner = f"sum by ({labels}) ({inner})"
        if self.random.random() < 0.2:
            return f"histogram_fraction(0.1, 1.5, {inner})"
        return f"histogram_quantile({self.random.choice([0, 0.1, 0.5, 0.95, 1])}, {inner})"

    def native(self):
        inner = self.random.choice(
            [
                lambda: self.selector(NATIVE) + self.when(),
                lambda: f"rate({self.ranged(NATIVE)})",
                lambda: f"increase({self.ranged(NATIVE)})",
                lambda: f"sum{self.grouping()} (rate({self.ranged(NATIVE)}))",
                lambda: f"avg{self.grouping()} ({self.selector(NATIVE)})",
                lambda: f"sum_over_time({self.ranged(NATIVE)})",
                lambda: f"{self.selector(NATIVE)} * 2",
            ]
        )()
        kind = self.random.random()
        if kind < 0.25:
            return inner
        if kind < 0.5:
            return f"histogram_quantile({self.random.choice([0, 0.2, 0.5, 0.99])}, {inner})"
        if kind < 0.6:
            return f"histogram_fraction(0, 2, {inner})"
        return f"histogram_{self.random.choice(['count', 'sum', 'avg', 'stddev', 'stdvar'])}({inner})"

    def aggregate(self, depth):
        inner = self.vector(depth - 1)
        kind = self.random.random()
        if kind < 0.08:
            return f"quantile{self.grouping()} ({self.random.choice([0.1, 0.5, 2])}, {inner})"
        if kind < 0.16:
            # It makes labels of values, which must have every digit alike: whole numbers only.
            return f"count_values{self.grouping()} ('v', c0_total{self.matchers()})"
        if kind < 0.26:
            # Among equal values topk may choose any: distinct ones only.
            return f"{self.random.choice(['topk', 'bottomk'])} (2, g0{self.matchers()})"
        return f"{self.random.choice(AGGREGATIONS)}{self.grouping()} ({inner})"

    def binary(self, depth):
        left = self.vector(depth - 1)
        if self.random.random() < 0.4:
            number = self.random.choice(["2", "0.5", "-1", "1e3", "0"])
            operator = self.random.choice(["+", "-", "*", "/", "%", "^", ">", "<=", "== bool", "!=", "> bool"])
            return f"({left} {operator} {number})"
        right = self.vector(depth - 1)
        operator = self.random.choice(["+", "-", "*", "/", "<", ">= bool", "and", "or", "unless"])
        if operator in ("and", "or", "unless"):
            on = self.random.choice(["", f" on ({self.random.choice(LABELS)})", f" ignoring ({self.random.choice(LABELS)})"])
            return f"({left} {operator}{on} {right})"
        on = self.random.choice(["", "", f" on ({', '.join(LABELS)})", " ignoring (le)"])
        return f"({left} {operator}{on} {right})"

    def call(self, depth):
        inner = self.vector(depth - 1)
        kind = self.random.random()
        if kind < 0.15:
            return f"clamp_max({inner}, {self.random.choice([1, 100])})"
        if kind < 0.25:
            return f"round({inner}, 0.5)"
        if kind < 0.35:
            return f"label_replace({inner}, 'c', '$1', 'a', '(.*)')"
        if kind < 0.42:
            return f"label_join({inner}, 'c', '-', 'a', 'b')"
        if kind < 0.5:
            return f"timestamp({self.instant()})"
        if kind < 0.56:
            return f"absent({inner})"
        if kind < 0.62:
            return f"-{inner}"
        if kind < 0.68:
            return f"scalar({inner}) + {inner}"
        return f"{self.random.choice(MATH)}({inner})"

    def subquery(self, depth):
        inner = self.vector(depth - 1)
        step = self.random.choice(["", "30s", "1m"])
        return f"{self.random.choice(OVER[:6])}_over_time(({inner})[5m:{step}])"

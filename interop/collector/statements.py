"""OTTL in `transform`: every function, the grammar, and what goes wrong; and the statements that neither program may take."""

from table import case, flat, transform

# --- transform: functions -------------------------------------------------------------------------------------------------
transform(
    "set_literals",
    "datapoint",
    'set(attributes["text"], "a \\"quoted\\" \\\\ text\\twith tab")',
    'set(attributes["int"], -42)',
    'set(attributes["float"], 1.5)',
    'set(attributes["float.short"], .25)',
    'set(attributes["yes"], true)',
    'set(attributes["no"], false)',
    'set(attributes["bytes"], 0x0aff)',
)
transform(
    "set_list_and_map",
    "datapoint",
    'set(attributes["list"], ["a", 1, 2.5, true])',
    'set(attributes["map"], {"a": 1, "b": {"c": "d"}})',
    'set(attributes["nothing"], [])',
    'set(attributes["no map"], {})',
)
transform(
    "set_nil_is_nothing", "datapoint", 'set(attributes["a"], nil)', 'set(attributes["payment"], attributes["absent"])'
)
transform(
    "set_from_resource",
    "datapoint",
    'set(attributes["service"], resource.attributes["service.name"])',
    'set(attributes["pid"], resource.attributes["process.pid"])',
    'set(attributes["zones"], resource.attributes["zones"])',
    'set(attributes["owner"], resource.attributes["owner"])',
    'set(attributes["token"], resource.attributes["token"])',
)
transform(
    "set_from_scope_and_metric",
    "datapoint",
    'set(attributes["scope"], instrumentation_scope.name)',
    'set(attributes["scope.version"], instrumentation_scope.version)',
    'set(attributes["level"], instrumentation_scope.attributes["library.level"])',
    'set(attributes["metric"], metric.name)',
    'set(attributes["unit"], metric.unit)',
    'set(attributes["description"], metric.description)',
    'set(attributes["type"], metric.type)',
    'set(attributes["temporality"], metric.aggregation_temporality)',
    'set(attributes["monotonic"], metric.is_monotonic)',
)
transform(
    "set_resource",
    "resource",
    'set(attributes["cluster_id"], "c-1")',
    'set(attributes["environment"], "staging") where attributes["environment"] == "dev"',
    'set(attributes["copy"], attributes["service.name"])',
)
transform("set_resource_schema_url", "resource", 'set(schema_url, "https://opentelemetry.io/schemas/1.30.0")')
transform(
    "set_scope",
    "scope",
    'set(name, "renamed")',
    'set(version, Concat([version, "x"], "-"))',
    'set(attributes["added"], true)',
)
transform("set_scope_where", "scope", 'set(attributes["kind"], "http") where name == "shop.http" and version != ""')
transform(
    "set_metric_name_unit_description",
    "metric",
    'set(name, Concat(["my", name], "."))',
    'set(description, "d") where description == ""',
    'set(unit, "seconds") where unit == "s"',
)
transform(
    "set_whole_attributes",
    "datapoint",
    'set(attributes, {"only": "this", "one": 1}) where metric.name == "orders.value"',
)
transform("delete_key", "datapoint", 'delete_key(attributes, "user_email")', 'delete_key(attributes, "absent")')
transform(
    "delete_key_resource", "resource", 'delete_key(attributes, "host.name")', 'delete_key(attributes, "process.pid")'
)
transform(
    "delete_matching_keys",
    "datapoint",
    'delete_matching_keys(attributes, "^user_.*")',
    'delete_matching_keys(attributes, "class$")',
)
transform(
    "keep_keys",
    "datapoint",
    'keep_keys(attributes, ["payment", "http.route", "pool", "cpu", "queue", "rpc.method", "exporter", "http.request.method", "http.response.status_code"])',
)
transform("keep_keys_resource", "resource", 'keep_keys(attributes, ["service.name", "environment"])')
# Which of the others stay depends on the order in which attributes were sent, which says nothing in OTLP: Firn keeps none.
transform(
    "limit",
    "datapoint",
    'limit(attributes, 1, ["payment"]) where attributes["payment"] != nil',
    'limit(attributes, 30, ["payment"])',
)
transform("limit_resource", "resource", 'limit(attributes, 2, ["service.name", "environment"])')
transform("truncate_all", "datapoint", "truncate_all(attributes, 4)")
transform("truncate_all_resource", "resource", "truncate_all(attributes, 5)")
transform(
    "replace_pattern",
    "datapoint",
    'replace_pattern(attributes["user_email"], "@.*$", "@masked")',
    'replace_pattern(attributes["http.route"], "/api/([a-z]+)(/.*)?", "/$$1")',
    'replace_pattern(attributes["note"], "\\\\s+", "_")',
    'replace_pattern(attributes["absent"], "a", "b")',
)
transform(
    "replace_pattern_named_group",
    "datapoint",
    'replace_pattern(attributes["user_email"], "^(?P<user>[^@]+)@(?P<host>.+)$", "$${host}/$${user}")',
)
transform("replace_pattern_metric_name", "metric", 'replace_pattern(name, "^http\\\\.server\\\\.", "web.")')
transform(
    "replace_match",
    "datapoint",
    'replace_match(attributes["http.route"], "/api/*", "api")',
    'replace_match(attributes["payment"], "ca?d", "a card")',
    'replace_match(attributes["pool"], "{Eden,Meta}*", "pool")',
)
transform(
    "is_match",
    "datapoint",
    'set(attributes["shop"], true) where IsMatch(metric.name, "^orders\\\\.")',
    'set(attributes["server error"], true) where IsMatch(attributes["http.response.status_code"], "^5..$")',
    'set(attributes["on cpu"], true) where IsMatch(attributes["cpu"], "^[01]$")',
    'set(attributes["half"], true) where IsMatch(attributes["load"], "^0\\\\.5$")',
    'set(attributes["is on"], true) where IsMatch(attributes["on"], "^true$")',
)
transform(
    "concat",
    "datapoint",
    'set(attributes["joined"], Concat([attributes["http.request.method"], attributes["http.route"]], " "))',
    'set(attributes["typed"], Concat([attributes["cpu"], attributes["load"], attributes["on"], "x"], "|"))',
    'set(attributes["one"], Concat(["only"], ","))',
    'set(attributes["none"], Concat([], ","))',
    'set(attributes["nested"], Concat(["a", Concat(["b", "c"], "-")], "+"))',
    'set(attributes["of list"], Concat([attributes["tags"], "end"], ","))',
)
transform(
    "convert_int",
    "datapoint",
    'set(attributes["user_id"], Int(attributes["user_id"]))',
    'set(attributes["load"], Int(attributes["load"]))',
    'set(attributes["on"], Int(attributes["on"]))',
    'set(attributes["payment"], Int(attributes["payment"]))',
    'set(attributes["big"], Int("9223372036854775807"))',
    'set(attributes["negative"], Int(-1.9))',
)
transform(
    "convert_double",
    "datapoint",
    'set(attributes["user_id"], Double(attributes["user_id"]))',
    'set(attributes["cpu"], Double(attributes["cpu"]))',
    'set(attributes["on"], Double(attributes["on"]))',
    'set(attributes["payment"], Double(attributes["payment"]))',
    'set(attributes["exponent"], Double("1.5e3"))',
)
transform(
    "convert_string",
    "datapoint",
    'set(attributes["cpu"], String(attributes["cpu"]))',
    'set(attributes["load"], String(attributes["load"]))',
    'set(attributes["on"], String(attributes["on"]))',
    'set(attributes["tags"], String(attributes["tags"]))',
    'set(attributes["token"], String(resource.attributes["token"]))',
    'set(attributes["owner"], String(resource.attributes["owner"]))',
    'set(attributes["small"], String(0.0000001))',
    'set(attributes["large"], String(100000000000000000000000.0))',
    'set(attributes["million"], String(1000000.0))',
)
transform(
    "calendar_of_time",
    "datapoint",
    'set(attributes["year"], Year(time))',
    'set(attributes["month"], Month(time))',
    'set(attributes["day"], Day(time))',
    'set(attributes["hour"], Hour(time))',
)
transform(
    "calendar_more",
    "datapoint",
    'set(attributes["minute"], Minute(time))',
    'set(attributes["second"], Second(time))',
    'set(attributes["nanosecond"], Nanosecond(time))',
    'set(attributes["weekday"], Weekday(time))',
    refusable=True,
)
transform("calendar_of_start", "datapoint", 'set(attributes["hour"], Hour(start_time)) where start_time_unix_nano > 0')
transform(
    "unix_of_time",
    "datapoint",
    'set(attributes["nanos"], UnixNano(time))',
    'set(attributes["millis"], UnixMilli(time))',
    'set(attributes["seconds"], UnixSeconds(time))',
)
transform("unix_micro_of_time", "datapoint", 'set(attributes["micros"], UnixMicro(time))', refusable=True)
transform(
    "time_of_unix",
    "datapoint",
    'set(attributes["same"], UnixNano(Unix(1793532030, 123456789)))',
    'set(attributes["hour"], Hour(Unix(1793532030)))',
)
transform(
    "time_parsed",
    "datapoint",
    'set(attributes["parsed"], UnixSeconds(Time("2026-11-01 12:30:45", "%Y-%m-%d %H:%M:%S", "UTC")))',
    'set(attributes["day"], Day(Time("24/Dec/2025", "%d/%b/%Y", "UTC")))',
    refusable=True,
)
transform(
    "time_formatted",
    "datapoint",
    'set(attributes["day"], FormatTime(time, "%Y-%m-%d"))',
    'set(attributes["clock"], FormatTime(time, "%H:%M:%S"))',
    refusable=True,
)

# --- transform: grammar ---------------------------------------------------------------------------------------------------
transform(
    "where_and_or_not",
    "datapoint",
    'set(attributes["a"], 1) where attributes["payment"] == "card" and metric.unit == "{order}"',
    'set(attributes["b"], 1) where attributes["payment"] == "card" or attributes["queue"] == "mail"',
    'set(attributes["c"], 1) where not attributes["payment"] == "card"',
    'set(attributes["d"], 1) where not (attributes["payment"] == "card" or attributes["queue"] == "mail") and metric.unit != "1"',
    'set(attributes["e"], 1) where true',
    'set(attributes["f"], 1) where false',
    'set(attributes["g"], 1) where attributes["on"] == true',
    'set(attributes["h"], 1) where not IsMatch(metric.name, "http")',
    error_mode="silent",
)
transform(
    "precedence",
    "datapoint",
    'set(attributes["a"], 1) where true or false and false',
    'set(attributes["b"], 1) where (true or false) and false',
    'set(attributes["c"], 2 + 3 * 4)',
    'set(attributes["d"], (2 + 3) * 4)',
    'set(attributes["e"], 20 / 3)',
    'set(attributes["f"], 20.0 / 8)',
    'set(attributes["g"], 10 - 4 - 3)',
    'set(attributes["h"], -3 + 1)',
    'set(attributes["i"], 2 * 1.5)',
)
transform(
    "compare_numbers",
    "datapoint",
    'set(attributes["lt"], 1) where attributes["cpu"] < 1',
    'set(attributes["le"], 1) where attributes["cpu"] <= 0.5',
    'set(attributes["gt"], 1) where attributes["load"] > 1',
    'set(attributes["ge"], 1) where attributes["load"] >= 0.5',
    'set(attributes["eq"], 1) where attributes["cpu"] == 1.0',
    'set(attributes["ne"], 1) where attributes["cpu"] != 1',
    'set(attributes["status"], "5xx") where attributes["http.response.status_code"] >= 500',
)
transform(
    "compare_texts",
    "datapoint",
    'set(attributes["lt"], 1) where attributes["payment"] < "d"',
    'set(attributes["ge"], 1) where attributes["payment"] >= "d"',
    'set(attributes["eq"], 1) where "card" == attributes["payment"]',
)
transform(
    "compare_mixed_types",
    "datapoint",
    'set(attributes["text is no number"], 1) where attributes["user_id"] == 42',
    'set(attributes["differs"], 1) where attributes["user_id"] != 42',
    'set(attributes["less"], 1) where attributes["user_id"] < 50',
    'set(attributes["bool eq"], 1) where attributes["on"] == true',
    'set(attributes["bool text"], 1) where attributes["on"] == "true"',
)
transform(
    "compare_nil",
    "datapoint",
    'set(attributes["has"], 1) where attributes["payment"] != nil',
    'set(attributes["has not"], 1) where attributes["payment"] == nil',
    'set(attributes["less"], 1) where attributes["absent"] < 1',
    'set(attributes["both"], 1) where attributes["absent"] == attributes["missing"]',
)
transform(
    "compare_lists_and_bytes",
    "datapoint",
    'set(attributes["list"], 1) where attributes["tags"] == ["new", "gift"]',
    'set(attributes["bytes"], 1) where resource.attributes["token"] == 0x0001feff',
    'set(attributes["no bytes"], 1) where resource.attributes["token"] != 0x00',
)
transform(
    "nested_keys",
    "datapoint",
    'set(attributes["team"], resource.attributes["owner"]["team"])',
    'set(attributes["zone"], resource.attributes["zones"][2])',
    'set(attributes["made"]["inner"], "x") where metric.name == "orders.value"',
    error_mode="silent",
)
transform(
    "enums",
    "metric",
    'set(description, "counter") where type == METRIC_DATA_TYPE_SUM',
    'set(description, "histogram") where type == METRIC_DATA_TYPE_HISTOGRAM',
    'set(description, "exponential") where type == METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM',
    'set(description, "gauge") where type == METRIC_DATA_TYPE_GAUGE',
    'set(description, "summary") where type == METRIC_DATA_TYPE_SUMMARY',
    'set(unit, "delta") where aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA',
    'set(unit, "monotonic") where is_monotonic == true and aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE',
)
transform(
    "group_conditions",
    "datapoint",
    'set(attributes["seen"], true)',
    conditions=['metric.name == "orders.value"', 'attributes["queue"] == "mail"'],
)
transform(
    "math_on_values",
    "datapoint",
    'set(value_double, value_double * 100.0) where metric.name == "system.cpu.utilization"',
    'set(value_int, value_int / 1024) where metric.unit == "By" and metric.type == METRIC_DATA_TYPE_GAUGE',
    error_mode="silent",
)
transform(
    "value_paths",
    "datapoint",
    'set(attributes["int"], value_int) where metric.name == "jvm.memory.used"',
    'set(attributes["double"], value_double) where metric.name == "system.cpu.utilization"',
    'set(value_double, Double(value_int)) where metric.name == "queue.length"',
)
transform(
    "time_paths",
    "datapoint",
    "set(time_unix_nano, time_unix_nano + 1000000000)",
    'set(start_time_unix_nano, 0) where metric.name == "orders.value"',
    'set(flags, 1) where metric.name == "queue.length"',
)
transform(
    "histogram_paths",
    "datapoint",
    'set(attributes["count"], count)',
    'set(attributes["sum"], sum)',
    'set(attributes["bounds"], explicit_bounds) where metric.type == METRIC_DATA_TYPE_HISTOGRAM',
    'set(attributes["scale"], scale) where metric.type == METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM',
    "set(sum, sum * 2.0) where metric.type == METRIC_DATA_TYPE_HISTOGRAM",
    "set(zero_count, 7) where metric.type == METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM",
    error_mode="silent",
)
transform(
    "metric_paths",
    "metric",
    'set(aggregation_temporality, AGGREGATION_TEMPORALITY_CUMULATIVE) where name == "orders.placed"',
    'set(is_monotonic, false) where name == "orders.value"',
)
transform(
    "cache",
    "datapoint",
    'set(cache["key"], Concat(["k", attributes["payment"]], ":")) where attributes["payment"] != nil',
    'set(attributes["cached"], cache["key"])',
)
transform(
    "error_ignored",
    "datapoint",
    'set(attributes["before"], 1)',
    'set(attributes["bad"], Int(attributes["http.route"]) + 1)',
    'set(attributes["after"], 1)',
)
flat(
    "flat_paths",
    'set(datapoint.attributes["a"], resource.attributes["service.name"])',
    'set(resource.attributes["b"], "x")',
    'set(scope.attributes["c"], scope.name)',
    'set(metric.description, Concat([metric.name, metric.unit], "/"))',
    'delete_key(datapoint.attributes, "user_email")',
)
flat(
    "flat_where_across",
    'set(datapoint.attributes["slow"], true) where metric.name == "rpc.duration" and resource.attributes["service.name"] == "checkout"',
    'set(metric.unit, "s") where metric.name == "queue.length" and resource.attributes["environment"] == "dev"',
)
case(
    "several_groups",
    {
        "transform": {
            "error_mode": "ignore",
            "metric_statements": [
                {"context": "resource", "statements": ['set(attributes["a"], "1")']},
                {"context": "metric", "statements": ['set(name, Concat([name, "x"], "_"))']},
                {
                    "context": "datapoint",
                    "statements": [
                        'set(attributes["name"], metric.name)',
                        'set(attributes["a"], resource.attributes["a"])',
                    ],
                },
                {
                    "statements": ['set(datapoint.attributes["b"], 2)'],
                    "conditions": ['metric.name == "queue.length_x"'],
                    "error_mode": "silent",
                },
            ],
        }
    },
)
case(
    "two_transforms",
    {
        "transform/first": {"metric_statements": ['set(datapoint.attributes["a"], 1)']},
        "transform/second": {"metric_statements": ['set(datapoint.attributes["b"], datapoint.attributes["a"] + 1)']},
    },
)

# --- transform: edges -----------------------------------------------------------------------------------------------------
transform(
    "named_arguments",
    "datapoint",
    'replace_match(target=attributes["payment"], pattern="c*", replacement="C")',
    'limit(target=attributes, limit=30, priority_keys=["payment"])',
    'delete_key(attributes, key="user_id")',
    'set(attributes["joined"], Concat(vals=["a", "b"], delimiter="-"))',
)
transform(
    "white_space",
    "datapoint",
    '  set( attributes [ "a" ] ,1 )   where\n  metric.name  ==  "queue.length"  ',
    'set(attributes["b"],2)where(true)and(not false)',
    'set(attributes["c"],1+2*3-4/2)',
)
transform(
    "escapes_and_unicode",
    "datapoint",
    'set(attributes["größe"], "groß ✓ 名前")',
    'set(attributes["line"], "one\\ntwo\\r\\u00e9\\x41")',
    'set(attributes["slash"], "a/b\\\\c")',
    'set(attributes["quote"], "say \\"hi\\"")',
    'set(attributes[""], "empty key")',
)
transform(
    "numbers_literal",
    "datapoint",
    'set(attributes["b"], 007)',
    'set(attributes["a"], 0)',
    'set(attributes["c"], 1.0)',
    'set(attributes["f"], -5)',
    'set(attributes["g"], 9223372036854775807)',
    'set(attributes["z"], -0.0)',
)
transform(
    "arithmetic_errors",
    "datapoint",
    'set(attributes["zero"], 1 / 0)',
    'set(attributes["zero float"], 1.0 / 0.0)',
    'set(attributes["overflow"], 9223372036854775807 + 1)',
    'set(attributes["mixed"], 1 + 1.5)',
    'set(attributes["nil"], attributes["absent"] + 1)',
    'set(attributes["after"], 1)',
)
transform(
    "arithmetic_of_attributes",
    "datapoint",
    'set(attributes["sum"], attributes["cpu"] + 1)',
    'set(attributes["product"], attributes["load"] * 2)',
    'set(attributes["difference"], attributes["load"] - attributes["cpu"])',
    'set(attributes["pid"], resource.attributes["process.pid"] / 10)',
    'set(attributes["negative"], 0 - attributes["cpu"])',
)
transform(
    "arithmetic_in_conditions",
    "datapoint",
    'set(attributes["big"], 1) where attributes["cpu"] + 1 > 1',
    'set(attributes["half"], 1) where attributes["load"] * 2 == 1.0',
    'set(attributes["sum"], 1) where 2 + 2 == 4',
)
transform(
    "nested_delete",
    "resource",
    'delete_key(attributes["owner"], "team")',
    'delete_matching_keys(attributes["owner"], "lev")',
)
transform(
    "nested_set",
    "resource",
    'set(attributes["owner"]["team"], "new")',
    'set(attributes["owner"]["more"], ["a"])',
    'set(attributes["zones"][0], "z")',
)
transform(
    "nested_absent",
    "datapoint",
    'set(attributes["a"], resource.attributes["zones"][9])',
    'set(attributes["b"], resource.attributes["owner"]["none"])',
    'set(attributes["c"], resource.attributes["service.name"]["x"])',
    'set(attributes["d"], resource.attributes["absent"]["x"])',
)
transform(
    "nested_conditions",
    "datapoint",
    'set(attributes["a"], 1) where resource.attributes["owner"]["level"] == 2',
    'set(attributes["b"], 1) where resource.attributes["zones"][0] == "a"',
    'set(attributes["c"], 1) where resource.attributes["owner"]["none"] == nil',
    'set(attributes["d"], 1) where resource.attributes["owner"] == {"team": "pay", "level": 2}',
    'set(attributes["e"], 1) where resource.attributes["owner"] != nil',
)
transform(
    "patterns_on_other_types",
    "datapoint",
    'replace_pattern(attributes["http.response.status_code"], "2", "3")',
    'replace_match(attributes["cpu"], "*", "x")',
    'replace_pattern(attributes["tags"], "new", "old")',
    'set(attributes["a"], 1) where IsMatch(attributes["absent"], ".*")',
    'set(attributes["b"], 1) where IsMatch(attributes["tags"], "new")',
    'set(attributes["c"], 1) where IsMatch(resource.attributes["owner"], "pay")',
    'set(attributes["d"], 1) where IsMatch(resource.attributes["token"], "^0001")',
)
transform(
    "patterns_of_re2",
    "datapoint",
    'replace_pattern(attributes["user_email"], "(?i)ADA", "x")',
    'replace_pattern(attributes["http.route"], "[[:alpha:]]+", "w")',
    'replace_pattern(attributes["pool"], "\\\\bE\\\\w+", "W")',
    'replace_pattern(attributes["payment"], "^", ">")',
    'replace_pattern(attributes["user_id"], "(\\\\d)(\\\\d)?", "$$2-$$1")',
    'replace_pattern(attributes["note"], " ", "$$$$")',
)
transform(
    "match_globs",
    "datapoint",
    'replace_match(attributes["payment"], "*", "all") where attributes["payment"] == "voucher"',
    'replace_match(attributes["http.route"], "/api/[a-c]*", "class")',
    'replace_match(attributes["user_email"], "a?a@*", "ada")',
    'replace_match(attributes["pool"], "meta*", "case")',
    'replace_match(resource.attributes["host.name"], "node-*", "node")',
)
transform(
    "concat_of_types",
    "datapoint",
    'set(attributes["bytes"], Concat([resource.attributes["token"], "x"], "-"))',
    'set(attributes["map"], Concat([resource.attributes["owner"], resource.attributes["zones"], 1.0, 0.0000001], "-"))',
    'set(attributes["large"], Concat([100000000000000000000.0, 1000000000000000000000000.0, 123456789.0, 0.1, true, -7], " "))',
)
transform(
    "convert_of_types",
    "datapoint",
    'set(attributes["a"], Int("12"))',
    'set(attributes["c"], Int(2.99))',
    'set(attributes["e"], String(1.0))',
    'set(attributes["f"], String("s"))',
    'set(attributes["h"], Double(true))',
    'set(attributes["i"], Int(resource.attributes["token"]))',
    'set(attributes["j"], String(0x0aff))',
)
transform(
    "compare_more",
    "datapoint",
    'set(attributes["a"], 1) where true > false',
    'set(attributes["b"], 1) where "a" < "B"',
    'set(attributes["c"], 1) where 9007199254740993 == 9007199254740992.0',
    'set(attributes["d"], 1) where nil == nil',
    'set(attributes["e"], 1) where nil != 1',
    'set(attributes["f"], 1) where 0x00ff > 0x00fe',
    'set(attributes["g"], 1) where ["a"] < ["b"]',
    'set(attributes["h"], 1) where attributes["tags"] != ["new"]',
    'set(attributes["i"], 1) where "1" == 1',
    'set(attributes["j"], 1) where "" == nil',
)
transform(
    "type_errors",
    "metric",
    "set(name, 5)",
    "set(description, true)",
    "set(unit, 1.5)",
    'set(is_monotonic, "yes")',
    'set(description, "set")',
)
transform(
    "type_errors_of_points",
    "datapoint",
    'set(value_int, "x")',
    "set(value_double, 5)",
    'set(time_unix_nano, "x")',
    'set(flags, "x")',
    'set(attributes, "x")',
    'set(attributes["after"], 1)',
)
transform(
    "attributes_in_attributes",
    "datapoint",
    'set(attributes["all"], attributes) where metric.name == "queue.length"',
    'set(attributes["res"], resource.attributes) where metric.name == "queue.length"',
    meant="attributes copied into themselves hold an empty copy of the copy in the Collector, which writes while it reads; in Firn they hold what they were",
)
transform("truncate_unicode", "datapoint", "truncate_all(attributes, 3)", input="awkward")
transform("truncate_to_nothing", "datapoint", 'truncate_all(attributes, 0) where metric.name == "queue.length"')
transform(
    "labels_of_awkward",
    "datapoint",
    'delete_matching_keys(attributes, "^_")',
    'keep_keys(attributes, ["a", "größe", "1st", "list", "map", "le"])',
    input="awkward",
)
transform(
    "resource_from_points_context",
    "datapoint",
    'set(resource.attributes["seen"], metric.name) where metric.name == "queue.length"',
    'set(metric.description, "by point") where attributes["queue"] == "mail"',
    'set(instrumentation_scope.name, "by point") where attributes["queue"] == "mail"',
    meant="what a point's statement does to its resource or scope is done to that point's series in Firn; in the Collector to all points that happened to be sent with it",
)
transform(
    "metric_of_empty_name",
    "metric",
    'set(name, "") where name == "queue.length"',
    'set(unit, "") where unit == "s"',
    meant="a metric without a name is no metric: in Firn the statement fails",
)
transform(
    "dropped_count",
    "resource",
    "set(dropped_attributes_count, 5)",
    'set(attributes["dropped"], dropped_attributes_count)',
)
transform(
    "unlisted_functions",
    "datapoint",
    'replace_all_patterns(attributes, "value", "a", "b")',
    'merge_maps(attributes, {"x": 1}, "insert")',
    refusable=True,
)
transform("unlisted_keep_matching", "datapoint", 'keep_matching_keys(attributes, "^http")', refusable=True)
transform(
    "unlisted_converters",
    "datapoint",
    'set(attributes["a"], Len(attributes["payment"]))',
    'set(attributes["b"], Substring("abc", 0, 1))',
    'set(attributes["c"], ToLowerCase("ABC"))',
    'set(attributes["d"], 1) where IsString(attributes["payment"])',
    refusable=True,
)

# Statements that neither may take: what is wrong with them shows at start.
REFUSED = {
    "exponent": 'set(attributes["a"], 1e3)',
    "sum_of_texts": 'set(attributes["a"], "a" + "b")',
    "int_of_text": 'set(attributes["a"], Int("1.5"))',
    "double_of_text": 'set(attributes["a"], Double("x"))',
    "double_range": 'set(attributes["a"], Double("1e400"))',
    "int_range": 'set(attributes["a"], 9223372036854775808)',
    "bare_path": 'set(attributes["a"], 1) where attributes["on"]',
    "limit_below_keys": 'limit(attributes, 1, ["a", "b"])',
    "limit_negative": "limit(attributes, -1, [])",
    "truncate_negative": "truncate_all(attributes, -1)",
    "unknown_function": 'frobnicate(attributes, "a")',
    "unknown_converter": 'set(attributes["a"], Frobnicate("a"))',
    "unknown_path": 'set(attributes["a"], nonsense)',
    "unknown_argument": "limit(target=attributes, most=1, priority_keys=[])",
    "too_few_arguments": "delete_key(attributes)",
    "too_many_arguments": 'delete_key(attributes, "a", "b")',
    "wrong_argument": "delete_key(attributes, 5)",
    "set_of_literal": 'set("a", 5)',
    "bad_pattern": 'replace_pattern(attributes["a"], "(", "x")',
    "bad_pattern_of_is_match": 'set(attributes["a"], 1) where IsMatch(attributes["b"], "[")',
    "bad_glob": 'replace_match(attributes["a"], "[", "x")',
    "no_quotes": "set(attributes[a], 1)",
    "single_quotes": "set(attributes['a'], 1)",
    "open_text": 'set(attributes["a"], "b)',
    "open_call": 'set(attributes["a"], 1',
    "one_equals_sign": 'set(attributes["a"], 1) where attributes["b"] = 1',
    "and_sign": 'set(attributes["a"], 1) where true && true',
    "converter_as_statement": 'Concat(["a"], "")',
    "editor_as_value": 'set(attributes["a"], delete_key(attributes, "b"))',
    "two_statements": 'set(attributes["a"], 1) set(attributes["b"], 1)',
    "no_statement": "",
    "where_alone": "where true",
    "where_without_condition": 'set(attributes["a"], 1) where',
    "enum_unknown": 'set(attributes["a"], METRIC_DATA_TYPE_TABLE)',
    "span_path": 'set(attributes["a"], span.name)',
    "bytes_of_odd_length": 'set(attributes["a"], 0x1)',
}

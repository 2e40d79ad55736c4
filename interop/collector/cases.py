"""All cases: `transform` (statements.py), then the other processors."""

from statements import REFUSED
from table import CASES, case, transform

__all__ = ["CASES", "REFUSED"]

case("none", {})

# --- filter ---------------------------------------------------------------------------------------------------------------
case(
    "filter_include_strict",
    {
        "filter": {
            "metrics": {
                "include": {"match_type": "strict", "metric_names": ["orders.placed", "queue.length", "absent"]}
            }
        }
    },
)
case(
    "filter_exclude_strict",
    {"filter": {"metrics": {"exclude": {"match_type": "strict", "metric_names": ["orders.placed", "queue.length"]}}}},
)
case(
    "filter_include_regexp",
    {"filter": {"metrics": {"include": {"match_type": "regexp", "metric_names": ["^http\\.", "length$"]}}}},
)
case(
    "filter_exclude_regexp",
    {"filter": {"metrics": {"exclude": {"match_type": "regexp", "metric_names": ["^otelcol_.*", ".*memory.*"]}}}},
)
case(
    "filter_include_and_exclude",
    {
        "filter": {
            "metrics": {
                "include": {"match_type": "regexp", "metric_names": ["^orders"]},
                "exclude": {"match_type": "strict", "metric_names": ["orders.value"]},
            }
        }
    },
)
case(
    "filter_resource_attributes",
    {
        "filter": {
            "metrics": {
                "include": {
                    "match_type": "strict",
                    "resource_attributes": [
                        {"key": "service.name", "value": "cart"},
                        {"key": "environment", "value": "dev"},
                    ],
                }
            }
        }
    },
)
case(
    "filter_resource_attributes_regexp",
    {
        "filter": {
            "metrics": {
                "exclude": {
                    "match_type": "regexp",
                    "metric_names": [".*"],
                    "resource_attributes": [{"key": "service.name", "value": "^ca.*t$"}],
                }
            }
        }
    },
)
case(
    "filter_metric_conditions",
    {
        "filter": {
            "error_mode": "ignore",
            "metrics": {
                "metric": [
                    'name == "orders.placed"',
                    "type == METRIC_DATA_TYPE_SUMMARY",
                    'resource.attributes["service.name"] == "cart" and unit == ""',
                ]
            },
        }
    },
)
case(
    "filter_point_conditions",
    {
        "filter": {
            "error_mode": "ignore",
            "metrics": {
                "datapoint": [
                    'attributes["http.response.status_code"] == 503',
                    "metric.type == METRIC_DATA_TYPE_GAUGE and value_int > 100000000",
                    'IsMatch(resource.attributes["environment"], "^d.v$") and metric.name != "queue.length"',
                ]
            },
        }
    },
)
case(
    "filter_has_attribute",
    {
        "filter": {
            "metrics": {"metric": ['HasAttrKeyOnDatapoint("exporter")', 'HasAttrOnDatapoint("payment", "voucher")']}
        }
    },
    refusable=True,
)
case(
    "filter_flat_conditions",
    {
        "filter": {
            "metric_conditions": [
                'resource.attributes["service.name"] == "cart"',
                'metric.name == "orders.value"',
                'datapoint.attributes["pool"] == "Metaspace"',
            ]
        }
    },
)
case("filter_all", {"filter": {"metrics": {"exclude": {"match_type": "regexp", "metric_names": [".*"]}}}})

case(
    "filter_conditions_on_values",
    {
        "filter": {
            "error_mode": "ignore",
            "metrics": {
                "datapoint": [
                    "value_double > 0.3",
                    "value_int < 0",
                    "count > 50",
                    "sum == 9.0",
                    "flags == 1",
                    "time_unix_nano < 5",
                ]
            },
        }
    },
)
case(
    "filter_conditions_that_fail",
    {
        "filter": {
            "error_mode": "ignore",
            "metrics": {"datapoint": ['Int(attributes["payment"]) == 1', 'attributes["queue"] == "mail"']},
        }
    },
)
case(
    "filter_resource_and_scope",
    {
        "filter": {
            "error_mode": "ignore",
            "metrics": {
                "metric": [
                    'instrumentation_scope.name == "shop.http" and resource.attributes["service.name"] == "checkout"'
                ]
            },
        }
    },
)
case("filter_include_empty_of_point", {"filter": {"metrics": {"datapoint": ['metric.name == "rpc.duration"']}}})
case(
    "filter_regexp_unanchored",
    {"filter": {"metrics": {"exclude": {"match_type": "regexp", "metric_names": ["server", "(?i)QUEUE"]}}}},
)
case(
    "filter_groups",
    {
        "filter": {
            "error_mode": "ignore",
            "metric_conditions": [
                {"context": "datapoint", "conditions": ['attributes["payment"] == "card"']},
                {"context": "resource", "conditions": ['attributes["service.name"] == "cart"']},
            ],
        }
    },
)

# --- resource and attributes ----------------------------------------------------------------------------------------------
case(
    "resource_actions",
    {
        "resource": {
            "attributes": [
                {"key": "environment", "value": "staging", "action": "insert"},
                {"key": "region", "value": "us-east-1", "action": "update"},
                {"key": "cluster", "value": 7, "action": "upsert"},
                {"key": "host.name", "action": "delete"},
                {"key": "service", "from_attribute": "service.name", "action": "insert"},
                {"key": "nothing", "from_attribute": "absent", "action": "upsert"},
            ]
        }
    },
)
case(
    "resource_hash_extract_convert",
    {
        "resource": {
            "attributes": [
                {"key": "service.instance.id", "action": "hash"},
                {"key": "process.pid", "action": "hash"},
                {"key": "host.name", "pattern": "^(?P<node>[^.]+)\\.(?P<zone>[a-z]+)\\.", "action": "extract"},
                {"key": "ratio", "action": "convert", "converted_type": "string"},
                {"key": "canary", "action": "convert", "converted_type": "int"},
            ]
        }
    },
)
case("resource_delete_pattern", {"resource": {"attributes": [{"pattern": "^service\\.", "action": "delete"}]}})
case(
    "attributes_actions",
    {
        "attributes": {
            "actions": [
                {"key": "payment", "value": "any", "action": "insert"},
                {"key": "user_id", "value": "0", "action": "update"},
                {"key": "team", "value": "shop", "action": "upsert"},
                {"key": "user_email", "action": "delete"},
                {"key": "way", "from_attribute": "payment", "action": "upsert"},
                {"pattern": "^amount\\.", "action": "delete"},
            ]
        }
    },
)
case(
    "attributes_hash",
    {
        "attributes": {
            "actions": [
                {"key": "user_email", "action": "hash"},
                {"key": "cpu", "action": "hash"},
                {"key": "load", "action": "hash"},
                {"key": "on", "action": "hash"},
                {"pattern": "^user_i.*", "action": "hash"},
            ]
        }
    },
)
case(
    "attributes_extract",
    {
        "attributes": {
            "actions": [
                {"key": "user_email", "pattern": "^(?P<user>[^@]+)@(?P<domain>.*)$", "action": "extract"},
                {"key": "http.route", "pattern": "^/(?P<first>[a-z]+)", "action": "extract"},
            ]
        }
    },
)
case(
    "attributes_convert",
    {
        "attributes": {
            "actions": [
                {"key": "user_id", "action": "convert", "converted_type": "int"},
                {"key": "amount.class", "action": "convert", "converted_type": "double"},
                {"key": "cpu", "action": "convert", "converted_type": "double"},
                {"key": "load", "action": "convert", "converted_type": "int"},
                {"key": "on", "action": "convert", "converted_type": "string"},
                {"key": "payment", "action": "convert", "converted_type": "int"},
            ]
        }
    },
)
case(
    "attributes_typed_values",
    {
        "attributes": {
            "actions": [
                {"key": "int", "value": 5, "action": "insert"},
                {"key": "double", "value": 2.5, "action": "insert"},
                {"key": "bool", "value": True, "action": "insert"},
                {"key": "text", "value": "5", "action": "insert"},
            ]
        }
    },
)
case(
    "attributes_included",
    {
        "attributes": {
            "include": {"match_type": "regexp", "metric_names": ["^orders\\."]},
            "exclude": {"match_type": "strict", "metric_names": ["orders.value"]},
            "actions": [{"key": "team", "value": "orders", "action": "upsert"}],
        }
    },
)
case(
    "attributes_by_resource",
    {
        "attributes": {
            "include": {"match_type": "strict", "resources": [{"key": "service.name", "value": "cart"}]},
            "actions": [{"key": "cart", "value": True, "action": "insert"}],
        }
    },
    meant="the Collector does not look at `resources` for metrics, against its own documentation; Firn does",
)

case(
    "attributes_order",
    {
        "attributes": {
            "actions": [
                {"key": "a", "value": "1", "action": "insert"},
                {"key": "a", "value": "2", "action": "insert"},
                {"key": "b", "from_attribute": "a", "action": "insert"},
                {"key": "a", "action": "delete"},
                {"key": "a", "value": "3", "action": "update"},
                {"key": "c", "from_attribute": "absent", "action": "upsert"},
                {"key": "d", "from_attribute": "tags", "action": "upsert"},
                {"key": "e", "from_attribute": "cpu", "action": "upsert"},
                {"key": "payment", "from_attribute": "user_id", "action": "update"},
            ]
        }
    },
)
case(
    "attributes_convert_edges",
    {
        "attributes": {
            "actions": [
                {"key": "note", "action": "convert", "converted_type": "double"},
                {"key": "tags", "action": "convert", "converted_type": "string"},
                {"key": "on", "action": "convert", "converted_type": "double"},
                {"key": "on", "action": "convert", "converted_type": "int"},
                {"key": "http.response.status_code", "action": "convert", "converted_type": "string"},
                {"key": "user_id", "action": "convert", "converted_type": "double"},
                {"key": "absent", "action": "convert", "converted_type": "int"},
            ]
        }
    },
)
case(
    "attributes_extract_edges",
    {
        "attributes": {
            "actions": [
                {"key": "cpu", "pattern": "(?P<digit>[0-9])", "action": "extract"},
                {"key": "payment", "pattern": "^(?P<first>x)?(?P<payment>.)", "action": "extract"},
                {"key": "absent", "pattern": "(?P<none>.)", "action": "extract"},
            ]
        }
    },
)
case(
    "resource_extract_overwrites",
    {
        "resource": {
            "attributes": [
                {"key": "host.name", "pattern": "^(?P<environment>[^.]+)\\.", "action": "extract"},
                {"key": "zones", "action": "hash"},
                {"key": "owner", "action": "hash"},
                {"key": "token", "action": "hash"},
                {"key": "empty", "action": "hash"},
            ]
        }
    },
)

# --- state ----------------------------------------------------------------------------------------------------------------
case("cumulativetodelta", {"cumulativetodelta": {}}, "cumulative")
case("cumulativetodelta_keep", {"cumulativetodelta": {"initial_value": "keep"}}, "cumulative")
case("cumulativetodelta_drop", {"cumulativetodelta": {"initial_value": "drop"}}, "cumulative")
case(
    "cumulativetodelta_include_strict",
    {"cumulativetodelta": {"include": {"match_type": "strict", "metrics": ["steady", "bins"]}}},
    "cumulative",
)
case(
    "cumulativetodelta_exclude_regexp",
    {"cumulativetodelta": {"exclude": {"match_type": "regexp", "metrics": ["^reset", "bins"]}}},
    "cumulative",
)
case("cumulativetodelta_types", {"cumulativetodelta": {"include": {"metric_types": ["sum"]}}}, "cumulative")
case(
    "cumulativetodelta_same_time",
    {"cumulativetodelta": {}},
    "same_time",
    meant="a second value at one time is a duplicate: its increase comes with the next point, not as a delta of no duration",
)
case("deltatocumulative", {"deltatocumulative": {}}, "delta")
case(
    "deltatocumulative_marks",
    {"deltatocumulative": {}},
    "delta_marks",
    meant="a point without recorded value stays one, where the Collector repeats the total without its flag; exemplars are the newest point's, where the Collector's are the first one's",
)
case("deltatocumulative_max_streams", {"deltatocumulative": {"max_streams": 2}}, "one_delta")
case("deltatocumulative_and_back", {"deltatocumulative": {}, "cumulativetodelta": {}}, "delta")
case("batch", {"batch": {"timeout": "200ms", "send_batch_size": 10, "send_batch_max_size": 10}})
case(
    "all_together",
    {
        "memory_limiter": {"check_interval": "1s", "limit_mib": 4096, "spike_limit_mib": 512},
        "resource": {"attributes": [{"key": "cluster_id", "value": "c-1", "action": "upsert"}]},
        "attributes": {"actions": [{"key": "user_email", "action": "delete"}]},
        "filter": {"metrics": {"exclude": {"match_type": "regexp", "metric_names": ["^otelcol_"]}}},
        "transform": {
            "error_mode": "ignore",
            "metric_statements": [
                {
                    "context": "datapoint",
                    "statements": [
                        'set(attributes["service"], resource.attributes["service.name"])',
                        "truncate_all(attributes, 64)",
                    ],
                }
            ],
        },
        "cumulativetodelta": {},
        "batch": {"timeout": "200ms"},
    },
    "mixed_twice",
)

# --- what becomes one series ----------------------------------------------------------------------------------------------
transform("dropped_label", "datapoint", 'delete_key(attributes, "pod")', input="colliding", merged=True)
case(
    "dropped_label_by_attributes",
    {"attributes": {"actions": [{"key": "pod", "action": "delete"}]}},
    "colliding",
    merged=True,
)

"""Makes a table older than it is, so that no check has to wait an hour until snapshots may expire.

(A command that runs with a clock ahead would leave its time in the metadata, and Iceberg refuses every later commit.)
"""

import json
import re
import uuid


def metadata(text, seconds):
    """A table's metadata as it would be, had everything happened so much earlier."""

    def shift(node):
        if isinstance(node, list):
            return [shift(each) for each in node]
        if not isinstance(node, dict):
            return node
        return {
            key: value - seconds * 1000 if key in ("timestamp-ms", "last-updated-ms") else shift(value)
            for key, value in node.items()
        }

    return json.dumps(shift(json.loads(text)))


def next_location(location):
    """Of the metadata file after this one: `…/00012-<uuid>.metadata.json`."""
    folder, name = location.rsplit("/", 1)
    version = int(re.match(r"\d+", name)[0]) + 1
    return f"{folder}/{version:05d}-{uuid.uuid4()}.metadata.json"

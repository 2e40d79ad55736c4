"""ClickHouse inside Firn's own engine library (libchdb), as another program would use it: statements in, the last one's answer out.

Usage: clickhouse.py LIBRARY < statements, each ended by a semicolon at a line's end > answer as JSON lines
"""

import ctypes
import json
import re
import sys


class Engine:
    """One session in memory."""

    def __init__(self, library):
        chdb = self.chdb = ctypes.CDLL(library)
        chdb.chdb_connect.restype = ctypes.POINTER(ctypes.c_void_p)
        chdb.chdb_connect.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
        chdb.chdb_query_n.restype = ctypes.c_void_p
        chdb.chdb_query_n.argtypes = [ctypes.c_void_p] + [ctypes.c_char_p, ctypes.c_size_t] * 2
        for name, kind in {"buffer": ctypes.c_void_p, "length": ctypes.c_size_t, "error": ctypes.c_char_p}.items():
            function = getattr(chdb, f"chdb_result_{name}")
            function.restype, function.argtypes = kind, [ctypes.c_void_p]
        chdb.chdb_destroy_query_result.argtypes = [ctypes.c_void_p]
        arguments = [b"clickhouse"]
        self.connection = chdb.chdb_connect(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments))
        if not self.connection:
            raise RuntimeError("libchdb opens no connection")

    def rows(self, statement):
        """Rows as lists; raises RuntimeError with ClickHouse's message."""
        text, form = statement.encode(), b"JSONCompactEachRow"
        result = self.chdb.chdb_query_n(self.connection[0], text, len(text), form, len(form))
        try:
            error = self.chdb.chdb_result_error(result)
            if error:
                raise RuntimeError(error.decode(errors="replace"))
            length = self.chdb.chdb_result_length(result)
            answer = ctypes.string_at(self.chdb.chdb_result_buffer(result), length) if length else b""
            return [json.loads(line) for line in answer.splitlines()]
        finally:
            self.chdb.chdb_destroy_query_result(result)


if __name__ == "__main__":
    engine = Engine(sys.argv[1])
    *first, last = [each for each in re.split(r";[ \t]*(?:\n|$)", sys.stdin.read()) if each.strip()]
    for statement in first:
        engine.rows(statement)
    for row in engine.rows(last):
        print(json.dumps(row))

#!/bin/sh
# How fast this machine takes, answers and how small it stores; kept in bench-results; see `firn bench all --help`.
exec "$(dirname "$0")/../firn" bench all --results bench-results "$@"

#!/bin/sh
# How fast this machine takes, answers and how small it stores; kept in bench-results; see `firn bench all --help`.
firn=$(dirname "$0")/../bin/firn # of the distribution
[ -x "$firn" ] || firn=$(dirname "$0")/../firn
exec "$firn" bench all --results bench-results "$@"

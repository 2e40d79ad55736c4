#!/bin/sh
# What is missing, double or late, and what is stored; see `firn report --help`.
firn=$(dirname "$0")/../bin/firn # of the distribution
[ -x "$firn" ] || firn=$(dirname "$0")/../firn
exec "$firn" report quality "$@"

#!/bin/sh
# What is missing, double or late, and what is stored; see `firn report --help`.
exec "$(dirname "$0")/../firn" report quality "$@"

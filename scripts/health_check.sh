#!/bin/sh
# Is the Firn of this machine well? Exit code 0 yes, 1 a warning, 2 critical; see `firn health --help`.
exec "$(dirname "$0")/../firn" health "$@"

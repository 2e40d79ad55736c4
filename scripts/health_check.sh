#!/bin/sh
# Is the Firn of this machine well? Exit code 0 yes, 1 a warning, 2 critical; see `firn health --help`.
firn=$(dirname "$0")/../bin/firn # of the distribution
[ -x "$firn" ] || firn=$(dirname "$0")/../firn
exec "$firn" health "$@"

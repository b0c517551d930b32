#!/usr/bin/env bash
# Runs tests, with what they install.
#   ./gatehouse test [unit|integration|fuzz|soak|all]
#     unit         quick: no Kafka is started (*Test)
#     integration  real brokers and real clients (*IT)
#     fuzz         coverage-guided, several minutes (*Fuzz)
#     soak         long runs (*IT tagged soak)
#     all          unit and integration; the default
# Further arguments go to Maven, for instance -pl wire -am.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
layer=${1:-all}
[ $# -eq 0 ] || shift

maven() { "$root/mvnw" -B -f "$root/pom.xml" -Dsurefire.failIfNoSpecifiedTests=false verify "$@"; }

case $layer in
  unit) maven -Dtest='*Test' "$@" ;;
  integration) maven -Dtest='*IT' "$@" ;;
  fuzz) JAZZER_FUZZ=1 maven -Dtest='*Fuzz' -Dtest.groups=fuzz -Dtest.excludedGroups= "$@" ;;
  soak) maven -Dtest='*IT' -Dtest.groups=soak -Dtest.excludedGroups= "$@" ;;
  all) maven "$@" ;;
  help | --help | -h) sed -n '2,9s/^# \{0,1\}//p' "$0" ;;
  *)
    echo "gatehouse: no tests called '$layer'; there are unit, integration, fuzz, soak and all" >&2
    exit 2
    ;;
esac

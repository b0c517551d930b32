#!/usr/bin/env bash
# Runs tests, with what they install.
#   ./gatehouse test [LAYER] [MAVEN ARGUMENT...]
#     unit         quick, without Kafka (*Test), the properties among them
#     property     those of `wire` only: every api and version, against kafka-clients
#     integration  real brokers, and real clients in several languages (*IT)
#     fuzz         coverage-guided (*Fuzz), each fuzz test for as long as it says, some minutes in all
#     soak         long runs (*IT tagged soak)
#     checks       the scripts, docs/dependencies.md, the format, the launcher and the distribution
#     all          unit, integration and checks: what CI runs; the default
#   MAVEN ARGUMENTs narrow it: ./gatehouse test unit -pl wire -am -Dtest=WalkerTest
#                              ./gatehouse test integration -pl gateway -am -Dit.test=MatrixIT
# A test that fails hides no other: every module runs, and the failed tests are listed at the end. With CI=true a test
# that is skipped, because a program is missing for example, is a failure.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
layer=${1:-all}
[ $# -eq 0 ] || shift
cd "$root" || exit 1

failures=()
# Runs a part of the tests, at most for so long, and goes on whatever comes of it.
part() { # name, limit, command...
  local name=$1 limit=$2 begun=$SECONDS code
  shift 2
  printf '\n---- %s\n' "$name"
  timeout --foreground --kill-after=30 "$limit" "$@"
  code=$?
  if [ $code -ne 0 ]; then failures+=("$name"); fi
  if [ $code -eq 124 ] || [ $code -eq 137 ]; then echo "gatehouse: $name took longer than $limit"; fi
  printf -- '---- %s: %d s, exit code %d\n' "$name" $((SECONDS - begun)) $code
}

maven=(./mvnw -B --no-transfer-progress -Dsurefire.failIfNoSpecifiedTests=false
  -Dfailsafe.failIfNoSpecifiedTests=false
  # The format is a check of its own, so that it does not hide the tests.
  -Dformat.skip=true)

in_ci() { [ "${CI:-}" = true ]; }

# A program is missing that a check needs.
missing() { # what is not checked, why
  echo "gatehouse: $1 not checked: $2"
  if in_ci; then failures+=("$1"); fi
}

# Runs tests of every module, whatever fails in one, and judges them by their reports.
verdict=''
tests() { # name, limit, layers, Maven arguments...
  local name=$1 limit=$2 layers=() jdk log code
  # Narrowed, not all classes of a layer have to run.
  if [ ${#narrowed[@]} -eq 0 ]; then read -ra layers <<<"$3"; fi
  if in_ci; then layers+=(no-skips); fi
  shift 3
  rm -rf ./*/target/surefire-reports ./*/target/failsafe-reports ./*/target/leaks-*
  mkdir -p target
  log=target/tests.log
  # A failed test ends no module, and a module that failed no other.
  part "$name" "$limit" "${maven[@]}" --fail-never -Dmaven.test.failure.ignore=true "$@" > >(tee "$log")
  wait $!
  if ! jdk=$(build/find-jdk.sh); then
    failures+=('no JDK 25')
    return
  fi
  verdict=$("$jdk/bin/java" build/TestReports.java . "$log" ${layers[@]+"${layers[@]}"} 2>&1)
  code=$?
  if [ $code -ne 0 ]; then failures+=("tests: $name"); fi
}

# Missing clients fail the tests that need them, and only those.
clients() {
  local begun=$SECONDS
  timeout --foreground --kill-after=30 15m testkit/clients/install.sh \
    || echo "gatehouse: not all clients of the integration tests could be installed"
  echo "---- clients of the integration tests: $((SECONDS - begun)) s"
}

# One JVM can fuzz one test, so each has a run of its own.
fuzz() {
  local found test file module
  # File and name of the first method after each annotation.
  # shellcheck disable=SC2016 # awk reads it
  mapfile -t found < <(find . -path '*/src/test/java/*' -name '*Fuzz.java' | sort \
    | xargs awk '/@FuzzTest/ {next_one = 1}
        next_one && /void [A-Za-z0-9_]+\(/ {sub(/.*void /, ""); sub(/\(.*/, ""); print FILENAME "#" $0; next_one = 0}')
  for test in "${found[@]}"; do
    file=${test%#*} module=${test#./} module=${module%%/src/*}
    test=$(basename "$file" .java)#${test#*#}
    JAZZER_FUZZ=1 part "fuzz $test" 15m "${maven[@]}" package -pl "$module" -am "-Dtest=$test" \
      -Dtest.groups=fuzz -Dtest.excludedGroups= "$@"
  done
}

shellcheck_all() {
  if ! command -v shellcheck >/dev/null && in_ci && [ "$(id -u)" -eq 0 ]; then
    { timeout 5m apt-get update && DEBIAN_FRONTEND=noninteractive timeout 5m \
      apt-get install -y --no-install-recommends shellcheck; } >/dev/null 2>&1
  fi
  if command -v shellcheck >/dev/null; then
    part 'scripts' 2m shellcheck gatehouse mvnw .ci/run build/*.sh build/checks/*.sh
  else
    missing 'scripts' 'there is no shellcheck here'
  fi
}

checks() {
  local jdk
  shellcheck_all
  if jdk=$(build/find-jdk.sh); then
    part 'docs/dependencies.md' 2m "$jdk/bin/java" build/checks/Dependencies.java .
  else
    failures+=('no JDK 25')
  fi
  part 'format' 5m build/format.sh --check
  part 'test reports' 2m build/checks/reports.sh
  part 'package' 2m build/checks/package.sh
  part 'launcher' 5m build/checks/launcher.sh
  part 'crashes of clients' 2m build/checks/clients.sh
  part 'distribution: build' 20m build/dist.sh
  part 'distribution' 5m build/checks/distribution.sh
}

# The checks beside the tests: in a copy of the sources, because a distribution is built where the tests run otherwise,
# and with what the tests leave of the processors, for they wait much. Without git they come afterwards.
copy='' checking=''
begin_checks() {
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return
  copy=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-checks.XXXXXX")
  git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- --ignore-failed-read 2>/dev/null \
    | tar --extract --directory "$copy"
  ln -s "$(git rev-parse --absolute-git-dir)" "$copy/.git" # for the commit that a distribution tells
  # The tests' build has looked for warnings in the same sources.
  PACKAGE_MAVEN_ARGS=-Dcompiler.checks=-parameters setsid nice -n 10 "$copy/build/test.sh" checks >"$copy/checks.log" 2>&1 &
  checking=$!
}
end_checks() {
  if [ -z "$copy" ]; then
    checks
    return
  fi
  local begun=$SECONDS code
  wait "$checking"
  code=$?
  checking=''
  cat "$copy/checks.log"
  [ $code -eq 0 ] || failures+=('checks')
  mkdir -p target && rm -rf target/dist && mv "$copy/target/dist" target/ 2>/dev/null
  rm -rf "$copy"
  copy=''
  printf -- '---- the tests were over %d s before the checks\n' $((SECONDS - begun))
}
clean_up() {
  if [ -n "$checking" ]; then kill -- "-$checking" 2>/dev/null; fi # the whole group
  if [ -n "$copy" ]; then rm -rf "$copy"; fi
}
trap clean_up EXIT

# The network is waited for while the processors compile.
build_and_install() {
  local log
  log=$(mktemp "${TMPDIR:-/tmp}/gatehouse-clients.XXXXXX")
  clients >"$log" 2>&1 &
  local installing=$!
  mkdir -p target
  part 'build' 30m build/modules.sh target/build.log "${maven[@]}" --fail-at-end -DskipTests package "$@"
  wait "$installing"
  cat "$log"
  rm -f "$log"
}

narrowed=("$@")
no_unit=-Dtest.skipUnit=true
case $layer in
  unit) tests unit 30m unit package "$@" ;;
  property) tests property 30m '' package -pl wire -am "$@" ;;
  integration)
    clients
    tests integration 60m integration verify $no_unit "$@"
    ;;
  fuzz) fuzz "$@" ;;
  soak) tests soak 120m '' verify $no_unit -Dtest.groups=soak -Dtest.excludedGroups= "$@" ;;
  checks) checks ;;
  all)
    build_and_install "$@"
    begin_checks
    tests 'unit and integration' 60m 'unit integration' verify "$@"
    end_checks
    ;;
  help | --help | -h)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' "$0"
    exit 0
    ;;
  *)
    echo "gatehouse: no tests called '$layer'; ./gatehouse test help lists them" >&2
    exit 2
    ;;
esac

if [ -n "$verdict" ]; then printf '\n%s\n' "$verdict"; fi
if [ ${#failures[@]} -gt 0 ]; then
  printf '\ngatehouse: failed: %s\n' "$(printf '%s, ' "${failures[@]}" | sed 's/, $//')"
  exit 1
fi
printf '\ngatehouse: all passed (%s, %d s)\n' "$layer" $SECONDS

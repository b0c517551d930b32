#!/usr/bin/env bash
# Runs tests and installs what they need.
#   ./gatehouse test [LAYER] [MAVEN ARGUMENT...]
#     unit         fast tests without Kafka (*Test), including property tests
#     property     the property tests of `wire` only: every API and version, compared with kafka-clients
#     integration  real brokers and real clients in several languages (*IT)
#     fuzz         coverage-guided fuzzing (*Fuzz), each test for its own duration, a few minutes in total
#     soak         long runs (*IT tagged soak)
#     checks       scripts, docs/dependencies.md, format, launcher and distribution
#     all          unit, integration and checks, as in CI; the default
#   MAVEN ARGUMENTs select tests: ./gatehouse test unit -pl wire -am -Dtest=WalkerTest
#                                  ./gatehouse test integration -pl gateway -am -Dit.test=MatrixIT
# After a failure the other tests still run, and all failures are listed at the end. With CI=true a skipped test, for
# example because a program is missing, counts as a failure.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
layer=${1:-all}
[ $# -eq 0 ] || shift
cd "$root" || exit 1

failures=()
# Runs a part of the tests with a time limit, and records whether it failed.
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
  # The format is checked separately, so that it does not prevent the tests.
  -Dformat.skip=true)

in_ci() { [ "${CI:-}" = true ]; }

# Records that a program for a check is missing.
missing() { # what is not checked, why
  echo "gatehouse: $1 not checked: $2"
  if in_ci; then failures+=("$1"); fi
}

# Runs the tests of every module, even after failures, and evaluates their reports.
verdict=''
tests() { # name, limit, layers, Maven arguments...
  local name=$1 limit=$2 layers=() jdk log code
  # If tests are selected, not all classes of a layer need a report.
  if [ ${#narrowed[@]} -eq 0 ]; then read -ra layers <<<"$3"; fi
  if in_ci; then layers+=(no-skips); fi
  shift 3
  rm -rf ./*/target/surefire-reports ./*/target/failsafe-reports ./*/target/leaks-*
  mkdir -p target
  log=target/tests.log
  # A failed test does not stop its module, and a failed module does not stop the others.
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

# Installs the clients. If one cannot be installed, only its tests fail.
clients() {
  local begun=$SECONDS
  timeout --foreground --kill-after=30 15m testkit/clients/install.sh \
    || echo "gatehouse: some clients for the integration tests could not be installed"
  echo "---- clients of the integration tests: $((SECONDS - begun)) s"
}

# A JVM can fuzz only one test, so each test has its own run.
fuzz() {
  local found test file module
  # Finds the file and the name of the first method after each annotation.
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
    missing 'scripts' 'shellcheck is not installed'
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

# Runs the checks in parallel to the tests, which often wait: in a copy of the sources, because both build, and with low
# priority. Without git they run after the tests.
copy='' checking=''
begin_checks() {
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return
  copy=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-checks.XXXXXX")
  git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- --ignore-failed-read 2>/dev/null \
    | tar --extract --directory "$copy"
  ln -s "$(git rev-parse --absolute-git-dir)" "$copy/.git" # for the commit id in the distribution
  # The build of the tests has already checked the same sources for warnings.
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
  printf -- '---- the tests ended %d s before the checks\n' $((SECONDS - begun))
}
clean_up() {
  if [ -n "$checking" ]; then kill -- "-$checking" 2>/dev/null; fi # the whole group
  if [ -n "$copy" ]; then rm -rf "$copy"; fi
}
trap clean_up EXIT

# Installs the clients, which waits for the network, while Maven compiles.
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
    echo "gatehouse: unknown layer '$layer'; see ./gatehouse test help" >&2
    exit 2
    ;;
esac

if [ -n "$verdict" ]; then printf '\n%s\n' "$verdict"; fi
if [ ${#failures[@]} -gt 0 ]; then
  printf '\ngatehouse: failed: %s\n' "$(printf '%s, ' "${failures[@]}" | sed 's/, $//')"
  exit 1
fi
printf '\ngatehouse: all passed (%s, %d s)\n' "$layer" $SECONDS

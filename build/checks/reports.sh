#!/usr/bin/env bash
# Tests the evaluation of test runs (build/TestReports.java) with fake sources, reports and logs.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
jdk=$("$root/build/find-jdk.sh") || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-reports.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$jdk/bin/javac" -d "$work/classes" "$root/build/TestReports.java" || exit 1

tree=$work/tree
class() { # module, name, annotation
  mkdir -p "$tree/$1/src/test/java/a"
  printf 'package a;\n%s\nclass %s {}\n' "${3:-}" "$2" >"$tree/$1/src/test/java/a/$2.java"
}
report() { # module, plugin, class, content of a test case
  mkdir -p "$tree/$1/target/$2-reports"
  printf '<testsuite name="a.%s"><testcase classname="a.%s" name="one">%s</testcase></testsuite>\n' "$3" "$3" "${4:-}" \
    >"$tree/$1/target/$2-reports/TEST-a.$3.xml"
}
# Creates two modules in which all tests passed.
passed() {
  rm -rf "$tree"
  class wire OneTest
  class wire TwoTest
  class app ThreeTest
  class app FourIT
  class app LongIT '@Tag("soak")'
  report wire surefire OneTest
  report wire surefire TwoTest
  report app surefire ThreeTest
  report app failsafe FourIT
  echo '[INFO] BUILD SUCCESS' >"$work/log"
}

tests=0 failed=0
expect() { # what is tested, exit code, what is printed, options...
  local what=$1 code=$2 text=$3 out is
  shift 3
  tests=$((tests + 1))
  out=$("$jdk/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$work/classes" TestReports "$tree" "$work/log" "$@" 2>&1)
  is=$?
  if [ "$is" -ne "$code" ] || [[ $out != *$text* ]]; then
    failed=$((failed + 1))
    printf 'FAILED %s\n  wanted: %s %s\n  was: %s %s\n' "$what" "$code" "$text" "$is" "$out" >&2
  fi
}

passed
expect 'a run that passed' 0 '4 tests passed' unit integration no-skips
report wire surefire TwoTest '<failure message="1 is not 2">at a.TwoTest</failure>'
expect 'a failure is listed with its reason' 1 $'wire: a.TwoTest.one\n    1 is not 2' unit integration
report app failsafe FourIT '<error type="E">it broke
at a.FourIT</error>'
expect 'an error in another module is listed too' 1 $'app: a.FourIT.one\n    it broke' unit integration
expect 'both are counted' 1 '2 failures (4 tests ran)' unit integration
passed
rm "$tree/wire/target/surefire-reports/TEST-a.OneTest.xml"
expect 'a class without a report' 1 'wire: a.OneTest has no report' unit integration
expect 'a missing report is accepted without a layer' 0 '3 tests passed'
rm -r "$tree/wire/target"
expect 'a module without reports' 1 'wire: no report of surefire, 2 classes ran nothing' unit integration
expect 'missing unit test reports are accepted for the layer integration' 0 '2 tests passed' integration
passed
rm -r "$tree/app/target/failsafe-reports"
expect 'integration tests that did not run' 1 'app: no report of failsafe, 1 classes ran nothing' unit integration
expect 'missing integration test reports are accepted for the layer unit' 0 '3 tests passed' unit
passed
echo '[ERROR] Failed to execute goal surefire:test (default-test) on project wire: The forked VM terminated' >"$work/log"
expect 'a crashed JVM' 1 'Maven: surefire:test (default-test) on project wire: The forked VM' unit integration
passed
echo LEAK >"$tree/app/target/leaks-17.txt"
expect 'buffer leaks' 1 'buffers were not released: see app/target/leaks-17.txt' unit integration
passed
printf '<testsuite name="a.OneTest"><testcase' >"$tree/wire/target/surefire-reports/TEST-a.OneTest.xml"
expect 'an incomplete report' 1 'wire: TEST-a.OneTest.xml is not whole' unit integration
passed
echo '<testsuite name="a.OneTest" errors="1"/>' >"$tree/wire/target/surefire-reports/TEST-a.OneTest.xml"
expect 'an error without a test' 1 'wire: TEST-a.OneTest.xml counts 1 failures' unit integration
passed
report app failsafe FourIT '<skipped message="there is no kcat"/>'
expect 'a skipped test is listed' 0 $'app: a.FourIT.one\n    there is no kcat' unit integration
expect 'a skipped test fails in CI' 1 '1 tests were skipped, which CI does not allow' unit integration no-skips
rm -rf "$tree"/*/target
expect 'a run without tests' 1 'no test ran'

# ---- build/test.sh, with a fake Maven that copies the reports and records its arguments
unset CI
prepare() { # content of a test case, or nothing
  passed
  if [ $# -gt 0 ]; then report wire surefire TwoTest "$1"; fi
  rm -rf "$work/made" && mkdir -p "$work/made/wire" "$work/made/app" "$tree/build"
  mv "$tree/wire/target" "$work/made/wire/"
  mv "$tree/app/target" "$work/made/app/"
  report wire surefire OldTest '<failure/>' # from an earlier run
  cp "$root/build/test.sh" "$root/build/find-jdk.sh" "$root/build/TestReports.java" "$tree/build/"
  cat >"$tree/mvnw" <<MAVEN
#!/usr/bin/env bash
printf '%s\n' "\$@" >arguments
cp -R "$work"/made/. .
MAVEN
  chmod +x "$tree/mvnw"
}
expect_run() { # what is tested, exit code, what is printed, argument for Maven, command...
  local what=$1 code=$2 text=$3 argument=$4 out is
  shift 4
  tests=$((tests + 1))
  out=$("$@" 2>&1)
  is=$?
  if [ "$is" -ne "$code" ] || [[ $out != *$text* ]] || ! grep -qxF -e "$argument" "$tree/arguments"; then
    failed=$((failed + 1))
    printf 'FAILED %s\n  wanted: %s %s %s\n  was: %s %s\n' "$what" "$code" "$text" "$argument" "$is" "$out" >&2
  fi
}
prepare
expect_run 'unit tests run without integration tests' 0 'all passed (unit' package "$tree/build/test.sh" unit
expect_run 'integration tests without unit tests' 0 'all passed (soak' -Dtest.skipUnit=true "$tree/build/test.sh" soak
prepare '<failure message="1 is not 2"/>'
expect_run 'Maven continues after a failed test, and the failure is listed at the end' 1 '1 is not 2

gatehouse: failed: tests: unit' -Dmaven.test.failure.ignore=true "$tree/build/test.sh" unit
expect_run 'Maven continues after a failed module' 1 'wire: a.TwoTest.one' --fail-never "$tree/build/test.sh" unit
prepare '<skipped message="there is no kcat"/>'
expect_run 'a test may be skipped' 0 'there is no kcat' package "$tree/build/test.sh" unit
expect_run 'a skipped test fails in CI (test.sh)' 1 'gatehouse: failed: tests: unit' package env CI=true "$tree/build/test.sh" unit

echo "reports: $tests tests, $failed failed"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# Tests the launcher ./gatehouse in a fake source tree and a fake distribution. Their java only records its arguments.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-launcher.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset "${!GATEHOUSE_@}" "${!GATEWAY_@}"

tests=0 failed=0
# Runs the launcher and sets $code, $out, $err and, if java was called, $java: one argument per line.
launch() { # working directory, launcher, arguments
  local folder=$1
  shift
  rm -f "$work/java"
  (cd "$folder" && "$@") >"$work/out" 2>"$work/err"
  code=$? out=$(cat "$work/out") err=$(cat "$work/err") java=$(cat "$work/java" 2>/dev/null)
}
expect() { # what is tested, condition...
  local what=$1
  shift
  tests=$((tests + 1))
  if ! "$@"; then
    failed=$((failed + 1))
    printf 'FAILED %s\n  wanted: %s\n  exit code: %s\n  out: %s\n  err: %s\n  java: %s\n' \
      "$what" "$*" "$code" "$out" "$err" "${java//$'\n'/ }" >&2
  fi
}
has() { [[ $'\n'$1$'\n' == *$'\n'$2$'\n'* ]]; } # whether a whole line matches
contains() { [[ $1 == *$2* ]]; }
lacks() { [[ $1 != *$2* ]]; }
builds() { [ "$({ wc -l <"$work/builds" || echo 0; } 2>/dev/null)" -eq "$1" ]; }

make_java() { # folder
  mkdir -p "$1/bin"
  cat >"$1/bin/java" <<JAVA
#!/usr/bin/env bash
printf '%s\n' "\$@" >"$work/java"
printenv GREETING
printf '%s' "\$LC_ALL" >"$work/locale"
exit 7
JAVA
  chmod +x "$1/bin/java"
}

tree=$work/tree
mkdir -p "$tree/build" "$tree/app/src/main/java" "$tree/testkit/kafka/4.4"
cp "$root/gatehouse" "$tree/"
: >"$tree/pom.xml"
: >"$tree/app/pom.xml"
: >"$tree/testkit/kafka/4.4/pom.xml"
: >"$tree/app/src/main/java/One.java"
: >"$tree/app/src/main/java/Two.java"
: >"$tree/build/train.sh"
: >"$tree/build/Train.java"
make_java "$work/jdk"
cat >"$tree/build/find-jdk.sh" <<STUB
#!/usr/bin/env bash
[ -e "$work/no-jdk" ] && { echo "no JDK 25 found" >&2; exit 1; }
echo "$work/jdk"
STUB
cat >"$tree/build/package.sh" <<STUB
#!/usr/bin/env bash
echo "\$1" >>"$work/builds"
[ -e "$work/broken" ] && exit 1
mkdir -p "$tree/target/run/lib" "$tree/target/run/demo-lib"
touch "$tree"/target/run/lib/{b,A,gatehouse-x,a-b,a}.jar "$tree/target/run/demo-lib/kit.jar" "$tree/target/run/\$1.stamp"
[ "\$1" != cache ] || touch "$tree/target/run/gatehouse.aot"
STUB
cat >"$tree/build/test.sh" <<STUB
#!/usr/bin/env bash
echo "tested \$*"
STUB
chmod +x "$tree"/build/*.sh
# Makes everything older than the builds below.
find "$tree" -exec touch -d '-1 hour' {} +

# ---- building
launch "$work" "$tree/gatehouse" help
expect 'help needs no build' builds 0
expect 'help names the commands' contains "$out" dist
launch "$work" "$tree/gatehouse"
expect 'no command is a failure' [ "$code" -eq 1 ]
launch "$work" "$tree/gatehouse" test unit -pl wire
expect 'test goes to its script' [ "$out" = 'tested unit -pl wire' ]
expect 'test does not build the gateway' builds 0
touch "$work/broken"
launch "$work" "$tree/gatehouse" version
expect 'a failed build is a failure' [ "$code" -eq 1 ]
expect 'nothing runs after a failed build' [ -z "$java" ]
rm "$work/broken" "$work/builds"
launch "$work" "$tree/gatehouse" version
expect 'the first run builds' builds 1
expect "java's exit code is the launcher's" [ "$code" -eq 7 ]
launch "$work" "$tree/gatehouse" version
expect 'unchanged sources are not built again' builds 1
touch -d '+1 hour' "$tree/app/src/main/java/One.java"
launch "$work" "$tree/gatehouse" version
expect 'a changed source is built' builds 2
touch -d '-1 hour' "$tree/app/src/main/java/One.java"
touch -d '+1 hour' "$tree/testkit/kafka/4.4/pom.xml"
launch "$work" "$tree/gatehouse" version
expect 'a changed pom is built' builds 3
touch -d '-1 hour' "$tree/testkit/kafka/4.4/pom.xml"
touch -d '-1 minute' "$tree/target/run/gateway.stamp"
rm "$tree/app/src/main/java/Two.java"
launch "$work" "$tree/gatehouse" version
expect 'a deleted source is built' builds 4
launch "$work" env GATEHOUSE_AOT_OUTPUT="$work/cache" "$tree/gatehouse" version
expect 'a build does not start another' builds 4
expect 'a training run writes its cache' has "$java" "-XX:AOTCacheOutput=$work/cache"
launch "$work" "$tree/gatehouse" build
expect 'build builds' builds 5

# ---- the command line of java
launch "$work" "$tree/gatehouse" run --config 'a b.yaml' '' '*'
expect 'arguments arrive as they were' \
  [ "${java#*io.gatehouse.app.Main}" = $'\nrun\n--config\na b.yaml\n\n*' ]
lib=$tree/target/run/lib
jars=$lib/gatehouse-x.jar:$lib/A.jar:$lib/a-b.jar:$lib/a.jar:$lib/b.jar
expect 'jars are in the order of their bytes, our own first' has "$java" "$jars"
expect 'the collector is the serial one' has "$java" -XX:+UseSerialGC
launch "$work" env LC_ALL=en_US.UTF-8 "$tree/gatehouse" run
expect 'the order does not depend on the locale' has "$java" "$jars"
launch "$tree" ./gatehouse run
expect 'it can be called by a short path' has "$java" "$jars"
ln -s "$tree/gatehouse" "$work/link"
launch / "$work/link" run
expect 'it can be called through a link' has "$java" "$jars"
expect 'the start time is passed on' contains "$java" "-Dgatehouse.started=1"
launch "$work" "$tree/gatehouse" verify
expect 'a source tree has nothing to verify' contains "$err" 'this is a source tree'
launch "$work" "$tree/gatehouse" demo
expect 'the class path of the demo includes the testkit' contains "$java" ":$tree/target/run/demo-lib/kit.jar"
expect 'the demo receives the path of the source tree' has "$java" "-Dgatehouse.root=$tree"
launch "$work" env GATEHOUSE_HEAP=1g "$tree/gatehouse" run
expect 'the heap can be set' has "$java" -Xmx1g
for wrong in lots 0m 12t -Xmx1g '1g -version'; do
  launch "$work" env GATEHOUSE_HEAP="$wrong" "$tree/gatehouse" run
  expect "the heap size '$wrong' is refused" contains "$err" "GATEHOUSE_HEAP is '$wrong', but must be a size such as 256m or 1g"
  expect "nothing runs with the heap size '$wrong'" [ -z "$java" ]
done
launch "$work" env GATEHOUSE_JAVA_OPTS=' -Da=1   -Db=* -XX:+UseZGC ' "$tree/gatehouse" run
expect 'further options are split into words' has "$java" '-Db=*'
expect 'another collector replaces the default' lacks "$java" -XX:+UseSerialGC
launch "$work" env GATEHOUSE_JAVA_OPTS=-Xmn20m "$tree/gatehouse" run
expect 'further options come last' contains "${java#*-Xmn6m}" -Xmn20m

# ---- the AOT cache
launch "$work" "$tree/gatehouse" run
expect 'without a cache there is no option' lacks "$java" -XX:AOTCache=
expect 'no command before created a cache' lacks "$(cat "$work/builds")" cache
launch "$work" env GATEHOUSE_AOT=off "$tree/gatehouse" package
expect 'package creates no cache if it is turned off' lacks "$(cat "$work/builds")" cache
launch "$work" "$tree/gatehouse" package
expect 'package creates the cache' [ "$(tail -n 1 "$work/builds")" = cache ]
expect 'package starts no gateway' [ -z "$java" ]
launch "$work" "$tree/gatehouse" run
expect 'a cache is used' has "$java" "-XX:AOTCache=$tree/target/run/gatehouse.aot"
launch "$work" env GATEHOUSE_AOT=off "$tree/gatehouse" run
expect 'a cache that is turned off is not used' lacks "$java" -XX:AOTCache=

# ---- GATEWAY_ENV_FILE
printf 'export GREETING="hello there"\nself=/nowhere home=/nowhere\n' >"$work/env file"
launch "$work" env GATEWAY_ENV_FILE="$work/env file" "$tree/gatehouse" run
expect 'variables are read from the file' [ "$out" = 'hello there' ]
expect 'the launcher prints the name of the file' [ "$err" = "Sourcing environment variables from $work/env file" ]
launch "$work" env GATEWAY_ENV_FILE='env file' "$tree/gatehouse" run
expect 'the file may be named without a folder' [ "$out" = 'hello there' ]
launch "$work" env GATEWAY_ENV_FILE="$work/none" "$tree/gatehouse" run
expect 'a missing file is a warning' contains "$err" "warning: cannot read $work/none"
expect 'a missing file does not prevent the start' has "$java" run
launch "$work" env GATEWAY_ENV_FILE="$work" "$tree/gatehouse" run
expect 'a folder is not accepted as a file' contains "$err" "warning: cannot read $work"

# ---- which Java
make_java "$work/other"
launch "$work" env GATEHOUSE_JAVA_HOME="$work/none" "$tree/gatehouse" run
expect 'a missing JDK is replaced by another one' has "$java" run
touch "$work/no-jdk"
launch "$work" "$tree/gatehouse" run
expect 'a missing JDK is reported' contains "$err" 'no JDK 25 found'
expect 'a missing JDK is a failure' [ "$code" -eq 1 ]
echo "$work/jdk" >"$tree/target/run/java-home"
launch "$work" "$tree/gatehouse" run
expect 'the JDK of the build is used without a search' has "$java" run

# ---- a distribution
dist=$work/dist
mkdir -p "$dist/bin" "$dist/lib"
cp "$root/gatehouse" "$dist/bin/"
launch "$work" "$dist/bin/gatehouse" version
expect 'missing jars of a distribution are reported' contains "$err" "no jars in $dist/lib"
touch "$dist/lib/a.jar" "$dist/lib/gatehouse.aot"
launch "$work" "$dist/bin/gatehouse" version
expect 'a missing runtime of a distribution is reported' contains "$err" "no Java at $dist/runtime/bin/java"
make_java "$dist/runtime"
launch "$work" "$dist/bin/gatehouse" help
expect 'a distribution passes all commands to the gateway' \
  [ "${java#*io.gatehouse.app.Main}" = $'\nhelp' ]
expect 'its jars are used' has "$java" "$dist/lib/a.jar"
expect 'its cache is used' has "$java" "-XX:AOTCache=$dist/lib/gatehouse.aot"
launch "$work" env -u LC_ALL -u LC_CTYPE LANG=POSIX "$dist/bin/gatehouse" run
expect 'Java reads variables as UTF-8' [ "$(cat "$work/locale")" = C.UTF-8 ]
launch "$work" env -u LC_CTYPE LC_ALL=de_DE.UTF-8 "$dist/bin/gatehouse" run
expect 'a UTF-8 locale is kept' [ "$(cat "$work/locale")" = de_DE.UTF-8 ]
launch "$dist/bin" ./gatehouse run
expect 'it can be called from its own folder' has "$java" "$dist/lib/a.jar"
cp "$root/gatehouse" "$work/bare"
launch "$work" "$work/bare" run
expect 'a launcher without a distribution reports the problem' contains "$err" 'neither in a source tree nor in the bin folder'

echo "launcher: $tests tests, $failed failed"
[ "$failed" -eq 0 ]

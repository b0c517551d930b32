#!/usr/bin/env bash
# Tests ./gatehouse itself, in a made-up source tree and a made-up distribution whose java only tells how it was called.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-launcher.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset "${!GATEHOUSE_@}" "${!GATEWAY_@}"

tests=0 failed=0
# Runs the launcher; what it did is in $code, $out, $err and, as far as java was reached, $java: a line for each argument.
launch() { # folder to stand in, launcher, arguments
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
has() { [[ $'\n'$1$'\n' == *$'\n'$2$'\n'* ]]; } # a whole line
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
# Everything is older than whatever is built below.
find "$tree" -exec touch -d '-1 hour' {} +

# ---- building
launch "$work" "$tree/gatehouse" help
expect 'help needs no build' builds 0
expect 'help names the commands' contains "$out" dist
launch "$work" "$tree/gatehouse"
expect 'no command is a failure' [ "$code" -eq 1 ]
launch "$work" "$tree/gatehouse" test unit -pl wire
expect 'test goes to its script' [ "$out" = 'tested unit -pl wire' ]
expect 'test needs no build of the launcher' builds 0
touch "$work/broken"
launch "$work" "$tree/gatehouse" version
expect 'a failed build ends it' [ "$code" -eq 1 ]
expect 'a failed build runs nothing' [ -z "$java" ]
rm "$work/broken" "$work/builds"
launch "$work" "$tree/gatehouse" version
expect 'the first run builds' builds 1
expect "java's exit code is the launcher's" [ "$code" -eq 7 ]
launch "$work" "$tree/gatehouse" version
expect 'what is built is not built again' builds 1
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
expect 'and in every locale' has "$java" "$jars"
launch "$tree" ./gatehouse run
expect 'it can be called by a short path' has "$java" "$jars"
ln -s "$tree/gatehouse" "$work/link"
launch / "$work/link" run
expect 'it can be called through a link' has "$java" "$jars"
expect 'the time of its start is told' contains "$java" "-Dgatehouse.started=1"
launch "$work" "$tree/gatehouse" verify
expect 'a source tree has nothing to verify' contains "$err" 'this is a source tree'
launch "$work" "$tree/gatehouse" demo
expect 'the demo has the test kit' contains "$java" ":$tree/target/run/demo-lib/kit.jar"
expect 'the demo knows the tree' has "$java" "-Dgatehouse.root=$tree"
launch "$work" env GATEHOUSE_HEAP=1g "$tree/gatehouse" run
expect 'the heap can be set' has "$java" -Xmx1g
for wrong in lots 0m 12t -Xmx1g '1g -version'; do
  launch "$work" env GATEHOUSE_HEAP="$wrong" "$tree/gatehouse" run
  expect "the heap is not '$wrong'" contains "$err" "GATEHOUSE_HEAP is '$wrong', and should look like 256m or 1g"
  expect "nothing runs with a heap of '$wrong'" [ -z "$java" ]
done
launch "$work" env GATEHOUSE_JAVA_OPTS=' -Da=1   -Db=* -XX:+UseZGC ' "$tree/gatehouse" run
expect 'further options are words' has "$java" '-Db=*'
expect 'another collector replaces ours' lacks "$java" -XX:+UseSerialGC
launch "$work" env GATEHOUSE_JAVA_OPTS=-Xmn20m "$tree/gatehouse" run
expect 'further options come last' contains "${java#*-Xmn6m}" -Xmn20m

# ---- the cache of loaded classes
launch "$work" "$tree/gatehouse" run
expect 'no cache, no option' lacks "$java" -XX:AOTCache=
expect 'no command so far made one' lacks "$(cat "$work/builds")" cache
launch "$work" env GATEHOUSE_AOT=off "$tree/gatehouse" package
expect 'package makes none where it is turned off' lacks "$(cat "$work/builds")" cache
launch "$work" "$tree/gatehouse" package
expect 'package makes it' [ "$(tail -n 1 "$work/builds")" = cache ]
expect 'and starts nothing' [ -z "$java" ]
launch "$work" "$tree/gatehouse" run
expect 'a cache is used' has "$java" "-XX:AOTCache=$tree/target/run/gatehouse.aot"
launch "$work" env GATEHOUSE_AOT=off "$tree/gatehouse" run
expect 'unless it is turned off' lacks "$java" -XX:AOTCache=

# ---- GATEWAY_ENV_FILE
printf 'export GREETING="hello there"\nself=/nowhere home=/nowhere\n' >"$work/env file"
launch "$work" env GATEWAY_ENV_FILE="$work/env file" "$tree/gatehouse" run
expect 'variables come from the file' [ "$out" = 'hello there' ]
expect 'it says so' [ "$err" = "Sourcing environment variables from $work/env file" ]
launch "$work" env GATEWAY_ENV_FILE='env file' "$tree/gatehouse" run
expect 'the file may be named without a folder' [ "$out" = 'hello there' ]
launch "$work" env GATEWAY_ENV_FILE="$work/none" "$tree/gatehouse" run
expect 'a missing file is a warning' contains "$err" "warning: no file $work/none"
expect 'and does not stop it' has "$java" run
launch "$work" env GATEWAY_ENV_FILE="$work" "$tree/gatehouse" run
expect 'a folder is no file' contains "$err" "warning: no file $work"

# ---- which Java
make_java "$work/other"
launch "$work" env GATEHOUSE_JAVA_HOME="$work/none" "$tree/gatehouse" run
expect 'a wrong JDK is passed over for one that is there' has "$java" run
touch "$work/no-jdk"
launch "$work" "$tree/gatehouse" run
expect 'without a JDK it says so' contains "$err" 'no JDK 25 found'
expect 'and fails' [ "$code" -eq 1 ]
echo "$work/jdk" >"$tree/target/run/java-home"
launch "$work" "$tree/gatehouse" run
expect 'the JDK of the build is not looked for again' has "$java" run

# ---- a distribution
dist=$work/dist
mkdir -p "$dist/bin" "$dist/lib"
cp "$root/gatehouse" "$dist/bin/"
launch "$work" "$dist/bin/gatehouse" version
expect 'a distribution without jars says so' contains "$err" "no jars in $dist/lib"
touch "$dist/lib/a.jar" "$dist/lib/gatehouse.aot"
launch "$work" "$dist/bin/gatehouse" version
expect 'a distribution without its runtime says so' contains "$err" "no Java at $dist/runtime/bin/java"
make_java "$dist/runtime"
launch "$work" "$dist/bin/gatehouse" help
expect 'all commands of a distribution are the gateway'"'"'s' \
  [ "${java#*io.gatehouse.app.Main}" = $'\nhelp' ]
expect 'its jars are used' has "$java" "$dist/lib/a.jar"
expect 'its cache is used' has "$java" "-XX:AOTCache=$dist/lib/gatehouse.aot"
launch "$work" env -u LC_ALL -u LC_CTYPE LANG=POSIX "$dist/bin/gatehouse" run
expect 'Java reads variables as UTF-8' [ "$(cat "$work/locale")" = C.UTF-8 ]
launch "$work" env -u LC_CTYPE LC_ALL=de_DE.UTF-8 "$dist/bin/gatehouse" run
expect 'and keeps a locale that has it' [ "$(cat "$work/locale")" = de_DE.UTF-8 ]
launch "$dist/bin" ./gatehouse run
expect 'from its own folder too' has "$java" "$dist/lib/a.jar"
cp "$root/gatehouse" "$work/bare"
launch "$work" "$work/bare" run
expect 'a launcher alone says what is wrong' contains "$err" 'neither in a source tree nor in the bin folder'

echo "launcher: $tests tests, $failed failed"
[ "$failed" -eq 0 ]

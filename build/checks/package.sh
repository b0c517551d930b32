#!/usr/bin/env bash
# Tests build/package.sh in a fake source tree, with a fake Maven and a fake training.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-package.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset "${!GATEHOUSE_@}"

tree=$work/tree run=$work/tree/target/run
mkdir -p "$tree/build" "$work/jdk/bin"
cp "$root/build/package.sh" "$root/build/modules.sh" "$tree/build/"
touch "$tree/gatehouse" "$tree/build/Train.java"
printf '#!/bin/sh\necho %s\n' "$work/jdk" >"$tree/build/find-jdk.sh"
# A fake jar command that extracts a native library.
printf '#!/bin/sh\nmkdir -p META-INF/native\ntouch META-INF/native/code.so\n' >"$work/jdk/bin/jar"
cat >"$tree/build/train.sh" <<TRAIN
#!/bin/sh
echo trained >>"$work/trained"
touch "\$2"
TRAIN
cat >"$tree/mvnw" <<'MAVEN'
#!/usr/bin/env bash
cd "${0%/*}"
echo '[INFO] Building Gatehouse: wire 0.1.0-SNAPSHOT      [2/3]'
if [ -e broken ]; then
  echo '[ERROR] One.java does not compile'
  exit 1
fi
mkdir -p app/target/lib app/target/demo-lib
cp source app/target/lib/gatehouse-app.jar
touch app/target/lib/netty-{transport-native-epoll,tcnative-boringssl}-1-linux-{x86_64,aarch_64}.jar app/target/demo-lib/kit.jar
MAVEN
chmod +x "$tree"/build/*.sh "$tree/mvnw" "$work/jdk/bin/jar"
echo one >"$tree/source"

tests=0 failed=0
package() { # gateway|cache
  out=$("$tree/build/package.sh" "$1" 2>&1)
  code=$?
}
expect() { # what is tested, condition...
  local what=$1
  shift
  tests=$((tests + 1))
  if ! "$@"; then
    failed=$((failed + 1))
    printf 'FAILED %s\n  wanted: %s\n  exit code: %s\n  out: %s\n' "$what" "$*" "$code" "$out" >&2
  fi
}
contains() { [[ $1 == *"$2"* ]]; }
trainings() { [ "$({ wc -l <"$work/trained" || echo 0; } 2>/dev/null)" -eq "$1" ]; }

package gateway
expect 'it builds' [ -f "$run/lib/gatehouse-app.jar" ]
expect 'it unpacks the native code' [ -f "$run/lib/native/code.so" ]
expect 'it copies the jars of the demo' [ -f "$run/demo-lib/kit.jar" ]
expect 'it says that the first build takes a while' contains "$out" 'building for the first time'
expect 'it names each module' contains "$out" '2 of 3: wire'
expect 'it creates no AOT cache' trainings 0
package cache
expect 'the command cache creates the cache' [ -f "$run/gatehouse.aot" ]
package cache
expect 'an existing cache is kept' trainings 1
touch -d '+1 hour' "$tree/build/Train.java"
package cache
expect 'a changed training creates a new cache' trainings 2
touch -d '-1 hour' "$tree/build/Train.java"
made=$(stat -c %Y "$run/lib/gatehouse-app.jar")
touch -d '+1 minute' "$tree/source"
package gateway
expect 'unchanged jars keep the cache' [ -f "$run/gatehouse.aot" ]
expect 'unchanged jars keep their times, which the cache depends on' [ "$(stat -c %Y "$run/lib/gatehouse-app.jar")" = "$made" ]
touch "$tree/broken"
package gateway
expect 'a build that fails is a failure' [ "$code" -ne 0 ]
expect 'a failed build prints the error' contains "$out" '[ERROR] One.java does not compile'
expect 'a failed build keeps the previous jars' [ -f "$run/lib/gatehouse-app.jar" ]
rm "$tree/broken"
echo two >"$tree/source"
package gateway
expect 'changed jars replace the previous ones' contains "$(cat "$run/lib/gatehouse-app.jar")" two
expect 'changed jars remove the cache' [ ! -f "$run/gatehouse.aot" ]
expect 'a build creates no cache' trainings 2

echo "package: $tests tests, $failed failed"
[ "$failed" -eq 0 ]

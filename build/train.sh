#!/usr/bin/env bash
# Creates the AOT cache (JEP 514), which halves the start-up time of a gateway:
#   build/train.sh LAUNCHER OUTPUT
# runs LAUNCHER's gateway with a real broker and some load, and stops it, which makes the JVM write OUTPUT.
# Needs a built source tree, because the broker is started by the testkit.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
launcher=$1 output=$2
jdk=$("$root/build/find-jdk.sh")
log=$root/target/run/train.log
draft=$output.draft
rm -f "$draft" "$draft".*
trap 'rm -f "$draft" "$draft".*' EXIT

echo "gatehouse: creating the AOT cache" >&2
# Train.java has its own deadlines; this one is for a JVM that hangs.
if ! timeout -k 10 240 "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xlog:disable \
  -Dslf4j.provider=io.gatehouse.app.log.LogbackProvider -Dslf4j.internal.verbosity=WARN \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "-Dgatehouse.root=$root" \
  -cp "$root/target/run/demo-lib/*:$root/target/run/lib/*" \
  "$root/build/Train.java" "$launcher" "$draft" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
[ -s "$draft" ] || { echo "gatehouse: the JVM did not write the cache; see $log" >&2; exit 1; }
mv "$draft" "$output"

#!/usr/bin/env bash
# Makes the cache of loaded classes and profiles (JEP 514, 515) that lets a gateway start in half the time:
#   build/train.sh LAUNCHER OUTPUT
# runs LAUNCHER's gateway before a real broker, with some load, and ends it in order, whereupon the JVM writes OUTPUT.
# Works on a built source tree only: the broker comes from the testkit.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
launcher=$1 output=$2
jdk=$("$root/build/find-jdk.sh")
log=$root/target/run/train.log
draft=$output.draft
rm -f "$draft" "$draft".*
trap 'rm -f "$draft" "$draft".*' EXIT

echo "gatehouse: making the cache of loaded classes" >&2
# Train.java bounds its own waits; this is for a JVM that hangs.
if ! timeout -k 10 240 "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xlog:disable \
  -Dslf4j.provider=io.gatehouse.app.log.LogbackProvider -Dslf4j.internal.verbosity=WARN \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "-Dgatehouse.root=$root" \
  -cp "$root/target/run/demo-lib/*:$root/target/run/lib/*" \
  "$root/build/Train.java" "$launcher" "$draft" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
[ -s "$draft" ] || { echo "gatehouse: the JVM wrote no cache; see $log" >&2; exit 1; }
mv "$draft" "$output"

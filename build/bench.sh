#!/usr/bin/env bash
# Runs benchmarks: build/bench.sh [SCENARIO...] [options], or build/bench.sh jmh [REGEXP]. See docs/performance.md.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
jdk=$("$root/build/find-jdk.sh")
main=io.gatehouse.bench.EndToEnd
if [ "${1:-}" = jmh ]; then
  shift
  main=org.openjdk.jmh.Main
fi
exec "$jdk/bin/java" -Xmx1g -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -Dio.netty.noUnsafe=false "-Dgatehouse.root=$root" -cp "$root/bench/target/lib/*" "$main" "$@"

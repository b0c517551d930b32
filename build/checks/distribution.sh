#!/usr/bin/env bash
# Tests the archive in target/dist as users run it: unpacked in another folder, with its own Java runtime. It needs no
# broker, because a gateway becomes ready without its cluster.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-distribution.XXXXXX")
gateway=''
trap '[ -z "$gateway" ] || kill -9 "$gateway" 2>/dev/null; rm -rf "$work"' EXIT
unset "${!GATEHOUSE_@}" "${!GATEWAY_@}" "${!KAFKA_@}" JAVA_HOME

tests=0 failed=0
expect() { # what is tested, condition...
  local what=$1
  shift
  tests=$((tests + 1))
  if ! "$@" >/dev/null; then
    failed=$((failed + 1))
    printf 'FAILED %s\n  wanted: %s\n' "$what" "$*" >&2
    tail -n 20 "$work"/*.log >&2 2>/dev/null
  fi
}
contains() { [[ $1 == *$2* ]]; }
fails() { ! "$@" 2>/dev/null; }

archive=$(find "$root/target/dist" -maxdepth 1 -name 'gatehouse-*.tar.gz' | head -n 1)
[ -n "$archive" ] || { echo "distribution: nothing in target/dist; run ./gatehouse dist first" >&2; exit 1; }
checksum_holds() { (cd "$root/target/dist" && sha256sum --quiet -c ./*.sha256); }
expect 'the checksum holds' checksum_holds
tar -xzf "$archive" -C "$work"
home=$(find "$work" -mindepth 1 -maxdepth 1 -type d)
expect 'it contains a single folder' [ "$home" = "$work/$(basename "$archive" .tar.gz)" ]
for file in LICENSE NOTICE CHANGELOG.md docs/configuration.md docs/security/README.md conf/gatehouse.yaml runtime/legal/java.base/LICENSE; do
  expect "it contains $file" [ -s "$home/$file" ]
done
expect 'it contains no test jars' [ -z "$(find "$home/lib" -name '*.jar' | grep -E 'testkit|junit|assertj|jmh|archunit')" ]
expect 'other users cannot write to it' [ -z "$(find "$home" ! -type l -perm /022)" ]

# ---- contents
expect 'an unpacked archive passes verify' contains "$("$home/bin/gatehouse" verify 2>&1)" 'files are unchanged'
sbom=$(cat "$home/sbom.cdx.json")
expect 'the bill of materials is CycloneDX' contains "$sbom" '"bomFormat": "CycloneDX"'
expect 'the bill of materials contains Java' contains "$sbom" '"name": "openjdk"'
for jar in "$home"/lib/*.jar; do
  sum=$(sha256sum "$jar")
  expect "the bill of materials has the digest of $(basename "$jar")" contains "$sbom" "${sum%% *}"
done
jar=$(find "$home/lib" -name 'kafka-clients-*.jar')
cp "$jar" "$work/kept.jar"
printf x >>"$jar"
expect 'a changed jar is noticed' contains "$("$home/bin/gatehouse" verify 2>&1)" "./lib/$(basename "$jar"): FAILED"
expect 'a changed jar makes verify fail' fails "$home/bin/gatehouse" verify
mv "$jar" "$work/moved.jar"
expect 'a missing jar is noticed' contains "$("$home/bin/gatehouse" verify 2>&1)" "$(basename "$jar")"
cp -p "$work/kept.jar" "$jar"
cp "$jar" "$home/lib/aaa.jar"
expect 'an added jar is noticed' contains "$("$home/bin/gatehouse" verify 2>&1)" 'not part of this distribution: lib/aaa.jar'
expect 'an added jar makes verify fail' fails "$home/bin/gatehouse" verify
rm "$home/lib/aaa.jar"
touch -d "$(date -R -r "$home/LICENSE")" "$jar" # the AOT cache compares the time
expect 'the restored folder passes verify' "$home/bin/gatehouse" verify

version=$("$home/bin/gatehouse" version 2>"$work/version.log")
expect 'it prints its version' contains "$version" "gatehouse $(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$root/pom.xml" | head -n 1) "
expect 'it prints nothing on standard error' [ ! -s "$work/version.log" ]
if [ -f "$home/lib/gatehouse.aot" ]; then
  expect 'the AOT cache works where the archive is unpacked' \
    env GATEHOUSE_JAVA_OPTS=-XX:AOTMode=on "$home/bin/gatehouse" version
fi
expect 'the example configuration is valid' "$home/bin/gatehouse" config --check --config "$home/conf/gatehouse.yaml"

# ---- a gateway: start, kill, restart, stop
cat >"$work/gateway.yaml" <<'YAML'
listeners:
  - host: 127.0.0.1
    mapping:
      - {broker: "127.0.0.1:1", listen: "127.0.0.1:0"}
http: {host: 127.0.0.1, port: 0}
YAML
start() { # log
  "$home/bin/gatehouse" run --config "$work/gateway.yaml" >"$1" 2>&1 &
  gateway=$!
  local tries
  port=''
  for ((tries = 0; tries < 300; tries++)); do
    port=$(sed -n 's|.*Health and metrics at http://127.0.0.1:\([0-9]*\)$|\1|p' "$1")
    if [ -n "$port" ] || ! kill -0 $gateway 2>/dev/null; then return; fi
    sleep 0.1
  done
}
get() { # path
  local answer=''
  if exec 3<>"/dev/tcp/127.0.0.1/$port"; then
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
    answer=$(timeout 20 cat <&3)
    exec 3>&-
  fi
  printf '%s' "$answer"
}
# Prints the exit code of a process, or nothing if it is still running after 30 seconds.
ending() { # pid
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if ! kill -0 "$1" 2>/dev/null; then
      wait "$1"
      echo $?
      return
    fi
    sleep 0.1
  done
}

start "$work/first.log"
expect 'a gateway starts' [ -n "$port" ]
if [ -n "$port" ]; then
  expect 'it is alive' contains "$(get /health/live)" LIVE
  expect 'it is ready without its cluster' contains "$(get /health/ready)" ' 200 '
  expect 'its health reports that the cluster is down' contains "$(get /health)" '"DOWN"'
  # JSON needs most of the runtime's modules.
  expect 'it serves JSON' contains "$(get /versions)" '"gateway"'
  expect 'it serves metrics' contains "$(get /metrics)" gatehouse_client_connections
fi
kill -9 "$gateway" 2>/dev/null
wait "$gateway" 2>/dev/null
start "$work/second.log"
expect 'a killed gateway starts again' [ -n "$port" ]
kill -TERM "$gateway" 2>/dev/null
# Runs in this shell, because only the parent can wait for the process.
ending "$gateway" >"$work/ending"
expect 'it ends with exit code 0' [ "$(cat "$work/ending")" = 0 ]
gateway=''

echo "distribution: $tests tests, $failed failed"
[ "$failed" -eq 0 ]

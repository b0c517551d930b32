#!/usr/bin/env bash
# Tests how testkit/clients/run.sh handles clients that crash, with a fake `node` as the client.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/gatehouse-clients.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Its second argument, the bootstrap address, is a file with the outcome of each run, one word per line.
cat >"$work/node" <<'NODE'
#!/usr/bin/env bash
read -r word <"$2"
sed -i 1d "$2"
case $word in
  crash) kill -SEGV $$ ;;
  abort) kill -ABRT $$ ;;
  fail) echo 'it did not work' >&2; exit 1 ;;
esac
echo 'brokers: x:1'
NODE
chmod +x "$work/node"

tests=0 failed=0
expect() { # what is tested, exit code, line, outcomes at the gateway, outcomes at the brokers
  tests=$((tests + 1))
  tr ' ' '\n' <<<"$4" >"$work/gateway"
  tr ' ' '\n' <<<"$5" >"$work/brokers"
  local arguments=() line code
  [ -z "$5" ] || arguments=(--brokers "$work/brokers")
  line=$(PATH=$work:$PATH "$root/testkit/clients/run.sh" "${arguments[@]}" "$work/gateway" kafkajs -- admin 2>/dev/null)
  code=$?
  # shellcheck disable=SC2053 # a pattern
  if [ $code -ne "$2" ] || [[ $line != $3 ]]; then
    failed=$((failed + 1))
    printf 'FAILED %s\n  wanted: %s %s\n  was: %s %s\n' "$1" "$2" "$3" "$code" "$line" >&2
  fi
}

fine='ok ok ok ok ok ok ok ok ok ok'
expect 'a client that works' 0 'ok *admin*' 'ok' "$fine"
expect 'a client that fails' 1 'FAIL*it did not work' 'fail ok' "$fine"
expect 'a crash only at the gateway' 1 'FAIL*SIGSEGV, and not in 10 runs at the brokers*' 'crash ok' "$fine"
expect 'a different crash at the brokers' 1 'FAIL*SIGSEGV, and not in 10 runs at the brokers*' 'crash ok' "abort $fine"
expect 'the same crash at the brokers' 0 'ok*SIGSEGV, as it does at the brokers (there in run 3), and was run again*' \
  'crash ok' 'ok ok crash'
expect 'the same crash at the brokers, then a failure' 1 'FAIL*run again*it did not work' 'crash fail' 'crash'
expect 'a second crash' 1 'FAIL*run again*' 'crash crash ok' 'crash'
expect 'a crash without brokers to compare with' 1 'FAIL*died of SIGSEGV;*' 'crash ok' ''

echo "clients: $tests tests, $failed failed"
[ "$failed" -eq 0 ]

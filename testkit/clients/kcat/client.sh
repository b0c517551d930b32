#!/bin/bash
# kcat, over the system's librdkafka. It has no admin calls, so the topics are made by common/topic.py.
set -uo pipefail
shopt -s lastpipe # so that a failure in `records | send` ends the script

# Ended after 47 s, the script has time to say so within 60 s: bash waits for the call under way, at most 10 s.
[ "${1:-}" = --bounded ] || exec timeout -k 12 47 "$0" --bounded "$@"
shift
[ $# -eq 3 ] || { echo "usage: $0 <bootstrap> <unique-name> <scenario>" >&2; exit 2; }
bootstrap=$1 topic=$2 scenario=$3
common=$(dirname "${BASH_SOURCE[0]}")/../common
work=$(mktemp -d "${TMPDIR:-/tmp}/kcat.XXXXXX")
children=()

finish() { # code [reason]
  trap - EXIT
  for child in "${children[@]}"; do kill "$child" 2>/dev/null; done
  [ -e "$work/topic" ] && timeout 10 "$common/topic.py" delete "$bootstrap" "$topic"
  # What the client connected to, from its own debug lines, and what the metadata names.
  echo "brokers:" $(cat "$work"/err* 2>/dev/null \
    | sed -nE 's/.*Connecting to ipv[46]#([^ ]+) .*/\1/p; s/^ *broker -?[0-9]+ at ([^ ]+).*/\1/p' | sort -u)
  [ $# -gt 1 ] && { grep -hE '^%[0-4]\||ERROR' "$work"/err* 2>/dev/null | tail -5; echo "$2"; } >&2
  rm -rf "$work"
  exit "$1"
}
fail() { finish 1 "$*"; }
trap 'fail "ended early"' EXIT
trap 'fail "still running after 47 s"' TERM

# Every call is bounded and leaves its debug lines for the report of addresses.
kc() { timeout 10 kcat -b "$bootstrap" -m 8 -d broker "$@" 2>>"$work/err"; }

with_topic() {
  timeout 30 "$common/topic.py" create "$bootstrap" "$topic" || fail "could not create the topic"
  touch "$work/topic"
  kc -L -t "$topic" | tee -a "$work/err" >"$work/metadata"
}

# Lines "partition|key|value" of records start..start+count-1.
records() { # start count
  awk -v start="$1" -v count="$2" 'BEGIN {
    for (i = start; i < start + count; i++) printf "%d|key-%d|värde %d %s\n", i % 3, i, i, substr(sprintf("%300s", ""), 1, i % 300)
  }'
}

# Sends such lines; further arguments go to kcat.
send() {
  cat >"$work/sent"
  for partition in 0 1 2; do
    sed -n "s/^$partition|//p" "$work/sent" | kc -P -t "$topic" -p $partition -K '|' -H n=1 -H empty= "$@" || fail "produce failed"
  done
}

# Prints all records of the topic as lines; further arguments go to kcat.
read_all() {
  for partition in 0 1 2; do
    kc -C -q -t "$topic" -p $partition -o beginning -e -f '%p|%k|%s|%h\n' "$@" || fail "consume failed"
  done
}

by_partition() { sort -s -t '|' -k1,1; }
with_headers() { sed 's/$/|n=1,empty=/'; }

same() { # what got wanted
  cmp -s "$2" "$3" || fail "$1: $(wc -l <"$2") records, wanted $(wc -l <"$3"); first difference: $(diff "$2" "$3" | sed -n 2p)"
}

await() { # what command...
  local what=$1 deadline=$((SECONDS + 20))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || fail "not within 20 s: $what"
    sleep 0.1
  done
}

count() { kc -Q -t "$topic:0:-1" -t "$topic:1:-1" -t "$topic:2:-1" | awk '{ sum += $NF } END { print sum + 0 }'; }
counts() { [ "$(count)" -eq "$1" ]; }

listed() { kc -L >"$work/all" && grep -q "topic \"$topic\" with 3 partitions" "$work/all"; }

admin() {
  with_topic
  await "the topic is listed" listed
  grep -q "(controller)" "$work/all" || fail "no broker is the controller"
  grep -E 'partition [0-9]+, leader' "$work/metadata" | sed -E 's/.*leader (-?[0-9]+),.*/\1/' | while read -r leader; do
    grep -q "broker $leader at" "$work/metadata" || echo "$leader"
  done >"$work/unknown"
  [ ! -s "$work/unknown" ] || fail "leaders that are not listed brokers: $(cat "$work/unknown")"
}

produce_consume() {
  with_topic
  records 0 500 | send -d broker,msg -z snappy -X acks=all
  records 500 500 | send -d broker,msg -z gzip -X acks=all
  # librdkafka sends plain batches, without an error, where ApiVersions does not offer Produce v0 (KAFKA-18659).
  ! grep -q "not compressing" "$work/err" || fail "records left uncompressed: $(grep -o -m 1 'Broker does not .*' "$work/err")"
  read_all >"$work/got"
  records 0 1000 | by_partition | with_headers >"$work/wanted"
  same "all records" "$work/got" "$work/wanted"
}

# Joins the group in the background; the records go to the file of that name.
member() { # name
  kcat -b "$bootstrap" -d broker -u -X auto.offset.reset=earliest -X session.timeout.ms=10000 -f '%p|%k|%s\n' \
    -G "$topic-group" "$topic" >"$work/$1" 2>"$work/err-$1" &
  children+=($!)
}
# Partitions that a member was assigned last.
assigned() { grep -o "assigned: .*" "$work/err-$1" | tail -1 | grep -oE '\[[0-9]+\]'; }
shared() { [ -n "$(assigned one)" ] && [ -n "$(assigned two)" ] && [ "$(cat <(assigned one) <(assigned two) | sort | tr -d '\n')" = '[0][1][2]' ]; }
have() { [ "$(cat "${@:2}" | wc -l)" -ge "$1" ]; }

group() {
  with_topic
  member one; local one=$!
  member two; local two=$!
  await "both members own partitions" shared
  records 0 300 | send
  await "300 records" have 300 "$work/one" "$work/two"
  kill "$one" "$two"
  wait "$one" "$two" # they commit and leave
  cat "$work/one" "$work/two" | by_partition >"$work/got"
  records 0 300 | by_partition >"$work/wanted"
  same "records of the two members" "$work/got" "$work/wanted"
  records 300 60 | send
  member three; local three=$!
  await "60 records" have 60 "$work/three"
  kill "$three"
  wait "$three"
  by_partition <"$work/three" >"$work/got"
  records 300 60 | by_partition >"$work/wanted"
  same "records of the third member" "$work/got" "$work/wanted"
}

txn() { sed 's/^[0-9]*|//' | kc -P -t "$topic" -p 0 -K '|' -X transactional.id="$topic-txn" || fail "transaction failed"; }
keys() { kc -C -q -t "$topic" -p 0 -o beginning -e -f '%k\n' -X isolation.level="$1"; }
above() { [ "$(keys "$1" | wc -l)" -gt "$2" ]; }

transactions() {
  with_topic
  records 0 30 | txn
  # kcat 1.7.1 does not abort when it is ended, so it is killed: the next one with its id aborts what it left open.
  mkfifo "$work/input"
  kcat -b "$bootstrap" -d broker -P -t "$topic" -p 0 -K '|' -X transactional.id="$topic-txn" <"$work/input" 2>"$work/err-killed" &
  local producer=$!
  children+=("$producer")
  exec 3>"$work/input"
  records 30 1000 | sed 's/^[0-9]*|//' >&3
  await "records of an open transaction" above read_uncommitted 30
  kill -9 "$producer"
  wait "$producer" 2>/dev/null
  exec 3>&-
  records 1030 3 | txn
  await "33 committed records" above read_committed 32
  keys read_committed >"$work/got"
  { records 0 30; records 1030 3; } | cut -d '|' -f 2 >"$work/wanted"
  same "committed records" "$work/got" "$work/wanted"
}

offsets_at() { kc -Q -t "$topic:0:$1" -t "$topic:1:$1" -t "$topic:2:$1" | sort | awk '{ printf "%s ", $NF }'; }
expect() { [ "$2" = "$3" ] || fail "$1: wanted $3, got $2"; }

offsets() {
  with_topic
  local before=$(date +%s%3N)
  records 0 30 | send
  expect earliest "$(offsets_at -2)" "0 0 0 "
  expect latest "$(offsets_at -1)" "10 10 10 "
  expect "offsets at the start" "$(offsets_at "$before")" "0 0 0 "
  expect "offsets tomorrow" "$(offsets_at $((before + 86400000)))" "-1 -1 -1 "
}

acks0() {
  with_topic
  records 0 100 | send -X acks=0 # acks is fixed per run of kcat
  records 100 100 | send -X acks=1
  await "200 records" counts 200
}

case $scenario in
  admin | group | transactions | offsets | acks0) $scenario ;;
  produce-consume) produce_consume ;;
  group848) echo "SKIP: librdkafka 2.0 has only the classic group protocol"; finish 77 ;;
  *) fail "no scenario '$scenario'" ;;
esac
finish 0

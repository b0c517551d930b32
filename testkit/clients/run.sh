#!/bin/bash
# Runs real Kafka clients, none of them in Java, through their scenarios:
#
#   run.sh [--expect-ports p1,p2,...] [--brokers <bootstrap>] [--jobs n] <bootstrap> [client...] [-- scenario...]
#   run.sh --list
#
# One line each: `ok|FAIL|skip client scenario seconds reason`. Exit code 1 after any failure, 2 for wrong arguments.
# With --expect-ports a client fails too that saw or connected to a broker at any port but these and the bootstrap's.
# A client that dies of a signal fails. With --brokers it is tried there, a few times: one that dies of that signal at the
# brokers too is run once more, and its line says so.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

all_clients=(kcat confluent-python kafka-python kafkajs kafka-javascript platformatic sarama)
all_scenarios=(admin produce-consume group group848 transactions offsets acks0)

wrong() { echo "run.sh: $*" >&2; exit 2; }
known() { local word=$1; shift; printf '%s\n' "$@" | grep -qxF -- "$word"; }

expect='' direct='' jobs=1 bootstrap='' clients=() scenarios=()
while [ $# -gt 0 ]; do
  case $1 in
    --list) echo "clients: ${all_clients[*]}"; echo "scenarios: ${all_scenarios[*]}"; exit 0 ;;
    --expect-ports) [ $# -gt 1 ] || wrong "--expect-ports needs a list"; expect=$2; shift ;;
    --brokers) [ $# -gt 1 ] || wrong "--brokers needs an address"; direct=$2; shift ;;
    --jobs) [ $# -gt 1 ] || wrong "--jobs needs a number"; jobs=$2; shift ;;
    --) shift; scenarios=("$@"); break ;;
    -*) wrong "unknown option $1" ;;
    *) if [ -z "$bootstrap" ]; then bootstrap=$1; else clients+=("$1"); fi ;;
  esac
  shift
done
[ -n "$bootstrap" ] || wrong "no bootstrap address; usage: run.sh [--expect-ports p,..] [--jobs n] <bootstrap> [client...] [-- scenario...]"
[ ${#clients[@]} -gt 0 ] || clients=("${all_clients[@]}")
[ ${#scenarios[@]} -gt 0 ] || scenarios=("${all_scenarios[@]}")
for client in "${clients[@]}"; do known "$client" "${all_clients[@]}" || wrong "unknown client $client; there are ${all_clients[*]}"; done
for scenario in "${scenarios[@]}"; do known "$scenario" "${all_scenarios[@]}" || wrong "unknown scenario $scenario; there are ${all_scenarios[*]}"; done

# Ports in a list of addresses that the caller did not expect.
strangers() {
  local allowed
  allowed=$(tr ', ' '\n\n' <<<"$expect,$bootstrap" | sed 's/.*://' | sort -u)
  tr ' ' '\n' <<<"$1" | sed -n 's/.*://p' | sort -u | comm -23 - <(echo "$allowed") | tr '\n' ' '
}

# Runs it once; the scripts end by themselves within 60 s, the limit is for one that does not.
attempt() { # bootstrap log; uses command, client, scenario
  timeout -k 5 70 "${command[@]}" "$1" "fc-$client-$scenario-$RANDOM$RANDOM" "$scenario" >"$2" 2>"$2.err"
}
died() { [ "$1" -gt 128 ] && [ "$1" -ne 137 ]; } # of a signal, and not of the limit's

# In which run the client dies of the same signal at the brokers, or nothing.
dies_at_brokers() { # code log
  local run code
  for run in 1 2 3 4 5 6 7 8 9 10; do
    attempt "$direct" "$2.direct"
    code=$?
    if [ $code -eq "$1" ]; then echo $run; return; fi
  done
}

run_one() { # client scenario
  local client=$1 scenario=$2 log="$logs/$1-$2.log" command start code brokers reason='' result crash='' run
  case $client in
    kafkajs | kafka-javascript | platformatic) command=(node "$here/$client/client.mjs") ;;
    confluent-python | kafka-python) command=(/usr/bin/python3 "$here/$client/client.py") ;;
    sarama) command=("$here/.built/sarama") ;;
    kcat) command=("$here/kcat/client.sh") ;;
  esac
  start=$(date +%s%N)
  attempt "$bootstrap" "$log"
  code=$?
  if died $code; then
    crash="died of SIG$(kill -l $((code - 128)))"
    if [ -n "$direct" ]; then run=$(dies_at_brokers $code "$log"); else run=''; fi
    if [ -n "$run" ]; then
      crash="$crash, as it does at the brokers (there in run $run), and was run again; "
      attempt "$bootstrap" "$log"
      code=$?
    elif [ -n "$direct" ]; then
      crash="$crash, and not in 10 runs at the brokers; "
    else
      crash="$crash; "
    fi
  fi
  brokers=$(sed -n 's/^brokers: *//p' "$log" | tail -1)
  case $code in
    0) result=ok ;;
    77) result=skip reason=$(sed -n 's/^SKIP: //p' "$log") ;;
    124 | 137) result=FAIL reason="did not end by itself" ;;
    *) result=FAIL reason=$(grep -v '^$' "$log.err" | tail -1) ;;
  esac
  if [ -n "$expect" ] && [ $code -ne 77 ]; then
    if [ -n "$(strangers "$brokers")" ]; then
      result=FAIL reason="saw unexpected ports: $(strangers "$brokers")(brokers: $brokers) $reason"
    elif [ -z "$brokers" ]; then
      result=FAIL reason="reported no broker address $reason"
    fi
  fi
  reason=$crash$reason
  printf '%-4s %-16s %-15s %6.1f %s\n' $result "$client" "$scenario" "$((($(date +%s%N) - start) / 1000000))e-3" "$reason"
  [ $result != FAIL ]
}

logs=$(mktemp -d "${TMPDIR:-/tmp}/foreign-clients.XXXXXX")
export here logs bootstrap expect direct PYTHONDONTWRITEBYTECODE=1
export -f run_one strangers attempt died dies_at_brokers
for client in "${clients[@]}"; do
  for scenario in "${scenarios[@]}"; do echo "$client $scenario"; done
done | xargs -P "$jobs" -L 1 bash -c 'run_one "$@"' run_one && { rm -rf "$logs"; exit 0; }
echo "output of the clients: $logs" >&2
exit 1

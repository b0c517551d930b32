#!/usr/bin/env bash
# Runs Maven and prints one line for each module, and errors. Everything is written to LOG:
#   build/modules.sh LOG COMMAND...
# The first build takes minutes, so the lines show its progress.
set -uo pipefail
log=$1
shift

# `[INFO] Building Gatehouse: wire 0.1.0-SNAPSHOT        [2/14]`
building='^\[INFO\] Building Gatehouse(: )?(.*) [^ ]+ +\[([0-9]+)/([0-9]+)\]$'
show() {
  local line module='' downloading=''
  while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    if [[ $line =~ $building ]]; then
      module=${BASH_REMATCH[2]:-the tree} downloading=''
      printf 'gatehouse:   %s of %s: %s\n' "${BASH_REMATCH[3]}" "${BASH_REMATCH[4]}" "$module"
    elif [[ $line == *Downloading\ from* || $line == Downloading:* ]]; then
      [ -n "$downloading" ] || printf 'gatehouse:   downloading dependencies%s\n' "${module:+ for $module}"
      downloading=yes
    elif [[ $line == '[ERROR]'* ]]; then
      printf '%s\n' "$line"
    fi
  done
}
exec 4> >(show 3>"$log")
shower=$!
"$@" >&4 2>&1 4>&- &
command=$!
exec 4>&-
trap 'kill "$command" 2>/dev/null' TERM INT
wait "$command"
code=$?
wait "$shower"
[ "$code" -eq 0 ] || printf 'gatehouse: the output of Maven is in %s\n' "$log"
exit "$code"

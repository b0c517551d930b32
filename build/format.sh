#!/usr/bin/env bash
# Formats the Java sources. With --check, lists the unformatted files and fails instead.
#   build/format.sh [--check] [FILE...]      without files: all Java files of the source tree
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
mode=(--replace)
if [ "${1:-}" = "--check" ]; then
  mode=(--dry-run --set-exit-if-changed)
  shift
fi
tools="$root/target/tools"
if [ ! -f "$tools/google-java-format.jar" ]; then
  "$root/mvnw" -q -B -N -f "$root/pom.xml" dependency:copy@formatter
fi
java=$("$root/build/find-jdk.sh")/bin/java
exports=()
for package in api code file main parser tree util; do
  exports+=("--add-exports=jdk.compiler/com.sun.tools.javac.$package=ALL-UNNAMED")
done
format() {
  "$java" "${exports[@]}" -XX:TieredStopAtLevel=1 -cp "$tools/*" com.google.googlejavaformat.java.Main "${mode[@]}" "$@"
}
cd "$root"
if [ $# -gt 0 ]; then
  format "$@"
else
  mapfile -t files < <(find . -name '*.java' -not -path '*/target/*' -not -path '*/node_modules/*' -not -path './.git/*')
  format "${files[@]}"
fi

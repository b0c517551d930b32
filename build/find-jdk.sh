#!/usr/bin/env bash
# Prints the home of a JDK 25, or how to install one. Searches GATEHOUSE_JAVA_HOME, JAVA_HOME, PATH, then the usual folders.
set -u

is_25() {
  [ -x "$1/bin/java" ] || return 1
  if [ -r "$1/release" ]; then
    grep -q '^JAVA_VERSION="25[."]' "$1/release"
  else
    "$1/bin/java" -version 2>&1 | grep -q 'version "25[."]'
  fi
}

candidates() {
  printf '%s\n' "${GATEHOUSE_JAVA_HOME:-}" "${JAVA_HOME:-}"
  local on_path
  if on_path=$(command -v java 2>/dev/null); then
    dirname "$(dirname "$(readlink -f "$on_path")")"
  fi
  local home
  for home in /usr/lib/jvm/*25* /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/25* \
    "$HOME"/.jdks/*25* /opt/homebrew/opt/openjdk@25/libexec/openjdk.jdk/Contents/Home \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    printf '%s\n' "$home"
  done
}

while IFS= read -r home; do
  if [ -n "$home" ] && is_25 "$home"; then
    printf '%s\n' "$home"
    exit 0
  fi
done < <(candidates)

cat >&2 <<'TEXT'
gatehouse: no JDK 25 found in GATEHOUSE_JAVA_HOME, JAVA_HOME, PATH and the usual folders.
Install one, for instance Eclipse Temurin 25 (package temurin-25-jdk) or your system's openjdk-25-jdk,
or unpack a JDK 25 and set JAVA_HOME to its folder.
TEXT
exit 1

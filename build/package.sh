#!/usr/bin/env bash
# Builds the programs for ./gatehouse, without running tests:
#   build/package.sh gateway    into target/run: lib/*.jar, lib/native, demo-lib
#   build/package.sh cache      target/run/gatehouse.aot, the AOT cache for the jars in target/run
#   build/package.sh bench      into bench/target/lib
# PACKAGE_MAVEN_ARGS are further arguments for Maven.
# ./gatehouse compares a stamp in target/run with the sources. The gateway runs from a copy of the jars that is replaced
# as a whole, because other builds write into the modules' target folders: a running gateway keeps its jars, and the AOT
# cache stays valid. If the jars did not change, the copy and the cache are kept.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
run=$root/target/run
what=${1:-gateway}
case $what in
  gateway | cache) module=app ;;
  bench) module=bench ;;
  *)
    echo "package.sh: gateway, cache or bench, not '$what'" >&2
    exit 2
    ;;
esac

say() { printf 'gatehouse: %s\n' "$*" >&2; }

jdk=$("$root/build/find-jdk.sh")
mkdir -p "$run"

if command -v flock >/dev/null; then
  exec 9>"$root/target/build.lock"
  if ! flock -n 9; then
    say "waiting for another build"
    flock -w 1800 9 || { say "the other build is still running after half an hour"; exit 1; }
  fi
fi

# The cache depends on the jars, the options in the launcher, and the training.
if [ "$what" = cache ]; then
  aot=$run/gatehouse.aot
  for file in "$run/java-home" "$root/gatehouse" "$root/build/train.sh" "$root/build/Train.java"; do
    if [ "$file" -nt "$aot" ]; then rm -f "$aot"; fi
  done
  [ -f "$aot" ] || "$root/build/train.sh" "$root/gatehouse" "$aot" 9>&-
  exit 0
fi

# Sources that change during the build are newer than the stamp.
began=$run/$what.began
: >"$began"
if [ -f "$run/$what.stamp" ]; then
  say "sources have changed; building"
else
  say "building for the first time; this downloads dependencies and takes a few minutes"
fi
# Removes jars that are no longer needed.
rm -rf "$root/$module/target/lib" "$root/$module/target/demo-lib"
maven=("$root/mvnw" -B -f "$root/pom.xml" -pl "$module" -am package -Dmaven.test.skip=true -Dformat.skip=true)
# Compiler warnings do not prevent running the gateway; the tests treat them as errors.
maven+=(-Dcompiler.werror=-g)
if commit=$(git --no-optional-locks -C "$root" describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null); then
  maven+=("-Dbuild.commit=$commit")
fi
read -ra more <<<"${PACKAGE_MAVEN_ARGS:-}"
maven+=(${more[@]+"${more[@]}"})
if [ -z "${JAVA_HOME:-}" ] && ! command -v java >/dev/null; then export JAVA_HOME=$jdk; fi
"$root/build/modules.sh" "$run/$what.log" "${maven[@]}" >&2 9>&-

# Unpacks Netty's native libraries and BoringSSL, so that they are not copied to /tmp at each start.
extract_native() { # lib
  local arch jar
  case $(uname -m) in aarch64 | arm64) arch=aarch_64 ;; *) arch=x86_64 ;; esac
  mkdir "$1/native"
  for jar in "$1"/netty-transport-native-*"-linux-$arch.jar" "$1"/netty-tcnative-*"-linux-$arch.jar"; do
    (cd "$1/native" && "$jdk/bin/jar" xf "$jar" META-INF/native && mv META-INF/native/*.so . && rm -r META-INF)
  done
}

if [ "$what" = gateway ]; then
  rm -rf "$run/fresh" && mkdir "$run/fresh"
  cp -pR "$root/app/target/lib" "$root/app/target/demo-lib" "$run/fresh/"
  extract_native "$run/fresh/lib"
  if [ "$(cat "$run/java-home" 2>/dev/null)" = "$jdk" ] && diff -rq "$run/fresh/lib" "$run/lib" >/dev/null 2>&1; then
    rm -r "$run/fresh/lib"
  else
    rm -rf "${run:?}/lib" "$run/gatehouse.aot"
    mv "$run/fresh/lib" "$run/"
    printf '%s\n' "$jdk" >"$run/java-home"
  fi
  rm -rf "$run/demo-lib"
  mv "$run/fresh/demo-lib" "$run/"
  rmdir "$run/fresh"
fi
mv "$began" "$run/$what.stamp"

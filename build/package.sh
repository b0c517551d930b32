#!/usr/bin/env bash
# Builds what ./gatehouse runs, without the tests:
#   build/package.sh gateway    into target/run: lib/*.jar, lib/native, demo-lib, gatehouse.aot
#   build/package.sh bench      into bench/target/lib
# A stamp in target/run tells ./gatehouse when it is out of date. The gateway runs from a copy, which is put into its
# place whole, because other builds write into the modules' folders: a running gateway keeps its jars, and the cache of
# loaded classes keeps fitting.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
run=$root/target/run
what=${1:-gateway}
case $what in
  gateway) module=app ;;
  bench) module=bench ;;
  *)
    echo "package.sh: gateway or bench, not '$what'" >&2
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
    flock -w 1800 9 || { say "it is still running after half an hour"; exit 1; }
  fi
fi

# What changes from here on is newer than the stamp.
began=$run/$what.began
: >"$began"
if [ -f "$run/$what.stamp" ]; then
  say "sources have changed; building"
else
  say "building for the first time, which takes some minutes and downloads what is missing"
fi
# What has been dropped since the last build must not stay.
rm -rf "$root/$module/target/lib" "$root/$module/target/demo-lib"
maven=("$root/mvnw" -q -B -f "$root/pom.xml" -pl "$module" -am package -Dmaven.test.skip=true -Dformat.skip=true)
# A warning that a newer compiler finds is no reason not to run; the tests are strict about them.
maven+=(-Dcompiler.werror=-g)
if commit=$(git --no-optional-locks -C "$root" describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null); then
  maven+=("-Dbuild.commit=$commit")
fi
if [ -z "${JAVA_HOME:-}" ] && ! command -v java >/dev/null; then export JAVA_HOME=$jdk; fi
"${maven[@]}" >&2 9>&-

# Netty's native code and BoringSSL, so that no gateway has to copy it to /tmp at each start.
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
  rm -rf "${run:?}/lib" "$run/demo-lib" "$run/gatehouse.aot"
  mv "$run/fresh/lib" "$run/fresh/demo-lib" "$run/"
  rmdir "$run/fresh"
  printf '%s\n' "$jdk" >"$run/java-home"
  if [ "${GATEHOUSE_AOT:-on}" != off ]; then
    "$root/build/train.sh" "$root/gatehouse" "$run/gatehouse.aot" 9>&- \
      || say "there will be no cache of loaded classes; the gateway starts slower without"
  fi
fi
mv "$began" "$run/$what.stamp"

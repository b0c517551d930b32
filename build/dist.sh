#!/usr/bin/env bash
# Creates target/dist/gatehouse-VERSION-linux-ARCH.tar.gz, which includes a Java runtime, and its .sha256 file.
# The archive is reproducible for the same sources and JDK, except for the AOT cache, which contains measurements of the
# JVM; GATEHOUSE_AOT=off omits it. The cache is reused while its inputs are unchanged.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
run=$root/target/run
if [ "$(uname -s)" != Linux ]; then
  echo "gatehouse: distributions can be built on Linux only" >&2
  exit 1
fi

"$root/build/package.sh" gateway
jdk=$(cat "$run/java-home")
version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$root/pom.xml" | head -n 1)
moment=$(sed -n 's:.*<project.build.outputTimestamp>\(.*\)</.*:\1:p' "$root/pom.xml")
arch=$(uname -m)
name=gatehouse-$version-linux-$arch
dist=$root/target/dist
stage=$dist/$name
rm -rf "$dist" && mkdir -p "$stage/bin"

echo "gatehouse: assembling $name" >&2
cp "$root/gatehouse" "$stage/bin/"
cp -R "$run/lib" "$stage/"
case $arch in aarch64) foreign=x86_64 ;; *) foreign=aarch_64 ;; esac
rm -f "$stage"/lib/*"-linux-$foreign.jar"
cp -R "$root/build/dist/conf" "$root/LICENSE" "$root/NOTICE" "$root/CHANGELOG.md" "$stage/"
cp -R "$root/docs" "$stage/"

# The modules that the jars use. java.desktop and java.sql, which Jackson does not need, would double the size of the
# runtime. Jackson needs java.xml, which they require. jdk.jcmd is for diagnosing a running gateway.
modules=$("$jdk/bin/jdeps" --ignore-missing-deps --print-module-deps --multi-release 25 --class-path "$stage/lib/*" \
  "$stage"/lib/*.jar | grep -v '^Warning' | tr ',' '\n' | grep -vx -e java.desktop -e java.sql | paste -s -d ,)
[ -n "$modules" ] || { echo "gatehouse: jdeps found no modules" >&2; exit 1; }
"$jdk/bin/jlink" --add-modules "$modules,java.xml,java.management,jdk.jcmd" --strip-java-debug-attributes --no-header-files \
  --no-man-pages --output "$stage/runtime"

# The cache is valid only for jars with the same size and time, so the times are set first.
find "$stage" -exec touch -h -d "$moment" {} +
if [ "${GATEHOUSE_AOT:-on}" != off ]; then
  caches=$root/target/dist-cache
  made_from=$({
    cd "$stage"
    find bin lib runtime -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    sha256sum <"$root/build/train.sh"
    sha256sum <"$root/build/Train.java"
  } | sha256sum)
  cache=$caches/${made_from%% *}.aot
  if [ ! -f "$cache" ]; then
    rm -rf "$caches" && mkdir -p "$caches"
    "$root/build/train.sh" "$stage/bin/gatehouse" "$cache"
  fi
  cp "$cache" "$stage/lib/gatehouse.aot"
  find "$stage" -exec touch -h -d "$moment" {} +
fi

"$jdk/bin/java" "$root/build/Sbom.java" "$stage" "$root/app/target/lib.txt" "$version" "$moment" >"$stage/sbom.cdx.json"
# The digests for `gatehouse verify`. They do not include conf, because users change these files. The digest of the
# archive covers this file.
(cd "$stage" && find . -type f ! -path './conf/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"$dist/SHA256SUMS"
mv "$dist/SHA256SUMS" "$stage/"

tar --create --directory "$dist" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=go-w,a+rX \
  --mtime="$moment" "$name" | gzip -n -9 >"$dist/$name.tar.gz"
(cd "$dist" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
rm -rf "$stage"
du -h "$dist/$name.tar.gz" | sed "s:$root/::"

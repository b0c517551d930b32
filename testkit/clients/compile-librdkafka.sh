#!/bin/bash
# Compiles what the package kafka-javascript in the given folder needs, for install.sh.
set -euo pipefail
cd "$1"

# 'dynamic' takes OpenSSL, zlib, zstd and curl from the system; otherwise the build would download them.
export CKJS_LINKING=dynamic npm_config_build_from_source=true
if [ -f /usr/include/node/node.h ]; then export npm_config_nodedir=/usr; fi # else node-gyp downloads the headers
# A test client does not need to be fast.
export CFLAGS=-O0 CXXFLAGS=-O0

# First librdkafka with as many jobs as there are cores: the package's own rule has no limit.
(
  cd deps/librdkafka
  ./configure --prefix="$PWD/../../build/deps" --libdir="$PWD/../../build/deps" --disable-gssapi --disable-optimization \
    --enable-curl
  nice make -j "$(nproc)" libs
)
nice npm rebuild "$(node -p 'require("./package.json").name')" --prefix ../../.. --foreground-scripts
rm -rf deps/librdkafka/src deps/librdkafka/src-cpp build/Release/obj.target

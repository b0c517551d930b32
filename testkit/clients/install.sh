#!/bin/bash
# Installs what the foreign clients need and says which of them cannot run here. Does nothing where all is present.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

failed=0
log=$(mktemp "${TMPDIR:-/tmp}/clients-install.XXXXXX")

say() { echo "clients: $*"; }
fail() { say "$*"; sed 's/^/    /' <(tail -5 "$log"); say "full output: $log"; failed=1; }

apt() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  say "installing ${missing[*]}"
  "${root[@]}" apt-get update >"$log" 2>&1
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1
}

apt kcat || fail "no kcat"
apt python3-confluent-kafka || fail "no confluent-python"
apt python3-kafka || fail "no kafka-python"

# Sarama, without modules: Debian puts the sources where GOPATH mode finds them.
if apt golang-go golang-github-shopify-sarama-dev; then
  if [ ! -x .built/sarama ] || [ sarama/client.go -nt .built/sarama ]; then
    GO111MODULE=off GOFLAGS=-mod=mod GOPATH=/usr/share/gocode go build -o .built/sarama sarama/client.go >"$log" 2>&1 \
      || fail "sarama does not build"
  fi
else
  fail "no sarama"
fi

# For kafka-proxy's plugins, which tests of the identity room build.
apt golang-go golang-github-hashicorp-go-plugin-dev golang-google-grpc-dev golang-goprotobuf-dev || fail "no Go plugins"

# The packages from npm. Only kafka-javascript has something to compile: librdkafka, which it ships as source.
node_major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$node_major" -lt 20 ]; then
  fail "no kafkajs, platformatic, kafka-javascript: Node.js 20 or newer is needed, found major version $node_major"
elif cmp -s package-lock.json .built/package-lock.json && [ -d node_modules/kafkajs ]; then
  :
else
  say "installing the npm packages"
  mkdir -p .built && rm -f .built/package-lock.json
  if npm ci --ignore-scripts --loglevel=error >"$log" 2>&1; then
    cp package-lock.json .built/
  else
    fail "no kafkajs, platformatic, kafka-javascript: npm ci failed"
  fi
fi

# What was compiled is kept in the user's cache, for the next checkout on this machine. Without curl it could not fetch
# tokens from an identity provider.
binding=node_modules/@confluentinc/kafka-javascript
loads() { node -e "process.exit(require('./$binding').features.includes('oidc') ? 0 : 1)" 2>/dev/null; }
if [ -d $binding ] && ! loads; then
  version=$(node -p "require('./$binding/package.json').version + '-abi' + process.versions.modules + '-oidc'")
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/gatehouse-clients/kafka-javascript-$version
  [ -d "$cache/build" ] && rm -rf $binding/build && cp -r "$cache/build" $binding/
  if ! loads; then
    apt g++ make python3 libssl-dev zlib1g-dev libzstd-dev libcurl4-openssl-dev || fail "no compiler for kafka-javascript"
    say "compiling librdkafka for kafka-javascript"
    if ./compile-librdkafka.sh "$PWD/$binding" >"$log" 2>&1 && loads; then
      rm -rf "$cache" && mkdir -p "$cache" && cp -r $binding/build "$cache/"
    else
      fail "no kafka-javascript: librdkafka does not build"
    fi
  fi
fi

[ $failed -eq 0 ] && rm -f "$log" && say "all installed"
exit $failed

#!/usr/bin/env bash
# The packed tarball installs elsewhere, with nothing else, and runs: as juicify and as a kubectl plugin.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
tarball=$(cd "$top" && npm pack --silent --ignore-scripts --pack-destination "$work")
echo '{"private": true}' >package.json
npm install --silent --offline --no-audit --no-fund "./$tarball"
bin=$work/node_modules/.bin
"$bin/juicify" version
# what `juicify job` says to build its image with, and all that goes into it
sed -n 's/^COPY \(.*\) .*/\1/p' "$work/node_modules/juicify/build/Dockerfile" | tr ' ' '\n' | (cd "$work/node_modules/juicify" && xargs ls -d) >/dev/null
bash "$top/test/smoke.sh" "$work/node_modules/juicify" "$bin/juicify"
if command -v kubectl >/dev/null; then
  PATH=$bin:$PATH kubectl juicify version
else
  echo "kubectl is not installed: the plugin was not tried" >&2
fi

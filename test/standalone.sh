#!/usr/bin/env bash
# juicify as one file, made for this machine, tells the story where there is no Node.js, and says whose work is in it.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
npm run --silent standalone
program=$(ls "$PWD"/standalone/juicify-linux-"$(node -p process.arch)")
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
for tool in bash cat grep mkfifo mktemp rm; do ln -s "$(command -v "$tool")" "$bin/$tool"; done
PATH=$bin bash test/smoke.sh "$top" "$program"
PATH=$bin "$program" version --licenses | grep -q 'Node.js is licensed for use as follows'

#!/usr/bin/env bash
# The story that every form of juicify has to tell, in an empty folder: smoke.sh FOLDER-WITH-FIXTURES-AND-PLANS juicify...
# demo; then on an embedded cluster that is served: plan, apply what was planned, status, and the way back.
set -euo pipefail
from=$1; shift
juicify=("$@")
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
export HOME=$work XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache NO_COLOR=1

# says COMMAND... : TEXT: the command succeeds, and says so
says() {
  local text=$1; shift
  "${juicify[@]}" "$@" >said.txt 2>&1 || { cat said.txt; echo "juicify $*: failed" >&2; exit 1; }
  grep -q -- "$text" said.txt || { cat said.txt; echo "juicify $*: does not say '$text'" >&2; exit 1; }
}

says 'csi.juicefs.com' demo --color=false
says 'Apache License' version --licenses
says 'Permission is hereby granted' version --licenses
mkfifo ready
"${juicify[@]}" sandbox --from "$from/fixtures/jupyter" >ready 2>sandbox.txt &
server=$!
read -r line <ready || { cat sandbox.txt; exit 1; }
export KUBECONFIG=$work/${line#export KUBECONFIG=}
says '2 volumes' plan -f "$from/plans/jupyter.yaml" --source-nodes shared --copy none
says '2 migrated' apply --yes
says 'migrated' status
says '2 rolled back' rollback --yes

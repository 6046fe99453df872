#!/bin/sh
# Runs the program that lies in a ConfigMap, mounted at /program, if its SHA-256 is the first argument; the other arguments are the
# program's. It is copied first, so that what was checked is what runs.
cp /program/program.sh /scratch/program.sh
sum=$(sha256sum </scratch/program.sh)
if [ "${sum%% *}" != "$1" ]; then
  echo 'juicify failed its program is not the one that juicify wrote' | tee /dev/termination-log
  exit 83
fi
shift
exec sh /scratch/program.sh "$@"

#!/bin/sh
# One node's directory, made equal on the target.
. ./rsync-mover.sh

plausible
keep >/scratch/keep
moved --from0 --exclude-from=/scratch/keep "$@" /source/ /target/
arrived
done_with

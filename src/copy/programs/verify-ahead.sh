#!/bin/sh
# Compares the content of both sides while the directory is in use. What differs is nobody's fault, and is compared again
# when everything has stopped; what is equal need not be read then.
. ./listing.sh
. ./verified.sh

settle
reading /scratch/source /scratch/target
list /source /scratch/source content &
source=$!
# what comes and goes meanwhile is not remembered
list /target /scratch/target content || :
wait $source || :
quiet
remember

#!/usr/bin/env bash
# Stands for the commands of a deployment: every call is one line in state/deployed, with the attempt that made it.
set -euo pipefail
mkdir -p state
case "$1" in
  tag) touch "state/tag-$HOLDPOINT_VERSION" ;;
  untag) rm -f "state/tag-$HOLDPOINT_VERSION" ;;
esac
echo "$* $HOLDPOINT_ATTEMPT" >> state/deployed

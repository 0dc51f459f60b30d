#!/usr/bin/env bash
# Weight of the pages' canary, kept in one file as a content network keeps it in its configuration.
set -euo pipefail
mkdir -p state
case "$1" in
  set) echo "$HOLDPOINT_WEIGHT" > state/web-weight.new && mv state/web-weight.new state/web-weight ;;
  read) cat state/web-weight 2>/dev/null || echo 0 ;;
  restore) echo 0 > state/web-weight ;;
esac

#!/usr/bin/env bash
# Prints the newest backup, and fails when it is older than an hour.
set -euo pipefail
newest=$(find backups -name '*.dump' -newermt '1 hour ago' | sort | tail -n 1)
test -n "$newest" || { echo "no backup younger than an hour in backups/" >&2; exit 1; }
echo "$newest"

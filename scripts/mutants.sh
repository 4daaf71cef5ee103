#!/usr/bin/env bash
# Runs every deliberately broken variant (of what decides, of the clients, of the log, and of what was mended) against the
# promises, and prints which promise caught which. A variant that nobody catches fails its test, and this script with it.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
go test -count=1 -v -run 'Broken|Notices' ./internal/rollout ./internal/runner ./internal/compare ./internal/check ./internal/aws ./internal/timeline ./internal/sweep ./internal/provider/... ./internal/convert ./internal/spot ./internal/house >"$log" 2>&1 || status=$?
go test -count=1 -v -timeout 30m -run Broken ./internal/users -args -broken >>"$log" 2>&1 || status=$?

printf '%-8s  %-34s  %s\n' CAUGHT PROMISE 'BROKEN VARIANT'
awk '
  /^=== (NAME|CONT|RUN)/ { current = $3; sub(/^[^\/]*\//, "", current); gsub(/_/, " ", current); next }
  /^ *--- (PASS|FAIL): Test[A-Za-z]*\// {
    caught = ($2 == "PASS:") ? "yes" : "NO"
    name = $3; sub(/^[^\/]*\//, "", name); gsub(/_/, " ", name)
    variants++; if (caught == "yes") good++
    state[name] = caught; order[variants] = name
    next
  }
  /^--- (PASS|FAIL): Test[A-Za-z]*Notices/ {
    caught = ($2 == "PASS:") ? "yes" : "NO"
    name = $3; sub(/^Test/, "", name); gsub(/[A-Z]/, " &", name); name = tolower(substr(name, 2))
    promise[name] = promise[$3]
    variants++; if (caught == "yes") good++
    state[name] = caught; order[variants] = name
    next
  }
  /promise: / { line = $0; sub(/.*promise: /, "", line); promise[current] = line }
  END {
    for (i = 1; i <= variants; i++) printf "%-8s  %-34s  %s\n", state[order[i]], promise[order[i]], order[i]
    printf "\n%d of %d broken variants are caught.\n", good, variants
  }
' "$log"
exit "$status"

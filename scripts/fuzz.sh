#!/usr/bin/env bash
# Runs every fuzz target in turn, each for FUZZTIME (30s if it is not set). What one finds is written into testdata/fuzz of its package,
# from where every run of the tests tries it again.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

for package in $(grep -rl --include='*_test.go' '^func Fuzz' internal | xargs -n 1 dirname | sort -u); do
  for target in $(sed -n 's/^func \(Fuzz[A-Za-z]*\)(.*/\1/p' "$package"/*_test.go); do
    printf '%s %s\n' "$package" "$target"
    # What an input leads to may depend on the clock: trying for a minute, as is usual, to make one smaller would take the time of the rest.
    go test "./$package" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-30s}" -fuzzminimizetime 10x 2>&1 | tee "$log" || {
      # Go takes the end of its own time for a failure now and then, which has no input.
      if grep -q 'Failing input' "$log" || ! grep -q '^ *context deadline exceeded$' "$log"; then
        exit 1
      fi
    }
  done
done

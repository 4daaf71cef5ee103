#!/usr/bin/env bash
# Runs the race detector: over all short tests of the clients and of the sandbox, where the requests of many runs meet, and over those tests
# of the others in which much happens at the same time. The whole of them would take the detector half an hour.
set -euo pipefail
cd "$(dirname "$0")/.."

race() {
  local said
  said=$(CGO_ENABLED=1 go test -race -vet=off -count=1 -timeout 14m "$@" 2>&1) || { printf '%s\n' "$said"; exit 1; }
  printf '%s\n' "$said"
  if grep -q 'no tests to run' <<<"$said"; then
    echo "the tests that are named here are called something else by now" >&2
    exit 1
  fi
}

# Tables that are worked off one by one, and fuzz targets, show no race and take the detector minutes.
race -short -skip 'Fuzz|Fresh|TestProblemsAreWhatSpotRefuses|TestWhatIsRepeated|TestErrors$|TestAnswersThatAreNoneAreAskedForAgain' ./internal/spot ./internal/aws ./internal/sandbox
race -short -run 'TestTranscripts|TestNextIsAFunction' ./internal/rollout -rapid.checks=5
race -short -run 'Interrupt|TestOneGroupOutOfOneCreate|Drain' ./internal/runner
race -short -run 'TestSettings|TestMaxRetries|TestAWSIsConfigured' ./internal/provider
race -short -run 'TestManyAtOnce|TestDuplicates|TestWhoIsNoDuplicate|TestTwoFirstDeployments|TestTimeout|TestInterrupt|TestAbortBetweenTheReadsOfALook' ./internal/provider/deployment
race -run 'TestTwoWriters/basic' ./internal/sweep
race -short -run 'TestAFileIsFollowed|TestAnAddressIsFollowed|TestASignalEndsIt|TestBothPicturesAreTheSame/canary' ./internal/watch
race -short -run 'TestUsers/(canary|blue)$' ./internal/users -args -stories 1

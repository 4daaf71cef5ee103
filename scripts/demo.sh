#!/usr/bin/env bash
# Shows rollouts in the sandbox: a first release, a second one, one that never turns healthy and is undone. Every command
# is printed before it runs. Needs bin/terraform-provider-elastigroup (make build) and Terraform or OpenTofu; takes less
# than a minute and leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

terraform=${TERRAFORM:-$(command -v terraform || command -v tofu || true)}
if [ -z "$terraform" ]; then
  echo "There is neither terraform nor tofu on the PATH." >&2
  echo "Get one at https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install" >&2
  exit 1
fi
name=$(basename "$terraform")
provider=$PWD/bin/terraform-provider-elastigroup
if [ ! -x "$provider" ]; then
  echo "$provider is not there yet: make build" >&2
  exit 1
fi

# The sandbox's clock runs this many times as fast as ours.
speed=60
work=$(mktemp -d)
sandbox=
cleanup() {
  if [ -n "$sandbox" ]; then
    kill "$sandbox" 2>/dev/null || true
    wait "$sandbox" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

bold= plain=
if [ -t 1 ]; then
  bold=$'\e[1m' plain=$'\e[0m'
else
  export TF_CLI_ARGS=-no-color
fi
say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
# show prints a command.
show() { printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"; }
# run prints a Terraform command and runs it.
run() {
  show "$name $*"
  "$terraform" "$@"
}

# standing prints the sandbox's own table of groups. bash opens the connection, so that curl need not be there.
standing() {
  local address=${SPOTINST_ENDPOINT#http://}
  show "GET $SPOTINST_ENDPOINT/sandbox/"
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'GET /sandbox/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$address" >&3
  sed -n '/^GROUP/,/^$/{/./p;}' <&3
  exec 3>&-
}

# The reader's own settings of Terraform are none of the demo's.
unset TF_LOG TF_DATA_DIR TF_WORKSPACE
touch "$work/cli.tfrc"
export TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

say "A pretend Spot and AWS on this machine, its clock $speed times as fast. No account is needed, nothing leaves the machine."
show "terraform-provider-elastigroup sandbox --speed $speed --world sandbox.json"
cp -R examples/resources/elastigroup_deployment/. "$work"
"$provider" sandbox --listen 127.0.0.1:0 --speed "$speed" --world "$work/sandbox.json" >"$work/sandbox.log" 2>&1 &
sandbox=$!
for _ in $(seq 100); do
  if grep -q SPOTINST_ENDPOINT= "$work/sandbox.log" || ! kill -0 "$sandbox" 2>/dev/null; then break; fi
  sleep 0.1
done
if ! grep -q SPOTINST_ENDPOINT= "$work/sandbox.log"; then
  echo "the sandbox did not start:" >&2
  cat "$work/sandbox.log" >&2
  exit 1
fi
# Its greeting has what the environment needs, as NAME=value.
for word in $(head -n 1 "$work/sandbox.log"); do
  case $word in
    [A-Z]*=*)
      export "${word?}"
      echo "export $word"
      ;;
  esac
done

cd "$work"
rm -f ./*.tftest.hcl
# The provider that was just built stands in for the registry's. An empty provider block takes everything from the environment.
cat >provider.tf <<'TF'
terraform {
  required_providers {
    elastigroup = { source = "elastigroup/elastigroup" }
  }
}

provider "elastigroup" {}
TF
# Real rollouts give instances minutes. Terraform's clock is not the sandbox's: these 10 seconds are 10 minutes there.
cat >demo_override.tf <<'TF'
resource "elastigroup_deployment" "web" {
  healthy_timeout = "10s"
}
TF
platform=$("$terraform" version -json | sed -n 's/.*"platform": *"\([^"]*\)".*/\1/p')
for registry in registry.terraform.io registry.opentofu.org; do
  directory=$work/plugins/$registry/elastigroup/elastigroup/0.1.0/$platform
  mkdir -p "$directory"
  ln -s "$provider" "$directory/terraform-provider-elastigroup_v0.1.0"
done
"$terraform" init -plugin-dir="$work/plugins" >init.log || {
  cat init.log
  exit 1
}

say "The deployment:"
sed -n '/^resource/,/^}/p' resource.tf

say "The first release. Its plan shows the whole configuration, so only the end of it is shown here."
show "$name apply -auto-approve -var release=2026.11.1 | tail -n 7"
"$terraform" apply -auto-approve -var release=2026.11.1 | tail -n 7
standing

say "The second release. The plan says what apply will do, step by step."
run plan -var release=2026.11.2 -out release.plan
run apply release.plan
standing

say "The third release never answers its health checks. Apply undoes it, says why, and fails."
show "$name apply -auto-approve -var release=2026.11.3 2>&1 | sed -n '/Modifying/,\$p'"
if "$terraform" apply -auto-approve -var release=2026.11.3 2>&1 | sed -n '/Modifying/,$p' | tee third.log; then
  echo "a release that never turned healthy was taken for good" >&2
  exit 1
fi
grep -q 'rolled back' third.log
say "What served before serves as before, with the capacity that it had."
standing

say "Everything goes away."
show "$name destroy -auto-approve -var release=2026.11.2 | tail -n 4"
"$terraform" destroy -auto-approve -var release=2026.11.2 | tail -n 4
say "That was it, in $SECONDS seconds. The next step: README.md, \"Use it\"."

#!/usr/bin/env bash
# Checks every directory under examples/ that has Terraform files: validates it with the provider in bin/, and where it
# has tests (*.tftest.hcl) runs them in the sandbox, as the guide has it. Nothing leaves the machine, and no example is changed. What needs
# the AWS provider, which is not here, is read by terraform fmt alone: it has to parse, and to be formatted. Examples whose test says "In virtual
# time" have bakes as people have them, and run in internal/virtual, so that nobody waits for these.
set -euo pipefail
cd "$(dirname "$0")/.."

terraform=${TERRAFORM:-$(command -v terraform || command -v tofu)}
provider=$PWD/bin/terraform-provider-elastigroup
virtual=$PWD/bin/virtual.test
examples=$PWD/examples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The provider that was just built stands in for the registry's, so that init is not needed.
cat >"$work/cli.tfrc" <<EOF
provider_installation {
  dev_overrides {
    "elastigroup/elastigroup" = "$PWD/bin"
  }
  direct {}
}
EOF
export TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

# Examples in the documentation name no source, as the registry shows them; Terraform needs one.
source='terraform {
  required_providers {
    elastigroup = { source = "elastigroup/elastigroup" }
  }
}'

# is_since tells whether this is Terraform, and its version 1.N or later.
is_since() {
  local version
  version=$("$terraform" version | sed -nE '1s/^Terraform v([0-9]+)\.([0-9]+).*/\1 \2/p')
  [ -n "$version" ] && [ "${version% *}" -ge 1 ] && { [ "${version% *}" -gt 1 ] || [ "${version#* }" -ge "$1" ]; }
}

# check checks one example, in a folder of its own.
check() {
  local directory=$1 name=${1#"$examples/"} copy world=()
  work=$2
  if grep -qsE '^(resource|data) "aws_' "$directory"/*.tf; then
    if "$terraform" fmt -check -diff -no-color "$directory" >"$work/log" 2>&1; then
      printf 'ok    %s  reads well\n' "$name"
      return
    fi
    printf 'FAIL  %s\n' "$name"
    cat "$work/log"
    return 1
  fi
  # Actions came with 1.14, and what is mocked in plans with 1.11.
  local since=0
  if grep -qs 'override_during' "$directory"/*.tftest.hcl; then since=11; fi
  if grep -qsE '^action ' "$directory"/*.tf; then since=14; fi
  if [ "$since" -gt 0 ] && ! is_since "$since"; then
    if "$terraform" fmt -check -diff -no-color "$directory" >"$work/log" 2>&1; then
      printf 'ok    %s  reads well (Terraform 1.%s or later would validate it)\n' "$name" "$since"
      return
    fi
    printf 'FAIL  %s\n' "$name"
    cat "$work/log"
    return 1
  fi
  copy=$work/example
  cp -R "$directory" "$copy"
  if ! grep -qs 'required_providers' "$copy"/*.tf; then printf '%s\n' "$source" >"$copy/required_providers.tf"; fi

  if ! "$terraform" -chdir="$copy" validate -no-color >"$work/log" 2>&1; then
    printf 'FAIL  %s\n' "$name"
    cat "$work/log"
    return 1
  fi
  if ! compgen -G "$copy/*.tftest.hcl" >/dev/null; then
    printf 'ok    %s  valid\n' "$name"
    return
  fi
  # The world of the guide's example is as sandbox init writes it.
  if [ -e "$copy/github-workflow.yml" ]; then
    "$provider" sandbox init -force "$copy" >"$work/log" 2>&1
    if ! diff -u "$directory/sandbox.json" "$copy/sandbox.json" >>"$work/log"; then
      printf 'FAIL  %s  sandbox init writes another world\n' "$name"
      cat "$work/log"
      return 1
    fi
  fi
  if [ -e "$copy/sandbox.json" ]; then world=(--world "$copy/sandbox.json"); fi
  if grep -qs 'In virtual time' "$copy"/*.tftest.hcl; then
    world=(env VIRTUAL_WORLD="$copy/sandbox.json" "$virtual" -test.run '^TestServe$' --)
  else
    world=("$provider" sandbox --speed 60 ${world[@]+"${world[@]}"} --)
  fi
  if "${world[@]}" "$terraform" -chdir="$copy" test -no-color >"$work/log" 2>&1; then
    printf 'ok    %s  %s\n' "$name" "$(grep -o 'Success!.*' "$work/log")"
  else
    printf 'FAIL  %s\n' "$name"
    cat "$work/log"
    return 1
  fi
}

# Most of the time an example waits for its sandbox, so that three go at the same time. What they say comes in their order.
failed=0 running=()
finish() {
  local n=${running[0]}
  running=("${running[@]:1}")
  wait "${n%%:*}" || failed=1
  cat "$work/${n#*:}/said"
}
n=0
while IFS= read -r directory; do
  n=$((n + 1))
  mkdir "$work/$n"
  (check "$directory" "$work/$n") >"$work/$n/said" 2>&1 &
  running+=("$!:$n")
  if [ "${#running[@]}" -ge 3 ]; then finish; fi
done < <(find "$examples" -name '*.tf' -exec dirname {} \; | sort -u)
while [ "${#running[@]}" -gt 0 ]; do finish; done
exit "$failed"

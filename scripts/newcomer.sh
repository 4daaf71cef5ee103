#!/usr/bin/env bash
# Walks a bare environment through what README and the guides tell a newcomer to type: from a clean clone, with an empty home, and with nothing of this
# machine's but the programs that they name (Go, make, git, Terraform). What is typed is taken from the pages themselves, so that a page that
# misleads fails here. It takes some minutes, and leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

terraform=${TERRAFORM:-$(command -v terraform || command -v tofu)}
home=$(mktemp -d)
trap 'chmod -R u+w "$home"; rm -rf "$home"' EXIT
git clone -q . "$home/terraform-provider-elastigroup"
mkdir -p "$home/bin" "$home/your-module"
ln -s "$terraform" "$home/bin/$(basename "$terraform")"
cp examples/trying/{main.tf,elastigroup.json,release.tftest.hcl} "$home/your-module"

# Go's caches are shared, as downloads are slow; nothing else is.
bare() {
  env -i HOME="$home" PATH="$home/.local/bin:$home/bin:$(dirname "$(command -v go)"):/usr/bin:/bin" CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 \
    GOFLAGS=-mod=mod GOMODCACHE="$(go env GOMODCACHE)" GOCACHE="$(go env GOCACHE)" bash -euo pipefail -c "$1"
}

# typed are the commands of a page's first block of shell after a heading.
typed() {
  awk -v heading="## $2" '$0 == heading { on = 1 } on && /^```$/ && block { exit } block { print } on && /^```(sh|shell)$/ { block = 1 }' "$1"
}

step() { printf '\n== %s\n%s\n\n' "$1" "$2"; }

make=$(typed README.md "Try it, without an account" | grep '^make install' | sed 's/ *#.*//; s/ && cd your-module//')
step "README: make install" "$make"
bare "cd ~/terraform-provider-elastigroup && $make"

commands=$(typed docs/guides/trying.md "On your machine" | grep -v '^cd ')
step "docs/guides/trying.md: on your machine" "$commands"
bare "cd ~/your-module && $commands"

step "README: the sandbox in one terminal, Terraform in another" 'eval "$(terraform-provider-elastigroup sandbox env)" && terraform plan'
bare 'cd ~/your-module
  terraform-provider-elastigroup sandbox --world sandbox.json --speed 60 >/dev/null & sandbox=$!
  trap "kill $sandbox" EXIT
  for _ in $(seq 50); do terraform-provider-elastigroup sandbox env >/dev/null 2>&1 && break; sleep 0.1; done
  eval "$(terraform-provider-elastigroup sandbox env)"
  '"$(basename "$terraform")"' plan -input=false -no-color -var release=1.0
  terraform-provider-elastigroup sandbox ctl alarm api-5xx ALARM 9 errors a minute
  terraform-provider-elastigroup sandbox ctl show'

step "done" "everything that was typed is what the pages say"

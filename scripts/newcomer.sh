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
ln -sf "$terraform" "$home/bin/terraform" # as the pages have it
cp examples/trying/{main.tf,elastigroup.json,release.tftest.hcl} "$home/your-module"

# Go's caches are shared, as downloads are slow; nothing else is.
bare() {
  env -i HOME="$home" PATH="$home/.local/bin:$home/bin:$(dirname "$(command -v go)"):/usr/bin:/bin" CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 \
    GOFLAGS=-mod=mod GOMODCACHE="$(go env GOMODCACHE)" GOCACHE="$(go env GOCACHE)" bash -euo pipefail -c "$1"
}

# typed are the commands of a page's first block of shell after a heading, or of its third argument's.
typed() {
  awk -v heading="## $2" -v wanted="${3:-1}" '$0 == heading { on = 1 } /^```$/ && block { block = 0 } block && n == wanted { print } on && /^```(sh|shell)$/ { block = 1; n++ }' "$1"
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

comment=$(typed docs/guides/pull-requests.md "The comment")
file=$(typed docs/guides/ci.md "A file of what happened")
step "docs/guides/pull-requests.md, docs/guides/ci.md: a plan as a comment, its apply with a file and a report" "$comment
$file"
if command -v jq >/dev/null; then
  cp examples/pull-requests/comment.jq "$home/your-module"
else
  echo "LEFT OUT: the comment, for there is no jq on the PATH."
  comment="terraform plan -out plan.tfplan"
fi
# What is typed, with what a module needs that has variables, where there is no terminal.
commands=$(printf '%s\n%s\n' "$comment" "$file" | sed -E 's#^terraform plan#& -input=false -no-color -var release=1.0 -var bake=1s#; s#^terraform apply#& -no-color#')
killed=$(cat <<'EOF'
terraform apply -input=false -no-color -auto-approve -var release=1.1 -var bake=5s >killed.log 2>&1 & applying=$!
for _ in $(seq 300); do grep -q '"event":"step_begun".*"step":"bake"' rollout.jsonl 2>/dev/null && break; sleep 0.1; done
kill -9 $applying
terraform plan -input=false -no-color -var release=1.1 -var bake=1s
terraform apply -input=false -no-color -auto-approve -var release=1.1 -var bake=1s
terraform show -no-color | grep -E '^    (status|revision) '
EOF
)
bare 'cd ~/your-module
  terraform-provider-elastigroup sandbox --world sandbox.json --speed 60 >/dev/null & sandbox=$!
  trap "kill $sandbox" EXIT
  for _ in $(seq 50); do terraform-provider-elastigroup sandbox env >/dev/null 2>&1 && break; sleep 0.1; done
  eval "$(terraform-provider-elastigroup sandbox env)"
  '"$commands"'
  test -s rollout.html
  printf "\n== an apply that is killed in a bake, and the next one\n%s\n\n" '"$(printf '%q' "$killed")"'
  rm rollout.jsonl
  '"$killed"'
  test "$(terraform show -no-color | grep -cE "^    (revision +. 2|status +. .stable.)$")" -eq 2'

host=$(go env GOOS)_$(go env GOARCH)
mirror=$(typed docs/guides/installing.md "Without the internet" 2 | sed -E "s#^make mirror#& PLATFORMS=$host#; s#-platform=.*#-platform=$host#; s#-chdir=your-module#-chdir=../your-module#")
step "docs/guides/installing.md: a mirror of your own, and a lock file of it" "$mirror"
bare "cd ~/terraform-provider-elastigroup && rm -rf ~/your-module/.terraform ~/your-module/.terraform.lock.hcl && $mirror"

step "done" "everything that was typed is what the pages say"

#!/usr/bin/env bash
# Shows rollouts in the sandbox: a first release, a second one, and one that fails and is taken back. Every command is printed
# before it runs. Needs bin/terraform-provider-elastigroup (make build) and Terraform or OpenTofu; takes less than a minute
# and leaves nothing behind.
#
#   scripts/demo.sh [basic | canary | blue-green | verified]
#
# TERRAFORM and PROVIDER name other binaries, and DEMO_EVENTS a directory for the event logs.
#
# With DEMO_KEEP=1 everything stays there at the end, until Ctrl-C: the sandbox with its page for a browser, the deployment, and the directory
# that Terraform runs in.
set -euo pipefail
cd "$(dirname "$0")/.."

strategy=${1:-basic}
case $strategy in
  basic) example=examples/resources/elastigroup_deployment ;;
  canary) example=examples/canary ;;
  blue-green) example=examples/blue-green ;;
  verified) example=examples/verification-compare ;;
  *)
    echo "There is no demo of the strategy \"$strategy\"; it is basic, canary, blue-green or verified." >&2
    exit 2
    ;;
esac

terraform=${TERRAFORM:-$(command -v terraform || command -v tofu || true)}
if [ -z "$terraform" ]; then
  echo "There is neither terraform nor tofu on the PATH." >&2
  echo "Get one at https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install" >&2
  exit 1
fi
name=$(basename "$terraform")
provider=${PROVIDER:-$PWD/bin/terraform-provider-elastigroup}
if [ ! -x "$provider" ]; then
  echo "$provider is not there yet: make build" >&2
  exit 1
fi

# A comparison needs minutes of Terraform's own time. In this binary provider and sandbox are in one process, in virtual time: nobody waits.
virtual=${VIRTUAL:-$PWD/bin/virtual.test}
if [ "$strategy" = verified ] && [ ! -x "$virtual" ]; then
  echo "$virtual is not there yet: make virtual" >&2
  exit 1
fi

# The sandbox's clock runs this many times as fast as ours.
speed=60
work=$(mktemp -d)
sandbox=
apply=
rollouts=0
cleanup() {
  if [ -n "$apply" ]; then
    kill "$apply" 2>/dev/null || true
    wait "$apply" 2>/dev/null || true
  fi
  if [ -n "$sandbox" ]; then
    kill "$sandbox" 2>/dev/null || true
    wait "$sandbox" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
# What each strategy shows.
. scripts/demo-strategies.sh

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

# routes prints where traffic goes by now, from the same page.
routes() {
  local address=${SPOTINST_ENDPOINT#http://} route group weight
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'GET /sandbox/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$address" >&3
  printf '\n%-30s  %-12s  %s\n' LISTENER 'TARGET GROUP' WEIGHT
  while read -r route group weight; do
    printf '%-30s  %-12s  %s\n' "$(short "$route")" "$(short "$group")" "$weight"
  done < <(sed -n '/^ROUTE/,/^$/{/^arn:/p;}' <&3)
  exec 3>&-
}

# short makes of the ARN of a listener or target group what the plan calls it.
short() {
  local parts
  IFS=/ read -ra parts <<<"$1"
  case $1 in
    *:listener/*) printf '%s/%s' "${parts[2]}" "${parts[4]}" ;;
    *) printf '%s' "${parts[1]}" ;;
  esac
}

alarm='{"name": "web-5xx", "state": "ALARM", "reason": "5.0 % of the answers were errors"}'

# trip makes an alarm go off, by the sandbox's control API.
trip() {
  local address=${SPOTINST_ENDPOINT#http://} body=$alarm
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'POST /sandbox/alarms HTTP/1.0\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s' "$address" "${#body}" "$body" >&3
  head -n 1 <&3
  exec 3>&-
}

# follow runs a Terraform command, and shows what the provider says meanwhile: its own "watch" reads the event log, and draws in a terminal,
# or prints a line an event elsewhere. What Terraform says from the beginning of the change on comes after it, and is left in apply.log. The
# exit status is Terraform's. With a second command in at_bake, that one runs when the first bake begins.
follow() {
  local status=0 events=${DEMO_EVENTS:+$DEMO_EVENTS/}rollout-$((++rollouts)).jsonl
  if [ "$strategy" = verified ]; then
    # The provider, to which Terraform is attached, writes the log where its configuration says.
    case $events in
      /*) set -- "$@" -var "event_log=$events" ;;
      *) set -- "$@" -var "event_log=$PWD/$events" ;;
    esac
  fi
  if [ "$strategy" = verified ]; then
    # It is over before anybody could watch it.
    show "$name $*"
    "$terraform" "$@" >apply.log 2>&1 || status=$?
    echo "  (what $events has of it, less how far each bake was)"
    sed -n '/"event":"bake"/d; /"message":"next: /d; s/^{.*"time":"[^"]*T\([0-9:]*\)[^"]*".*"message":"\(\([^"\\]\|\\.\)*\)".*/\1 \2/p' "$events"
    sed -n '/: Modifying\.\.\./,$p' apply.log
    return "$status"
  fi
  show "ELASTIGROUP_EVENT_LOG=$events $name $* &"
  echo "\$ terraform-provider-elastigroup watch $events"
  ELASTIGROUP_EVENT_LOG=$events "$terraform" "$@" >apply.log 2>&1 &
  apply=$!
  if [ -n "${at_bake:-}" ]; then
    { until grep -qs '"event":"bake"' "$events" || ! kill -0 "$apply" 2>/dev/null; do sleep 0.1; done; $at_bake >/dev/null; } &
  fi
  "$provider" watch -timeout 2m "$events" || true
  wait "$apply" || status=$?
  apply=
  sed -n '/: Modifying\.\.\./,$p' apply.log
  return "$status"
}

# The reader's own settings of Terraform are none of the demo's.
unset TF_LOG TF_DATA_DIR TF_WORKSPACE
touch "$work/cli.tfrc"
export TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

cp -R "$example/." "$work"
ready=AWS_SECRET_ACCESS_KEY=
if [ "$strategy" = verified ]; then
  say "A pretend Spot and AWS on this machine, and the provider, in virtual time: a bake of ten minutes passes at once. No account is needed, nothing leaves the machine."
  show "VIRTUAL_WORLD=sandbox.json bin/virtual.test -test.run '^TestServe\$' &"
  ready=TF_REATTACH_PROVIDERS=
  mkfifo "$work/hold" # it serves until its standard input ends
  VIRTUAL_WORLD=$work/sandbox.json "$virtual" -test.run '^TestServe$' <"$work/hold" >"$work/sandbox.log" 2>"$work/sandbox.err" &
  sandbox=$!
  exec 4>"$work/hold"
else
  say "A pretend Spot and AWS on this machine, its clock $speed times as fast. No account is needed, nothing leaves the machine."
  show "terraform-provider-elastigroup sandbox --speed $speed --world sandbox.json"
  "$provider" sandbox --listen 127.0.0.1:0 --speed "$speed" --world "$work/sandbox.json" >"$work/sandbox.log" 2>"$work/sandbox.err" &
  sandbox=$!
fi
for _ in $(seq 100); do
  if grep -qs "$ready" "$work/sandbox.log" || ! kill -0 "$sandbox" 2>/dev/null; then break; fi
  sleep 0.1
done
if ! grep -qs "$ready" "$work/sandbox.log"; then
  echo "the sandbox did not start:" >&2
  cat "$work/sandbox.err" >&2
  exit 1
fi
# What it prints is what the environment needs.
eval "$(cat "$work/sandbox.log")"
grep '^export' "$work/sandbox.log"

say "The same to look at, and to try what people fear: $SPOTINST_ENDPOINT/ in a browser, while this runs (DEMO_KEEP=1 leaves it there)."

cd "$work"
# The provider that was just built stands in for the registry's. An empty provider block takes everything from the environment.
cat >provider.tf <<'TF'
terraform {
  required_providers {
    elastigroup = { source = "elastigroup/elastigroup" }
  }
}

provider "elastigroup" {}
TF
# Real rollouts give instances minutes. Terraform's clock is not the sandbox's: these 10 seconds are 10 minutes there. No
# release of the blue/green demos is unhealthy.
if [ "$strategy" = basic ] || [ "$strategy" = canary ]; then
  cat >demo_override.tf <<'TF'
resource "elastigroup_deployment" "web" {
  healthy_timeout = "10s"
}
TF
fi
if [ "$strategy" = canary ]; then
  # So are these 3 minutes. What the example has as outputs is shown in other ways here.
  echo 'bake = "3s"' >terraform.tfvars
  rm outputs.tf
fi
if [ "$strategy" = blue-green ]; then
  {
    sed -n 's/^ *\(\(production\|stage\)_listener_arn\) *= /\1 = /p' example.tftest.hcl
    echo 'settle = "1s"'
    echo 'bake = "3s"'
  } >terraform.tfvars
  rm outputs.tf
fi
if [ "$strategy" = verified ]; then
  sed -n 's/^ *listener_arn *= /listener_arn = /p' example.tftest.hcl >terraform.tfvars
  rm outputs.tf
  cat >provider.tf <<'TF'
terraform {
  required_providers {
    elastigroup = { source = "elastigroup/elastigroup" }
  }
}

variable "event_log" {
  type    = string
  default = null
}

provider "elastigroup" {
  event_log = var.event_log
}
TF
fi
rm -f ./*.tftest.hcl
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

"$strategy"

say "The last rollout once more, as the comment of a pull request has it. With -o rollout.html it is a page."
show "terraform-provider-elastigroup report rollout-$rollouts.jsonl"
"$provider" report "${DEMO_EVENTS:-.}/rollout-$rollouts.jsonl"

if [ "${DEMO_KEEP:-}" = 1 ]; then
  # What is released next is not to meet the alarm that is on.
  if [ "$strategy" != basic ]; then "$provider" sandbox ctl alarm web-5xx OK; fi
  # One that serves no more.
  next=2026.11.1
  if [ "$strategy" = canary ]; then next=2026.11.2; fi
  say "All of it stays there until Ctrl-C, after $SECONDS seconds. The page: $SPOTINST_ENDPOINT/. To go on in another shell:"
  cat <<SHELL
cd $work && eval "\$(cat sandbox.log)" && export TF_CLI_CONFIG_FILE=$work/cli.tfrc
export ELASTIGROUP_EVENT_LOG=more.jsonl
$terraform apply -var release=$next
$provider watch                      # in a third one, after the first two lines: what this apply does
$provider watch web                  # the same from the clouds alone
$provider report more.jsonl -o rollout.html
SHELL
  wait "$sandbox"
fi
say "Everything goes away."
show "$name destroy -auto-approve -var release=2026.11.2 | tail -n 4"
"$terraform" destroy -auto-approve -var release=2026.11.2 | tail -n 4
say "That was it, in $SECONDS seconds. The next step: README.md, \"Use it\"."

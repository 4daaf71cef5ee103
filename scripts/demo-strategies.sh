# shellcheck shell=bash
# What demo.sh shows of each strategy, by the functions that it has for running a command, following a rollout and printing what stands.

basic() {
  say "The first release. Its plan shows the whole configuration, so only the end of it is shown here."
  show "$name apply -auto-approve -var release=2026.11.1 | tail -n 7"
  "$terraform" apply -auto-approve -var release=2026.11.1 | tail -n 7
  standing

  say "The second release. The plan says what apply will do, step by step."
  run plan -var release=2026.11.2 -out release.plan
  say "Apply does that. Terraform says little meanwhile, and the provider's binary all of it."
  follow apply release.plan
  standing

  say "The third release never answers its health checks. Apply takes it back, says why, and fails."
  if follow apply -auto-approve -var release=2026.11.3; then
    echo "a release that never turned healthy was taken for good" >&2
    exit 1
  fi
  grep -q 'rolled back' apply.log
  say "What served before serves as before, with the capacity that it had."
  standing
}

canary() {
  say "The first release. There is nothing to share the work with yet: it comes up in one step."
  show "$name apply -auto-approve -var release=2026.11.1 | grep Apply"
  "$terraform" apply -auto-approve -var release=2026.11.1 | grep Apply
  standing

  say "The second release, as a canary. The plan shows every phase: who grows, who shrinks, what is watched and for how long."
  run plan -var release=2026.11.2 -out release.plan
  say "Apply does that. Terraform says little meanwhile, and the provider's binary all of it."
  follow apply release.plan
  standing

  say "The third release stops after its first phase, until somebody has looked. Both revisions serve meanwhile."
  follow apply -auto-approve -var release=2026.11.3 -var hold_after_phase=1
  standing

  say "All is well: without hold_after_phase it goes on."
  show "$name plan -var release=2026.11.3 2>&1 | sed -n '/Warning/,\$p'"
  "$terraform" plan -var release=2026.11.3 2>&1 | sed -n '/Warning/,$p'
  follow apply -auto-approve -var release=2026.11.3
  standing

  say "The fourth release makes an alarm go off while its first phase bakes. Apply takes it back, says why, and fails."
  show "POST $SPOTINST_ENDPOINT/sandbox/alarms $alarm   # when it bakes"
  if at_bake=trip follow apply -auto-approve -var release=2026.11.4; then
    echo "a release that made an alarm go off was taken for good" >&2
    exit 1
  fi
  grep -q 'rolled back' apply.log
  say "What served before serves as before, with the capacity that it had."
  standing
}

blue-green() {
  say "The first release. It registers where production goes already, so no traffic is moved."
  show "$name apply -auto-approve -var release=2026.11.1 | grep Apply"
  "$terraform" apply -auto-approve -var release=2026.11.1 | grep Apply
  standing
  routes

  say "The second release comes up beside it, where testers see it on the stage listener. Then the two change places."
  run plan -var release=2026.11.2 -out release.plan
  say "Apply does that. Terraform says little meanwhile, and the provider's binary all of it."
  follow apply release.plan
  standing
  routes

  say "The third release is to get production's traffic bit by bit:"
  # An override replaces the block whole.
  cat >shift_override.tf <<'TF'
resource "elastigroup_deployment" "web" {
  blue_green {
    route {
      production_arn = var.production_listener_arn
      stage_arn      = var.stage_listener_arn
    }

    shift {
      weight = 10
      bake   = var.bake
    }
    shift {
      weight = 50
      bake   = var.bake
    }

    settle = var.settle
    bake   = var.bake
  }
}
TF
  sed '1d;$d' shift_override.tf
  show "$name plan -var release=2026.11.3 -out third.plan | sed -n '/ rollout_plan /,/EOT\$/{/^ *- /d;p;}'"
  "$terraform" plan -var release=2026.11.3 -out third.plan | sed -n '/ rollout_plan /,/EOT$/{/^ *- /d;p;}'
  say "An alarm goes off while it bakes at the first weight. Apply gives production back in one call, says why, and fails."
  show "POST $SPOTINST_ENDPOINT/sandbox/alarms $alarm   # when it bakes"
  if at_bake=trip follow apply third.plan; then
    echo "a release that made an alarm go off was taken for good" >&2
    exit 1
  fi
  grep -q 'rolled back' apply.log
  say "What served before serves as before, with the capacity that it had and all of the traffic."
  standing
  routes
}

verified() {
  say "The first release. There is nothing to compare it with."
  show "$name apply -auto-approve -var release=2026.11.1 | grep Apply"
  "$terraform" apply -auto-approve -var release=2026.11.1 | grep Apply
  standing
  routes

  say "The second release is as good as the first. The plan says what it is compared by, and what becomes of it if that cannot be known."
  show "$name plan -var release=2026.11.2 | sed -n '/ rollout_plan /,/EOT\$/{/^ *- /d;p;}'"
  "$terraform" plan -var release=2026.11.2 | sed -n '/ rollout_plan /,/EOT$/{/^ *- /d;p;}'
  follow apply -auto-approve -var release=2026.11.2
  standing
  routes

  say "The third release passes every health check, and no alarm is there to go off. But 3 % more of its requests end in an error:"
  grep -o '{ "id": "ami-.*error_ratio.*}' sandbox.json
  if follow apply -auto-approve -var release=2026.11.3; then
    echo "a release that was 3 % worse was taken for good" >&2
    exit 1
  fi
  grep -q 'rolled back' apply.log
  say "It had a tenth of the traffic, for some minutes. What served before has all of it again, with the capacity that it had."
  standing
  routes
}

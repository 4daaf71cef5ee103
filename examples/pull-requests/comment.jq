# What a plan releases, as Markdown for a pull request:
#
#   terraform show -json plan.tfplan | jq -r -f comment.jq

def steps:
  if .change.after_unknown.rollout_plan == true then
    "The steps are known only while applying: something that they depend on is made by the same apply."
  else
    "```\n" + ((.change.after // .change.before).rollout_plan // "" | sub("\\s+$"; "")) + "\n```"
  end;

def verb:
  .change.actions as $actions
  | if $actions == ["create"] then "is created"
    elif $actions == ["update"] then "changes"
    elif $actions == ["delete"] then "**is destroyed: nothing serves after that**"
    elif ($actions | contains(["create", "delete"])) then "**is replaced: with another name, another deployment**"
    else "is forgotten; its groups stay"
    end;

def standing:
  (.change.before.status // "stable") as $status
  | if $status == "holding" then "\n\nIt holds now, half-way through a release."
    elif $status == "interrupted" then "\n\n**A rollout was cut short: this goes on with it, or back.**"
    else ""
    end;

def deployment:
  "### `\(.address)` \(verb)"
  + standing
  + (if .change.actions == ["delete"] then "" else "\n\n" + steps end);

[.resource_changes[]? | select(.type == "elastigroup_deployment" and .mode == "managed" and (.change.actions | . != ["no-op"] and . != ["read"]))]
| if length == 0 then "No deployment is changed by this plan."
  else map(deployment) | join("\n\n")
  end

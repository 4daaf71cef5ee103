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
  | if $status == "holding" then "\n\nIt holds now, half-way through a rollout."
    elif $status == "interrupted" then "\n\n**A rollout was cut short: this goes on with it, or back.**"
    else ""
    end;

def deployment:
  "### `\(.address)` \(verb)"
  + standing
  + (if .change.actions == ["delete"] then "" else "\n\n" + steps end);

# Forges refuse a comment of more than 65,536 characters. What would not fit is named without its steps; what is taken away stands first.
def fitted:
  reduce .[] as $one ({kept: [], size: 0, left: []};
    ($one | deployment) as $text
    | if .size + ($text | length) < 55000 then .kept += [$text] | .size += ($text | length) + 2
      else .left += ["* `\($one.address)` \($one | verb)"]
      end)
  | .kept + (if .left == [] then [] else
      ["### Not shown, for want of room: \(.left | length) more", (.left[:25] | join("\n"))] + (if (.left | length) > 25 then ["…"] else [] end)
    end)
  | join("\n\n");

"<!-- rollouts -->\n" +
([.resource_changes[]? | select(.type == "elastigroup_deployment" and .mode == "managed" and (.change.actions | . != ["no-op"] and . != ["read"]))]
| if length == 0 then "No deployment is changed by this plan."
  else sort_by(.change.actions | contains(["delete"]) | not) | fitted
  end)

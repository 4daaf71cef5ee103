"use strict";
// The page asks /sandbox/state each second and draws what it answers. What it keeps is the course of the groups alone.
const at = id => document.getElementById(id);
const esc = text => String(text).replace(/[&<>"']/g, c => "&#" + c.charCodeAt(0) + ";");
let moments = [], next = 0, start = "", state = null;

// put replaces what an element shows where it has changed, and keeps the focus on what it was on.
const shown = {};
function put(id, html) {
  if (shown[id] === html) return;
  const focused = document.activeElement, key = focused && at(id).contains(focused) ? focused.dataset.key : "";
  if (focused && focused.tagName === "SELECT" && at(id).contains(focused)) return; // somebody is choosing
  shown[id] = html;
  at(id).innerHTML = html;
  if (key) at(id).querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function table(caption, heads, rows) {
  const cells = (row, tag) => row.map((c, n) => {
    const number = heads[n].startsWith("#");
    return `<${tag}${number ? ' class="n"' : ""}${tag === "th" ? ' scope="col"' : ""}>${c}</${tag}>`;
  }).join("");
  if (!rows.length) return `<p class="soft">None.</p>`;
  return `<div class="scroll" tabindex="0" role="group" aria-label="${esc(caption)}"><table><thead><tr>${cells(heads.map(h => esc(h.replace("#", ""))), "th")}</tr></thead>` +
    `<tbody>${rows.map(r => `<tr>${cells(r, "td")}</tr>`).join("")}</tbody></table></div>`;
}

// button does a call of the control API; see doc.go of the sandbox for what there is.
function button(label, path, body, more = {}) {
  const key = more.key || label + ": " + (more.of || ""); // stays the same while what the button would do changes
  const pressed = more.pressed === undefined ? "" : ` aria-pressed="${more.pressed}"`;
  return `<button data-key="${esc(key)}" data-method="${more.method || "POST"}" data-path="${esc(path)}" data-body="${esc(JSON.stringify(body))}"` +
    `${pressed}${more.off ? " disabled" : ""} aria-label="${esc(label + (more.of ? ": " + more.of : ""))}">${esc(label)}</button>`;
}

async function call(method, path, body, label) {
  try {
    const answer = await fetch("/sandbox/" + path, method === "POST" ? {method, body, headers: {"Content-Type": "application/json"}} : {method});
    const text = answer.ok ? "" : await answer.text();
    say(answer.ok ? "Done: " + label : label + ": " + text.trim(), !answer.ok);
  } catch (e) {
    say(label + ": the sandbox does not answer", true);
  }
  look();
}

function say(text, wrong) {
  at("said").textContent = text;
  at("said").className = wrong ? "wrong" : "";
}

document.addEventListener("click", e => {
  const b = e.target.closest("button[data-path]");
  if (b) call(b.dataset.method, b.dataset.path, b.dataset.body, b.getAttribute("aria-label"));
});
document.addEventListener("change", e => {
  if (e.target.id === "window") return draw();
  if (e.target.dataset.image) {
    const body = JSON.stringify({image: e.target.dataset.image, kind: e.target.value});
    e.target.blur();
    call("POST", "behaviour", body, `${e.target.dataset.image} behaves ${e.target.value}`);
  }
});

const last = arn => { const p = arn.split("/"); return arn.includes(":targetgroup/") ? p[1] : p[p.length - 1]; };
const route = arn => { const p = arn.split("/"); return (arn.includes(":listener-rule/") ? "rule " : "listener ") + p[2] + "/" + p[p.length - 1]; };
const time = t => t.slice(11, 19);

function draw() {
  if (!state || !moments.length) return;
  const seconds = Number(at("window").value), now = Date.parse(state.now), W = 900, H = 260, left = 34, right = 12, top = 12, bottom = 24;
  const from = Math.max(seconds ? now - seconds * 1000 : 0, Date.parse(moments[0].time));
  const span = Math.max(now - from, 1000), x = t => left + (Math.max(t, from) - from) / span * (W - left - right);
  const names = new Map();
  let most = 4;
  const course = moments.filter((m, n) => n + 1 >= moments.length || Date.parse(moments[n + 1].time) > from);
  for (const m of course) for (const g of m.groups || []) {
    if (!names.has(g.id)) names.set(g.id, {name: g.name, steps: [], targets: []});
    most = Math.max(most, g.in_service, g.target);
  }
  const y = n => H - bottom - n / most * (H - top - bottom);
  for (const m of course) {
    const here = new Map((m.groups || []).map(g => [g.id, g]));
    for (const [id, line] of names) {
      const g = here.get(id), t = x(Date.parse(m.time));
      line.steps.push([t, g ? g.in_service : 0]);
      line.targets.push([t, g ? g.target : 0]);
    }
  }
  const path = steps => steps.map(([px, n], i) => (i ? `H${px.toFixed(1)}V` : `M${px.toFixed(1)},`) + y(n).toFixed(1)).join("") + `H${x(now).toFixed(1)}`;
  let drawing = "";
  const every = Math.max(1, Math.ceil(most / 5));
  for (let n = 0; n <= most; n += every)
    drawing += `<line class="grid" x1="${left}" x2="${W - right}" y1="${y(n)}" y2="${y(n)}"/><text x="${left - 6}" y="${y(n) + 4}" text-anchor="end">${n}</text>`;
  for (let i = 0; i <= 4; i++) {
    const t = from + span * i / 4;
    drawing += `<text x="${x(t)}" y="${H - 6}" text-anchor="${i === 0 ? "start" : i === 4 ? "end" : "middle"}">${time(new Date(t).toISOString())}</text>`;
  }
  let legend = "", n = 0, words = [];
  for (const [, line] of names) {
    const c = n++ % 6, is = line.steps[line.steps.length - 1][1], wants = line.targets[line.targets.length - 1][1];
    drawing += `<path class="target c${c}" d="${path(line.targets)}"/><path class="line c${c}" data-group="${esc(line.name)}" d="${path(line.steps)}"/>`;
    legend += `<span class="k${c}"><b aria-hidden="true">━</b> ${esc(line.name)}: ${is} of ${wants} in service</span>`;
    words.push(`${line.name}: ${is} of ${wants} in service`);
  }
  at("drawing").innerHTML = drawing;
  at("chart-words").textContent = words.join("; ") || "No group.";
  put("legend", legend + `<span class="soft">dashed: the target</span>`);
}

function show() {
  const s = state;
  at("clock").textContent = `${s.now.slice(0, 10)} ${time(s.now)} UTC · ${s.speed} × as fast as the machine's clock · ${s.calls} calls`;
  const shares = weights => {
    const sum = (weights || []).reduce((a, w) => a + w.weight, 0);
    if (!sum) return "to no target group";
    return weights.map(w => { const p = Math.round(w.weight * 100 / sum);
      return `<span class="share">${esc(last(w.target_group))} ${p} %</span><meter min="0" max="100" value="${p}">${p} %</meter>`; }).join("<br>");
  };
  put("routes", table("Where traffic goes", ["Listener or rule", "For", "Forwards to"],
    s.routes.map(r => [esc(route(r.arn)), r.stage ? "stage" : "production", shares(r.weights)])));
  put("groups", table("Elastigroups", ["Group", "Image", "#Minimum", "#Target", "#Maximum", "#Instances", "#In service", "#Serving", "What people and the market do"],
    (s.groups || []).map(g => {
      const up = (g.list || []).filter(i => i.id && !i.leaving), one = (up.find(i => i.in_service) || up[0] || {}).id;
      const size = target => ({group: g.name, minimum: Math.min(g.minimum, target), target, maximum: Math.max(g.maximum, target)});
      return [esc(g.name) + `<br><span class="soft">${esc(g.id)}</span>`, esc(g.image), g.minimum, g.target, g.maximum, g.instances, g.in_service, g.serving,
        button("Kill an instance", "reclaim", {instance: one, without_notice: true}, {of: g.name, off: !one}) +
        button("Reclaim one with notice", "reclaim", {instance: one}, {of: g.name, off: !one}) +
        button("One more", "capacity", size(g.target + 1), {of: g.name}) + button("One less", "capacity", size(Math.max(g.target - 1, 0)), {of: g.name, off: !g.target}) +
        button("Delete it", "groups?group=" + encodeURIComponent(g.id), {}, {method: "DELETE", of: g.name})];
    })));
  put("targets", table("Target groups", ["Target group", "#Healthy", "#Unhealthy", "#Initial", "#Draining", "#Unused"],
    (s.target_groups || []).map(t => [esc(t.name), t.healthy, t.unhealthy, t.initial, t.draining, t.unused])));
  const percent = x => (x * 100).toFixed(x && x < 0.1 ? 1 : 0) + " %";
  put("requests", table("Requests of the last two minutes", ["Target group", "#A minute", "#Answered 5XX", "#Not answered", "#Half of them within"],
    (s.requests || []).map(r => [esc(r.target_group), Math.round(r.per_minute), percent(r.errors), percent(r.crashes), Math.round(r.latency * 1000) + " ms"])));
  put("alarms", table("Alarms", ["Alarm", "State", "Since", "Reason", "Set it"],
    (s.alarms || []).map(a => [esc(a.name), `<span class="${esc(a.state)}">${esc(a.state)}</span>`, time(a.since), esc(a.reason),
      a.state === "ALARM" ? button("Clear the alarm", "alarms", {name: a.name, state: "OK", reason: "cleared by hand"}, {of: a.name, key: "alarm " + a.name})
        : button("Raise the alarm", "alarms", {name: a.name, state: "ALARM", reason: "raised by hand"}, {of: a.name, key: "alarm " + a.name})])));
  const has = (kind) => s.faults.includes(kind), lacks = l => s.shortages.includes(l), slow = s.propagation >= 60;
  put("weather", [
    button("Throttle a tenth of all calls", "faults", {kind: "throttle", rate: 0.1}, {pressed: has("throttle")}),
    button("A tenth of all calls fail", "faults", {kind: "error", rate: 0.1}, {pressed: has("error")}),
    button("Lose a tenth of all answers", "faults", {kind: "drop-after", rate: 0.1}, {pressed: has("drop-after")}),
    button("End all faults of calls", "faults", {}, {method: "DELETE", off: !s.faults.length}),
    button(lacks("spot") ? "Spot capacity comes back" : "No spot capacity", "market", {lifecycle: "spot", available: lacks("spot")}, {pressed: lacks("spot"), key: "spot capacity"}),
    button(lacks("on-demand") ? "On-demand capacity comes back" : "No on-demand capacity", "market", {lifecycle: "on-demand", available: lacks("on-demand")}, {pressed: lacks("on-demand"), key: "on-demand capacity"}),
    button(slow ? "Traffic follows soon again" : "Traffic follows 3 minutes late", "propagation", {propagation: slow ? "10s" : "3m"}, {pressed: slow, key: "traffic follows"}),
    button(s.metrics_late ? "Metrics come in time again" : "Metrics come 15 minutes late", "metrics", s.metrics_late ? {} : {delay: "15m"}, {pressed: s.metrics_late, key: "metrics late"}),
    button("A reclaim storm", "reclaim", {fraction_per_hour: 0.5}), button("The storm ends", "reclaim", {fraction_per_hour: 0}),
  ].join(""));
  put("images", table("Images", ["Image", "Name", "Its instances", "#Answers 5XX", "Its requests"], (s.images || []).map(i => [esc(i.id), esc(i.name),
    `<select data-image="${esc(i.id)}" data-key="image ${esc(i.id)}" aria-label="How instances of ${esc(i.id)} behave">` +
    s.kinds.map(k => `<option${k === i.behaviour ? " selected" : ""}>${esc(k)}</option>`).join("") + `</select>`,
    percent(i.error_ratio), i.error_ratio ? button("No errors", "behaviour", {image: i.id, error_ratio: 0}, {of: i.id, key: "errors " + i.id})
      : button("3 % errors", "behaviour", {image: i.id, error_ratio: 0.03}, {of: i.id, key: "errors " + i.id})])));
  put("changes", table("Last changes", ["Time", "Call", "About"], s.changes.map(c => [time(c.time), esc(c.action), esc(c.subject)])));
  draw();
}

let looking = false;
async function look() {
  if (looking) return;
  looking = true;
  try {
    for (;;) {
      const answer = await fetch("/sandbox/state?after=" + next);
      if (!answer.ok) throw new Error(await answer.text());
      const s = await answer.json();
      if (start && s.start !== start) { moments = []; next = 0; start = ""; continue; } // another world on the same port
      start = s.start; next = s.next; state = s;
      moments.push(...(s.moments || []));
      if (moments.length > 20000) moments = moments.slice(-20000);
      if (!s.more) break;
    }
    if (at("said").dataset.lost) { delete at("said").dataset.lost; say("", false); }
    show();
  } catch (e) {
    at("said").dataset.lost = "1";
    say("The sandbox does not answer: it has ended, or is being started again.", true);
  }
  looking = false;
}
look();
setInterval(() => { if (!document.hidden) look(); }, 1000);

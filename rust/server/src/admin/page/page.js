"use strict";
// Shows what the JSON of this server says, and asks for it again. All text goes in as text, never as markup.

const PAUSE = 2000;
const SHOWN = 20;
const at = (id) => document.getElementById(id);

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function row(cells) {
  const made = element("tr");
  made.append(...cells);
  return made;
}

const cell = (text, kind) => element("td", text, kind);
const number = (value) => (value === null ? "–" : value.toLocaleString("en"));
const rate = (value) => (value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 }));

function bytes(value) {
  if (value === null) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 && unit ? 1 : 0 })} ${units[unit]}`;
}

function duration(seconds) {
  const steps = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = steps.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [size, unit] = steps[first];
  const rest = steps[first + 1];
  const more = rest ? Math.floor((seconds % size) / rest[0]) : 0;
  return `${Math.floor(seconds / size)} ${unit}${more ? ` ${more} ${rest[1]}` : ""}`;
}

/** Replaces the content of a part of the page. */
function put(id, parts, none) {
  at(id).replaceChildren(...(parts.length ? parts : none ? [none] : []));
}

function figure(name, value, beside) {
  const made = element("div");
  const figure = element("dd", value);
  if (beside) figure.append(element("small", beside));
  made.append(element("dt", name), figure);
  return made;
}

function showStatus(status, stores) {
  const kinds = { serving: "good", leaving: "warn", draining: "warn", ended: "bad" };
  at("address").textContent = status.address;
  const phase = at("phase");
  if (phase.textContent !== status.phase) phase.textContent = status.phase;
  phase.className = `badge ${kinds[status.phase]}`;
  const health = `health says ${status.health}`;
  if (at("health").textContent !== health) at("health").textContent = health;
  at("about").textContent = [
    status.version && `version ${status.version}`,
    `process ${status.pid}`,
    `up ${duration(status.uptime_seconds)}`,
    status.tls ? "TLS" : "no TLS",
    status.access_control ? "access control" : "no access control",
    status.last_drain && `last drain: ${status.last_drain.calls_cut} calls cut`,
  ].filter(Boolean).join(" · ");
  const rates = stores.stores.map((store) => store.reads_per_second);
  const known = rates.every((one) => one !== null);
  put("figures", [
    figure("Reads per second", known ? rate(rates.reduce((sum, one) => sum + one, 0)) : "–"),
    figure("Connections", number(status.connections)),
    figure("Open calls", number(status.open_calls)),
    figure("Held for clients", bytes(status.bytes_held), `of ${bytes(status.bytes_bound)}`),
    figure("Store versions", number(status.store_versions), `described stores: ${number(status.described_stores)}`),
    figure("Waiting for the disk", number(status.disk_queue)),
  ]);
  at("time").textContent = new Date(status.time * 1000).toLocaleTimeString();
  document.title = `${status.phase} · read server ${status.address}`;
}

function partitions(version) {
  const head = row(["Partition", "State", "Table", "Reads/s", "Size", "In memory", "Keys, about"].map((title, index) => {
    const made = element("th", title, index > 2 || index === 0 ? "number" : "");
    made.scope = "col";
    return made;
  }));
  const thead = element("thead");
  thead.append(head);
  const body = element("tbody");
  body.append(...version.partitions.map((one) => row([
    cell(one.partition, "number"),
    cell(one.condition, one.condition === "open" ? "" : "warn"),
    cell(one.table === null ? "–" : one.table + (one.read_only ? ", read-only" : "")),
    cell(one.reads_per_second === null ? "–" : rate(one.reads_per_second), "number"),
    cell(bytes(one.bytes), "number"),
    cell(bytes(one.memtable_bytes), "number"),
    cell(number(one.keys_estimated), "number"),
  ])));
  const table = element("table");
  table.append(thead, body);
  const wide = element("div", undefined, "wide");
  wide.append(table);
  return wide;
}

const PARTS_OF_TIME = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

function lastRead({ reads, last_read_seconds_ago: ago }) {
  if (ago === null) return "never read";
  const [seconds, unit] = PARTS_OF_TIME.find(([seconds]) => ago >= seconds) ?? [1, "s"];
  return `${number(reads)} reads, the last ${number(Math.floor(ago / seconds))} ${unit} ago`;
}

function showStores({ stores }) {
  // What the reader has opened stays open.
  const open = new Set([...document.querySelectorAll("#stores details[open]")].map((one) => one.dataset.name));
  const focused = document.activeElement?.closest?.("#stores details")?.dataset.name;
  const parts = stores.flatMap((store) => store.versions.map((version) => {
    const made = element("details");
    made.dataset.name = version.name;
    made.open = open.has(version.name);
    const summary = element("summary");
    const opened = version.partitions.filter((one) => one.condition === "open");
    const tables = [...new Set(opened.map((one) => one.table))].join(", ");
    const facts = [
      `${opened.length} of ${version.partitions.length} partitions open`,
      tables && `${tables} tables`,
      bytes(version.bytes + version.memtable_bytes),
      version.compression && version.compression !== "none" && version.compression,
      version.chunked && "chunked",
      lastRead(version),
      version.state_error,
    ].filter(Boolean).join(" · ");
    summary.append(
      element("span", `${rate(store.reads_per_second)} reads/s of ${store.store}`, "rate"),
      element("h3", version.name), " ", element("span", facts, "none"));
    made.append(summary, partitions(version));
    return made;
  }));
  put("stores", parts, element("p", "No store version is open in this process.", "none"));
  if (focused) {
    const again = [...document.querySelectorAll("#stores details")].find((one) => one.dataset.name === focused);
    again?.querySelector("summary").focus();
  }
}

function showLimits({ limits }) {
  put("limits", limits.map((limit) => {
    const value = limit.unit === "bytes" ? bytes : number;
    const use = cell();
    if (limit.in_use !== null) {
      const meter = element("meter");
      Object.assign(meter, { min: 0, max: limit.value, high: limit.value * 0.8, value: limit.in_use });
      meter.setAttribute("aria-label", `${limit.setting} in use`);
      use.append(meter, ` ${value(limit.in_use)}`);
    } else {
      use.textContent = "–";
    }
    const name = element("th", limit.setting);
    name.scope = "row";
    name.title = limit.otherwise ? `${limit.about}; ${limit.otherwise}` : limit.about;
    const of = `${value(limit.value)}${limit.unit === "bytes" ? "" : ` ${limit.unit}`}`;
    return row([name, use, cell(of, "number"), cell(number(limit.refused), limit.refused ? "number warn" : "number")]);
  }));
}

const micros = (value) => (value >= 1000 ? `${(value / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} ms` : `${value} µs`);

function showSlow({ threshold, requests }) {
  const slow = requests.filter((one) => one.why === "slow").slice(-SHOWN).reverse();
  const none = element("td", threshold === null ? "Nothing is kept." : `None took ${micros(threshold)} or longer.`, "none");
  none.colSpan = 7;
  put("slow", slow.map((one) => {
    const waits = Object.entries({ ...one.phases, rest: one.rest }).filter(([, time]) => time > 0);
    waits.sort((first, second) => second[1] - first[1]);
    return row([
      cell(new Date(one.start / 1000).toLocaleTimeString()),
      cell(one.store_version || "–"),
      cell(one.method),
      cell(number(one.keys), "number"),
      cell(one.status),
      cell(micros(one.total), "number"),
      cell(waits.map(([name, time]) => `${name} ${micros(time)}`).join(", "), "long"),
    ]);
  }), row([none]));
}

function showConnections({ connections, total }) {
  put("connections", connections.map((one) => row([
    cell(one.peer),
    cell(one.certificate ?? (one.encrypted ? "none" : "no TLS"), "long"),
    cell(duration(one.age_seconds), "number"),
    cell(number(one.calls), "number"),
    cell(number(one.open_calls), "number"),
    cell(bytes(one.bytes_held), "number"),
    cell(bytes(one.bytes_taken), "number"),
  ])));
  const hidden = total - connections.length;
  at("more-connections").textContent = total === 0 ? "Nobody is connected."
    : hidden > 0 ? `${number(hidden)} more; those that hold most are shown.` : "";
}

function showCertificates({ tls, certificates, admin_port: port }) {
  const none = element("td", tls ? "None." : "Connections are not encrypted.", "none");
  none.colSpan = 6;
  const all = [
    ...certificates.map((one) => [one, "clients"]),
    ...(port?.certificates ?? []).map((one) => [one, "operators"]),
  ];
  put("certificates", all.map(([one, who]) => {
    const days = one.days_left === null ? null : Math.floor(one.days_left);
    const kind = days === null || days >= 30 ? "number" : days >= 7 ? "number warn" : "number bad";
    const until = one.not_after === null ? "–" : new Date(one.not_after * 1000).toISOString().slice(0, 10);
    return row([cell(who), cell(one.subject, "long"), cell(one.issuer, "long"), cell(one.names.join(", "), "long"), cell(until), cell(number(days), kind)]);
  }), row([none]));
}

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function look() {
  const trouble = at("trouble");
  try {
    const stores = await ask("stores");
    showStatus(await ask("status"), stores);
    showStores(stores);
    showLimits(await ask("limits"));
    showSlow(await ask("slow"));
    showConnections(await ask(`connections?limit=${SHOWN}`));
    showCertificates(await ask("certificates"));
    trouble.hidden = true;
    document.documentElement.dataset.looked = "yes";
  } catch (error) {
    trouble.textContent = `The server does not answer (${error.message}). What is shown is old.`;
    trouble.className = "bad";
    trouble.hidden = false;
  }
}

async function keepLooking() {
  for (;;) {
    if (document.visibilityState === "visible") await look();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

keepLooking();

// Opens the operators' page in headless Chromium, and checks what it shows.
//
//   node page.mjs SOCKET ADDRESS RESOURCE [FOLDER]
//
// SOCKET is the admin socket of a server at ADDRESS, which serves the store version RESOURCE. Browsers open no unix sockets,
// so a port on this host leads there, as `ssh -L` would. With FOLDER it leaves pictures. The browser is that of the
// environment variable CHROMIUM, else one that npm brings.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { default: puppeteer } = await import("puppeteer-core");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const [socket, address, resource, pictures] = process.argv.slice(2);
const forward = createServer((browser) => {
  const server = connect(socket);
  browser.pipe(server).pipe(browser);
  for (const end of [browser, server]) end.on("error", () => { browser.destroy(); server.destroy(); });
});
await new Promise((listening) => forward.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${forward.address().port}`;
// A client of the read server, which is seen.
const client = http2.connect(`http://${address}`);
await new Promise((connected) => client.on("remoteSettings", connected));


// One that is installed is a program as any other; root has to say that it needs no sandbox.
async function installed() {
  return puppeteer.launch({ args: ["--no-sandbox", "--disable-gpu"], executablePath: process.env.CHROMIUM, headless: "shell" });
}

async function brought() {
  // Then it brings its libraries along, too.
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  // What root unpacks would be given to its owners, which the root of a sandbox may not do.
  const { getuid } = process;
  process.getuid = undefined;
  const executablePath = await chromium.executablePath();
  process.getuid = getuid;
  // Its fonts expect to be below /tmp.
  const fonts = join(tmpdir(), "fonts", "fonts.conf");
  writeFileSync(fonts, readFileSync(fonts, "utf8").replaceAll("/tmp/", `${tmpdir()}/`));
  return puppeteer.launch({ args: chromium.args, executablePath, headless: "shell" });
}

// A message of Protobuf: fields by their numbers, texts and small whole numbers.
function message(fields) {
  return Buffer.concat(fields.map(([number, value]) => {
    if (typeof value === "number") return Buffer.from([number << 3, value]);
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([number << 3 | 2, bytes.length]), bytes]);
  }));
}

// VeniceReadService's get, of a key that is not there.
function get(turn) {
  const key = Buffer.from([2, 97 + turn % 26]).toString("base64url");
  const request = message([[1, turn % 8], [2, `${key}?f=b64`], [5, resource], [10, "GET"]]);
  const call = client.request({
    ":method": "POST", ":path": "/com.linkedin.venice.protocols.VeniceReadService/get",
    "content-type": "application/grpc", te: "trailers",
  });
  call.end(Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request]));
  return new Promise((over, broken) => { call.on("end", over); call.on("error", broken); call.resume(); });
}

// Reads, a few calls at a time, until it is told that this is enough.
let enough = false;
const reading = [...Array(8).keys()].map(async (reader) => {
  for (let turn = reader; !enough; turn += 1) await get(turn);
});

const browser = await (process.env.CHROMIUM ? installed() : brought());
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900, deviceScaleFactor: 1 });
  const faults = [];
  page.on("console", (message) => { if (message.type() !== "log") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith(`${origin}/`)) faults.push(request.url()); });
  await page.goto(`${origin}/`, { waitUntil: "load" });
  await page.waitForSelector("html[data-looked]", { timeout: 60_000 });
  const text = (selector) => page.$eval(selector, (found) => found.innerText);

  assert.equal(await text("#phase"), "serving");
  assert.equal(await text("#health"), "health says SERVING");
  assert.match(await page.title(), /^serving · read server .*:\d+$/);
  assert.equal(await page.$eval("#trouble", (found) => found.hidden), true);
  const figures = await text("#figures");
  for (const figure of ["Reads per second", "Connections", "Open calls", "Held for clients", "Store versions"]) {
    assert.ok(figures.includes(figure), figures);
  }
  const stores = await page.$$("#stores details");
  assert.equal(stores.length, 1);
  assert.match(await text("#stores summary"), /8 of 8 partitions open · \w+ tables/);
  // What is read is seen, of the store and of each partition.
  const seen = () => /Reads per second\s+[1-9]/.test(document.getElementById("figures").innerText)
    && [...document.querySelectorAll("#stores tbody tr")].every((row) => parseFloat(row.cells[3].textContent) > 0);
  await page.waitForFunction(seen, { timeout: 60_000 });
  assert.equal(await page.$eval("#stores table", (table) => table.checkVisibility()), false);
  // By keyboard, and it stays open when the numbers come anew.
  await page.focus("#stores summary");
  await page.keyboard.press("Enter");
  await page.$eval("html", (html) => { delete html.dataset.looked; });
  await page.waitForSelector("html[data-looked]", { timeout: 60_000 });
  assert.equal(await page.$eval("#stores table", (table) => table.checkVisibility()), true);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  assert.equal((await page.$$("#stores tbody tr")).length, 8);
  assert.match(await text("#stores tbody tr"), /^0\s+open/);
  assert.match(await text("#limits"), /max\.connections\s/);
  assert.ok((await page.$$("#limits meter")).length >= 4);
  assert.match(await text("#connections"), /127\.0\.0\.1:\d+\s+no TLS/);
  assert.equal(await text("#certificates"), "Connections are not encrypted.");

  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    // Past the page's own rules of what may run in it.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
    assert.deepEqual(told, [], scheme);
    if (pictures) await page.screenshot({ path: `${pictures}/page-${scheme}.png`, fullPage: true });
  }
  // On a telephone nothing is wider than the page.
  await page.setViewport({ width: 380, height: 800 });
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} > ${window}`);

  enough = true;
  await Promise.all(reading);
  // A server that is gone is told of, and what is shown stays.
  assert.deepEqual(faults, []);
  forward.close();
  forward.on("connection", (late) => late.destroy());
  await page.setRequestInterception(true);
  page.on("request", (request) => request.abort());
  await page.waitForFunction(() => !document.getElementById("trouble").hidden, { timeout: 60_000 });
  assert.match(await text("#trouble"), /does not answer .* What is shown is old\./);
  assert.equal(await text("#phase"), "serving");
  console.log(`the page is as it should be in ${await browser.version()}`);
} finally {
  await browser.close();
  client.destroy();
  forward.close();
}

// Opens pages in a headless Chromium, as a reader would, and prints what happened as JSON, a line a page.
//
//   node look.mjs CHROMIUM PICTURES PAGE.html...
//
// PICTURES is a folder for screenshots, or - for none. The browser is driven through two pipes by its
// DevTools protocol, so that nothing but Node has to be installed.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [chromium, pictures, ...pages] = process.argv.slice(2);

// A phone, a screen in both themes.
const SCREENS = [
  { name: "light", width: 1280, theme: "light" },
  { name: "dark", width: 1280, theme: "dark" },
  { name: "phone", width: 375, theme: "light" },
];

class Browser {
  constructor(program) {
    this.profile = mkdtempSync(join(tmpdir(), "peerlab-browser-"));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--remote-debugging-pipe", `--user-data-dir=${this.profile}`];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    this.process = spawn(program, flags, { stdio });
    this.waiting = new Map();
    this.listeners = [];
    this.count = 0;
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", (data) => {
      const parts = (rest + data).split("\0");
      rest = parts.pop();
      parts.forEach((part) => this.hear(JSON.parse(part)));
    });
    this.process.on("exit", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("the browser went away"));
    });
  }

  hear(message) {
    const waiting = this.waiting.get(message.id);
    if (waiting) {
      this.waiting.delete(message.id);
      if (message.error) waiting.reject(new Error(message.error.message));
      else waiting.resolve(message.result);
    } else {
      this.listeners.forEach((listener) => listener(message));
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.count;
    this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  async close() {
    const gone = new Promise((resolve) => this.process.on("exit", resolve));
    this.send("Browser.close").catch(() => {});
    await gone;
    rmSync(this.profile, { recursive: true, force: true });
  }
}

async function look(browser, file) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const seen = { page: basename(file), errors: [], requests: [], screens: {}, tables: [] };
  let loaded;
  browser.listeners = [({ method, params, sessionId: from }) => {
    if (from !== sessionId) return;
    if (method === "Page.loadEventFired") loaded();
    if (method === "Network.requestWillBeSent") seen.requests.push(params.request.url);
    if (method === "Runtime.exceptionThrown") seen.errors.push(params.exceptionDetails.text);
    if (method === "Log.entryAdded") seen.errors.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled") seen.errors.push(JSON.stringify(params.args));
  }];
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    return result.value;
  };
  const open = async () => {
    const load = new Promise((resolve) => (loaded = resolve));
    await send("Page.navigate", { url: pathToFileURL(resolve(file)).href });
    await load;
  };
  // What is there for those who run no scripts.
  await send("Emulation.setScriptExecutionDisabled", { value: true });
  await open();
  seen.plain = await evaluate(`({ buttons: document.querySelectorAll("button").length,
    rows: document.querySelectorAll("tbody tr").length })`);
  await send("Emulation.setScriptExecutionDisabled", { value: false });
  await open();
  seen.title = await evaluate("document.title");
  seen.charts = await evaluate("document.querySelectorAll('figure svg').length");
  for (const { name, width, theme } of SCREENS) {
    const features = [{ name: "prefers-color-scheme", value: theme }];
    await send("Emulation.setEmulatedMedia", { features });
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: name === "phone" };
    await send("Emulation.setDeviceMetricsOverride", metrics);
    const root = "document.documentElement";
    seen.screens[name] = {
      overflow: await evaluate(`${root}.scrollWidth - innerWidth`),
      paper: await evaluate("getComputedStyle(document.body).backgroundColor"),
      chart: await evaluate(`(() => { const rect = document.querySelector("figure rect");
        return rect ? getComputedStyle(rect).fill : ""; })()`),
    };
    if (pictures !== "-") {
      const height = await evaluate(`${root}.scrollHeight`);
      const clip = { x: 0, y: 0, width, height, scale: 1 };
      const { data } = await send("Page.captureScreenshot", { clip, captureBeyondViewport: true });
      writeFileSync(join(pictures, `${basename(file, ".html")}-${name}.png`), Buffer.from(data, "base64"));
    }
  }
  // Every column of every table, by the keyboard: once up, once down.
  const press = async () => {
    const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" };
    await send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  };
  await evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
  const tables = await evaluate("document.querySelectorAll('table').length");
  for (let table = 0; table < tables; table += 1) {
    const here = `document.querySelectorAll("table")[${table}]`;
    const columns = await evaluate(`${here}.querySelectorAll("th button").length`);
    const label = await evaluate(`${here}.parentElement.getAttribute("aria-label")`);
    for (let column = 0; column < Math.min(columns, 6); column += 1) {
      await evaluate(`${here}.querySelectorAll("th button")[${column}].focus()`);
      const orders = [];
      for (let times = 0; times < 2; times += 1) {
        await press();
        orders.push(await evaluate(`({ sort: ${here}.querySelectorAll("th")[${column}].ariaSort,
          sorted: ${here}.querySelectorAll("th[aria-sort]").length,
          cells: Array.from(${here}.tBodies[0].rows, ({ cells: { [${column}]: cell } }) =>
            cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort)) })`));
      }
      seen.tables.push({ label, column, up: orders[0], down: orders[1] });
    }
  }
  if (pictures !== "-") {
    const { data } = await send("Page.printToPDF", { printBackground: true });
    writeFileSync(join(pictures, `${basename(file, ".html")}.pdf`), Buffer.from(data, "base64"));
  }
  await browser.send("Target.closeTarget", { targetId });
  return seen;
}

// A browser that hangs is no reason to wait for ever.
setTimeout(() => process.exit(3), 300_000).unref();
const browser = new Browser(chromium);
try {
  for (const page of pages) console.log(JSON.stringify(await look(browser, page)));
} finally {
  await browser.close();
}

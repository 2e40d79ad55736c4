// What `bench/dashboard` runs. Usage: node measure.mjs MINUTES [FILE]
import { spawn } from 'node:child_process';
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, page, settled, show, sql, URL } from './browser.mjs';
import { grown, memory } from './memory.mjs';

const [minutes, out] = [Number(process.argv[2]), process.argv[3]];
const ROOT = new globalThis.URL('../..', import.meta.url).pathname;
const OTLP = 'http://127.0.0.1:16318';
const RANGES = ['7d', '30d', '5y'];
const TURNS = 3;
/** A page on a very busy machine. */
const PATIENCE = 300_000;
/** Minutes that the server's CPU is counted for without a dashboard, and with five. */
const COUNTED = minutes < 10 ? 1 : 2;
/** Nothing takes longer than this, whatever hangs. */
const LIMIT_MILLIS = (minutes + 2 * COUNTED + 30) * 60_000;
const TICKS_PER_SECOND = 100;
const POINTS = 50_000;
const LONG = `SELECT toDateTime(1700000000 + 60 * number) AS at, 50 + 40 * sin(number / 700) + cityHash64(number) % 1000 / 100 AS value
FROM numbers(${POINTS}) ORDER BY at`;
const POINTS_STORED = `SELECT (SELECT count() FROM samples) + (SELECT count() FROM histograms)
  + (SELECT count() FROM exponential_histograms) + (SELECT count() FROM summaries)`;
const YAML = `
receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:16317"}, http: {endpoint: "127.0.0.1:16318"}}}}
exporters: {firn: }
service: {telemetry: {metrics: {level: none}}, pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
engine: {endpoint: "127.0.0.1:16123"}
web: {endpoint: "127.0.0.1:16080"}
slo: {definitions: ["${ROOT}config/slo/http.yaml"]}
cost: {prices: "${ROOT}config/prices.yaml"}
`;

const figures = [];
const began = Date.now();
const work = await mkdtemp(join(tmpdir(), 'firn-dashboard-'));
const children = new Set();
let browser;

function said(text) {
  const seconds = Math.round((Date.now() - began) / 1_000);
  console.error(`dashboard: ${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')} ${text}`);
}

function figure(what, value, unit) {
  figures.push({ what, value, unit });
  console.log(`${what}\t${value}\t${unit}`);
}

const pause = (millis) => new Promise((done) => setTimeout(done, millis));

function rounded(value, digits) {
  return Number(value.toFixed(digits));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Of sorted values. */
function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Starts Firn with arguments in a process group of its own, which a Ctrl-C of the terminal does not reach. */
async function firn(name, ...given) {
  const log = await openFile(join(work, `${name}.log`), 'a');
  const child = spawn(`${ROOT}firn`, given, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  child.log = join(work, `${name}.log`);
  child.ended = new Promise((done) => child.once('close', done));
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

async function ended(child, what) {
  const status = await child.ended;
  if (status !== 0) throw new Error(`${what} ended with ${status}:\n${(await readFile(child.log, 'utf8')).slice(-2_000)}`);
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It is gone.
  }
}

/** Ends a process and all that it started. */
async function end(child) {
  if (!children.has(child)) return;
  process.kill(child.pid, 'SIGTERM');
  await Promise.race([child.ended, pause(30_000)]);
  signal(child, 'SIGKILL');
}

async function clean() {
  await browser?.close().catch(() => undefined);
  await Promise.all([...children].map(end));
  await rm(work, { recursive: true, force: true });
}

async function serve() {
  const free = await fetch(`${URL}/ready`).then(() => false, () => true);
  if (!free) throw new Error(`something answers at ${URL} already; end it first`);
  await writeFile(join(work, 'firn.yaml'), YAML);
  const server = await firn('serve', 'serve', '--config', join(work, 'firn.yaml'), '--data', join(work, 'data'));
  for (let left = 300; left > 0; left--) {
    if (!children.has(server)) await ended(server, 'firn serve');
    if (await fetch(`${URL}/ready`).then(({ ok }) => ok, () => false)) return server;
    await pause(200);
  }
  throw new Error('firn serve is not ready after a minute');
}

/** CPU seconds that a process and its children took so far. */
async function cpu(pid) {
  const of = async (one) => {
    const stat = await readFile(`/proc/${one}/stat`, 'utf8').catch(() => '');
    // After the name, which may have blanks: state, parent, …; user and system time are the 14th and 15th of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
  };
  let seconds = (await of(pid)).seconds;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const one = await of(name);
    if (one.parent === pid) seconds += one.seconds;
  }
  return seconds;
}

/** Waits until history is stored and the server has become quiet, three minutes at most. */
async function quiet(server) {
  const deadline = Date.now() + 180_000;
  while (Date.now() < deadline) {
    const [info, wal] = await Promise.all(['info', 'wal'].map(async (path) => (await fetch(`${URL}/api/firn/v1/${path}`)).json()));
    const before = await cpu(server.pid);
    await pause(5_000);
    const busy = ((await cpu(server.pid)) - before) / 5;
    if (info.engine_cut >= info.newest_cut - 2 && wal.openPoints < 10_000 && busy < 0.3) return;
  }
  said('the server is not quiet after three minutes; its figures are too high');
}

async function history(server) {
  said('thirty days of history are sent …');
  await ended(await firn('history', 'load', '-t', OTLP, '--history', '30d', '--step', '5m', '--seed', '7', '--no-restarts'), 'firn load');
  said('live load begins; waiting until the server is quiet …');
  const load = await firn('load', 'load', '-t', OTLP, '--seed', '8', '--no-restarts');
  await quiet(server);
  figure('points stored', Number(await sql(POINTS_STORED)), 'points');
  figure('series', Number(await sql('SELECT count() FROM series')), 'series');
  return load;
}

/** Notes in the page when a table of figures and when a chart is painted, in milliseconds since navigation began. */
function watch() {
  window.seen = {};
  const look = () => {
    const there = { table: 'main [data-requests]', chart: 'main figure.chart .legend li b' };
    for (const [what, selector] of Object.entries(there)) {
      if (window.seen[what] === undefined && document.querySelector(selector) !== null) {
        requestAnimationFrame(() => { window.seen[what] ??= performance.now(); });
      }
    }
    if (window.seen.table === undefined || window.seen.chart === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** A page in a browser that has nothing of it yet. */
async function opened() {
  const made = await page(browser);
  made.setDefaultTimeout(PATIENCE);
  return made;
}

/** Opens an address and says when what was there. */
async function first(path) {
  const made = await opened();
  const sizes = [];
  made.on('response', (response) => {
    if (/\/(\?.*)?$|\/assets\//.test(response.url())) sizes.push(response.request().sizes());
  });
  await made.addInitScript(watch);
  await made.goto(URL + path);
  await made.waitForFunction(() => (window.seen.table !== undefined && window.seen.chart !== undefined) || document.querySelector('main [role=alert]'));
  const failure = await made.evaluate(() => document.querySelector('main [role=alert]')?.textContent);
  if (failure) throw new Error(`${path} says: ${failure}`);
  const seen = await made.evaluate(() => ({
    ...window.seen,
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  }));
  await settled(made);
  const whole = await made.evaluate(() => performance.now());
  const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + each.responseBodySize, 0);
  await made.context().close();
  return { ...seen, whole, bytes };
}

async function firstLoad() {
  said('first loads …');
  const turns = [];
  for (let turn = 0; turn < TURNS; turn++) turns.push(await first('/?live=off'));
  const of = (what) => Math.round(median(turns.map((each) => each[what])));
  figure('first load, gzipped', of('bytes'), 'bytes');
  figure('first paint', of('paint'), 'ms');
  figure('first useful paint: the table of planes with its figures', of('table'), 'ms');
  for (const range of RANGES) {
    const seen = [];
    for (let turn = 0; turn < TURNS; turn++) seen.push(await first(`/?live=off&range=${range}`));
    figure(`first chart of ${range}, asked for the first time`, Math.round(seen[0].chart), 'ms');
    figure(`first chart of ${range}`, Math.round(median(seen.map((each) => each.chart))), 'ms');
    figure(`all of ${range} with the newest windows`, Math.round(median(seen.map((each) => each.whole))), 'ms');
  }
}

/** Milliseconds between frames while something is done. */
async function frames(made, doing) {
  await made.evaluate(() => {
    window.frames_ = [];
    let before;
    const look = (at) => {
      if (before !== undefined) window.frames_.push(at - before);
      before = at;
      window.frame_ = requestAnimationFrame(look);
    };
    window.frame_ = requestAnimationFrame(look);
  });
  await doing();
  return made.evaluate(() => {
    cancelAnimationFrame(window.frame_);
    return window.frames_;
  });
}

async function drag(made, box, from, to, steps = 60) {
  const y = box.y + box.height / 2;
  await made.mouse.move(box.x + box.width * from, y);
  await made.mouse.down();
  await made.mouse.move(box.x + box.width * to, y, { steps });
  await made.mouse.up();
}

async function panning() {
  said(`a chart of ${POINTS} points is zoomed and panned …`);
  const made = await opened();
  await show(made, `/explore?live=off&view=chart&sql=${encodeURIComponent(LONG)}`);
  const over = made.locator('figure.chart .u-over');
  await over.waitFor();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  const deeds = {
    'pointer over': async () => {
      for (let turn = 0; turn < 3; turn++) {
        await made.mouse.move(box.x + 5, box.y + 50);
        await made.mouse.move(box.x + box.width - 5, box.y + 90, { steps: 60 });
      }
    },
    'zooming by drag': async () => {
      for (let turn = 0; turn < 5; turn++) {
        await drag(made, box, 0.2, 0.8);
        await made.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
      }
    },
    'zooming by wheel': async () => {
      await made.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await made.keyboard.down('Control');
      for (const step of [-60, 60]) {
        for (let turn = 0; turn < 40; turn++) await made.mouse.wheel(0, step);
      }
      await made.keyboard.up('Control');
    },
    'panning': async () => {
      await drag(made, box, 0.05, 0.95);
      await made.keyboard.down('Shift');
      for (let turn = 0; turn < 3; turn++) {
        await drag(made, box, 0.3, 0.7, 90);
        await drag(made, box, 0.7, 0.3, 90);
      }
      await made.keyboard.up('Shift');
    },
  };
  for (const [name, doing] of Object.entries(deeds)) {
    const took = (await frames(made, doing)).sort((a, b) => a - b);
    figure(`${name}: frames`, took.length, 'frames');
    figure(`${name}: p50`, rounded(quantile(took, 0.5), 1), 'ms');
    figure(`${name}: p95`, rounded(quantile(took, 0.95), 1), 'ms');
    figure(`${name}: longest`, rounded(took.at(-1), 1), 'ms');
    figure(`${name}: frames over 50 ms`, took.filter((each) => each > 50).length, 'frames');
  }
  await made.context().close();
}

/** CPU seconds a minute of the server while something is done. */
async function counted(server, doing) {
  const [before, from] = [await cpu(server.pid), Date.now()];
  await doing();
  return ((await cpu(server.pid)) - before) / ((Date.now() - from) / 60_000);
}

/** Watches a live page; its memory at the end of each minute. */
async function session() {
  const made = await opened();
  await show(made, '/?range=6h');
  const samples = [];
  const from = Date.now();
  for (let minute = 1; minute <= minutes; minute++) {
    await pause(from + minute * 60_000 - Date.now());
    const sample = { minute, ...(await memory(made)) };
    samples.push(sample);
    said(`minute ${minute} of ${minutes}: ${(sample.heap / 1e6).toFixed(2)} MB of heap, ${sample.nodes} nodes, ${sample.listeners} listeners`);
  }
  const told = Number(await made.locator('[data-live]').getAttribute('data-live'));
  if (Math.abs(Date.now() / 1_000 - told) > 30) throw new Error(`the page is not live any more: it was told last at ${told}`);
  if (made.wrong.length > 0) throw new Error(`the page complains: ${made.wrong.join('\n')}`);
  return { made, samples };
}

/** Least squares, of the later half: the first minutes fill what is kept. */
function slope(samples) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (of) => half.reduce((sum, each) => sum + of(each), 0) / half.length;
  const [x, y] = [mean((each) => each.minute), mean((each) => each.heap)];
  const spread = mean((each) => (each.minute - x) ** 2);
  return spread === 0 ? 0 : mean((each) => (each.minute - x) * (each.heap - y)) / spread;
}

async function sessions(server) {
  said(`the server alone for ${COUNTED} min …`);
  const none = await counted(server, () => pause(COUNTED * 60_000));
  said(`a live page for ${minutes} min …`);
  let watched;
  const one = await counted(server, async () => { watched = await session(); });
  const { made, samples } = watched;
  const more = [];
  for (let left = 4; left > 0; left--) {
    const other = await opened();
    await show(other, '/?range=6h');
    more.push(other);
  }
  said(`five live pages for ${COUNTED} min …`);
  const five = await counted(server, () => pause(COUNTED * 60_000));
  await Promise.all([made, ...more].map((each) => each.context().close()));
  const [begin, last] = [samples[0], samples.at(-1)];
  for (const [what, unit] of [['heap', 'bytes'], ['nodes', 'nodes'], ['listeners', 'listeners']]) {
    figure(`live page, minute 1: ${what}`, begin[what], unit);
    figure(`live page, minute ${minutes}: ${what}`, last[what], unit);
  }
  figure('live page: most heap', Math.max(...samples.map((each) => each.heap)), 'bytes');
  figure('live page: slope of the heap in the later half', Math.round(slope(samples)), 'bytes/min');
  figure('CPU of the server, no dashboard', rounded(none, 2), 's/min');
  figure('CPU of the server, 1 dashboard', rounded(one, 2), 's/min');
  figure('CPU of the server, 5 dashboards', rounded(five, 2), 's/min');
  figure('CPU of the server for each dashboard', rounded((five - none) / 5, 2), 's/min');
  return samples;
}

async function measure() {
  const server = await serve();
  // Else the browser's library ends this process at a signal before it has cleaned up.
  browser = await open({ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
  const load = await history(server);
  await firstLoad();
  await panning();
  const samples = await sessions(server);
  if (!children.has(load)) throw new Error('the live load ended by itself');
  if (out) await writeFile(out, `${JSON.stringify({ minutes, figures, samples }, null, 2)}\n`);
  const bad = grown(samples[0], samples.at(-1));
  for (const each of bad) console.error(`dashboard: memory is not flat: ${each}`);
  return bad.length === 0 ? 0 : 1;
}

let stopping = false;
async function stop(status, why) {
  if (stopping) return;
  stopping = true;
  if (why) console.error(`dashboard: ${why}`);
  await clean();
  process.exit(status);
}
for (const [name, status] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(name, () => void stop(status, `ended by ${name}; cleaning up`));
}
setTimeout(() => void stop(1, `not done after ${LIMIT_MILLIS / 60_000} min`), LIMIT_MILLIS).unref();
console.log('what\tfigure\tunit');
await measure().then((status) => stop(status), (error) => stop(1, error.message));

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { open, page, settled, show, sql, URL } from './browser.mjs';
import { grown, memory } from './memory.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const HOSTILE = `<img src=x onerror="window.hit=1">"'\`\${1}</script><script>window.hit=1</script>`;
const COUNTED = `SELECT sum(increase) FROM rollup_5m_now JOIN series_labels USING (metric_id, series_id)
WHERE metric_name = 'http_server_duration' AND metric_type != 'gauge' AND LABEL = 'VALUE'`;
const PAGES = [
  '/', '/services', '/explore', '/alerts', '/slos', '/anomalies', '/forecast', '/quality', '/cost', '/pipeline',
];
const browser = await open();

function said(text) {
  console.log(`dashboard: ${text}`);
}

function attribute(key, value) {
  return { key, value: { stringValue: value } };
}

async function send(metric, resource, attributes) {
  const now = Date.now() * 1_000_000;
  const metrics = [
    { name: metric, unit: 's', histogram: { aggregationTemporality: 1, dataPoints: [{
      startTimeUnixNano: String(now - 60e9), timeUnixNano: String(now), count: '4', sum: 1, bucketCounts: ['3', '1'],
      explicitBounds: [1], attributes }] } },
  ];
  const body = { resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ metrics }] }] };
  const answer = await fetch(`${process.env.OTLP_URL}/v1/metrics`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
}

function sound(made, where) {
  assert.deepEqual(made.wrong, [], where);
}

/** An empty installation says how to begin, and shows the first point without a reload. */
async function empty() {
  const made = await page(browser);
  for (const path of PAGES.filter((each) => each !== '/pipeline' && each !== '/explore')) {
    await show(made, path);
    await made.getByText('No point has come yet').waitFor();
  }
  await show(made, '/');
  const began = Date.now();
  await send('http.server.request.duration', [
    attribute('service.name', HOSTILE), attribute('deployment.environment.name', HOSTILE),
    attribute('data_plane_id', HOSTILE)], [attribute('http.route', HOSTILE)]);
  await made.getByRole('heading', { name: 'Planes and environments' }).waitFor();
  said(`the first point was shown after ${Date.now() - began} ms`);
  await send(HOSTILE, [attribute('service.name', HOSTILE)], [attribute(HOSTILE, HOSTILE)]);
  await hostile(made);
  sound(made, 'empty');
}

/** Names that are markup are text. */
async function hostile(made) {
  await settled(made);
  await made.getByRole('link', { name: HOSTILE, exact: true }).click();
  const service = made.getByRole('button', { name: HOSTILE, exact: true });
  await service.first().click();
  await made.waitForURL(/service=/);
  await settled(made);
  await made.locator('tbody th button').first().click();
  await made.waitForURL(/route=/);
  await settled(made);
  await made.reload();
  await settled(made);
  assert.ok((await made.locator('.trail').innerText()).includes(HOSTILE));
  await show(made, '/explore');
  const metric = made.locator('.metrics button', { hasText: '<img' });
  await metric.click();
  await made.getByText(/rows in/).waitFor();
  assert.match(await made.locator('.work [role=status]').innerText(), /^1 rows/);
  await show(made, `/explore?sql=${encodeURIComponent(`SELECT '${HOSTILE.replaceAll("'", "\\'")}' AS x`)}`);
  assert.equal(await made.locator('.work td').innerText(), HOSTILE);
  assert.equal(await made.evaluate(() => window.hit), undefined);
  said('hostile names of metrics, labels, services and routes are text');
}

/** What pages say is what the engine has, and what the generator knows to have happened. */
async function ledger() {
  const truth = new Map();
  for (const line of (await readFile(process.env.LEDGER, 'utf8')).split('\n').filter(Boolean)) {
    const entry = JSON.parse(line);
    if (entry.type !== 'requests') continue;
    for (const key of [entry.environment, `service ${entry.service}`]) {
      truth.set(key, (truth.get(key) ?? 0) + entry.exported);
    }
  }
  const made = await page(browser);
  // A stream's first increase is decided within seconds after it came: looked at again until a deadline.
  const equal = async (path, prefix) => {
    const deadline = Date.now() + 60_000;
    const wanted = Object.fromEntries([...truth].filter(([name]) => name.startsWith('service ') === (prefix !== '')));
    for (;;) {
      await show(made, path);
      const shown = await counts(made, prefix);
      if (Date.now() > deadline) assert.deepEqual(shown, wanted, path);
      if (isDeepStrictEqual(shown, wanted)) break;
    }
    for (const [name, count] of Object.entries(wanted)) {
      const label = prefix === '' ? 'environment' : 'service_name';
      const statement = COUNTED.replace('LABEL', label).replace('VALUE', name.slice(prefix.length));
      assert.equal(Number(await sql(statement)), count, statement);
    }
  };
  await stands();
  await equal('/?range=24h&live=off', '');
  await equal('/services?range=24h&live=off', 'service ');
  said('requests by environment and by service are those of the engine and of the ledger');
  sound(made, 'ledger');
}

/** The requests that rows of a table tell, by their names. */
async function counts(made, prefix) {
  const found = {};
  for (const row of await made.locator('main tbody tr', { has: made.locator('[data-requests]') }).all()) {
    const name = await row.locator('th').innerText();
    if (name.includes('<')) continue; // hostile() sent it
    found[prefix + name] = Number(await row.locator('[data-requests]').getAttribute('data-requests'));
  }
  return found;
}

/** Waits until the engine has all that was acknowledged. */
async function stands() {
  for (let left = 300; left > 0; left--) {
    const info = await (await fetch(`${URL}/api/firn/v1/info`)).json();
    const wal = await (await fetch(`${URL}/api/firn/v1/wal`)).json();
    if (info.engine_cut >= info.newest_cut && wal.openPoints === 0) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  assert.fail('the engine does not catch up');
}

async function axe(made, where) {
  await made.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await made.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const bad = violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  assert.deepEqual(bad.map((one) => `${one.id}: ${one.nodes[0].html}`), [], where);
}

async function pages() {
  const lasting = lasts();
  for (const options of [
    { colorScheme: 'light' },
    { colorScheme: 'dark' },
    { colorScheme: 'light', viewport: { width: 360, height: 740 }, hasTouch: true },
  ]) {
    const made = await page(browser, options);
    for (const path of PAGES) {
      const where = `${path} ${JSON.stringify(options)}`;
      await show(made, path);
      await axe(made, where);
      const wide = await made.evaluate(() =>
        document.documentElement.scrollWidth <= innerWidth
          ? []
          : [...document.querySelectorAll('body *')]
              .filter((each) => each.getBoundingClientRect().right > innerWidth && !each.closest('.scroll, nav'))
              .map((each) => `${each.tagName}.${each.className} ${each.getBoundingClientRect().right}`),
      );
      assert.deepEqual(wide, [], `${where} is too wide`);
      sound(made, where);
    }
    await made.context().close();
  }
  said('each page is there in light, dark and on a phone; axe finds nothing serious');
  await size();
  await live();
  await past();
  await links();
  await keyboard();
  await explore();
  await promql();
  await analyses();
  await lasting;
  await actions();
  await annotations();
  await views();
  await points();
  await zoom();
  await traces();
  await bridged();
}

/** A point of a chart, by pointer or by keyboard, leads to the series that it was made of and to the chart's statement. */
async function points() {
  const made = await page(browser);
  await show(made, '/?range=6h&live=off&env=prod');
  const chart = made.locator('figure.chart', { hasText: 'Requests per second' });
  await chart.locator('.u-over').click({ position: { x: 150, y: 60 } });
  const point = chart.getByRole('group', { name: 'A point' });
  await point.getByRole('link', { name: 'The chart’s SQL' }).waitFor();
  await axe(made, 'a point');
  await point.getByRole('button', { name: 'Close' }).click();
  await point.waitFor({ state: 'detached' });
  await chart.locator('.legend button').first().focus();
  await made.keyboard.press('Enter');
  const newest = await point.getByRole('status').innerText();
  await point.getByRole('button', { name: 'The point before' }).click();
  await point.getByRole('button', { name: 'The point before' }).click();
  const told = await point.getByRole('status').innerText();
  assert.notEqual(told, newest);
  const [plane, when] = told.split(' · ');
  const at = Date.parse(when.replace(' UTC', 'Z').replace(' ', 'T')) / 1_000;
  await point.getByRole('link', { name: 'Its series' }).click();
  await made.getByText(/rows in/).waitFor();
  const rows = await made.locator('.work tbody tr').all();
  const requests = await Promise.all(rows.map(async (row) => Number(await row.locator('td').nth(6).innerText())));
  const answer = await (await fetch(`${URL}/api/firn/v1/requests?environment=prod&by=environment,data_plane_id&over=time&from=${at - 86_400}`)).json();
  const window = answer.rows.find(([start, environment, of]) => start === at && `${environment} / ${of}` === plane);
  assert.ok(requests.length > 0 && window[3] > 0, told);
  assert.equal(requests.reduce((sum, each) => sum + each, 0), window[3], told);
  await show(made, '/services?range=6h&live=off&env=prod');
  await made.locator('a.dot').first().waitFor();
  const latency = made.locator('figure.chart', { hasText: 'How long requests take' });
  assert.equal(await latency.locator('a.dot').count(), (await (await fetch(`${URL}/api/firn/v1/exemplars?environment=prod&from=${Math.floor(Date.now() / 1_000) - 21_600}`)).json()).exemplars.length);
  const heat = made.locator('figure.chart', { hasText: 'How long requests take' }).filter({ hasText: 'The darkest' });
  await heat.getByRole('button', { name: 'Newest' }).click();
  const cell = heat.getByRole('group', { name: 'A point' });
  await cell.getByRole('button', { name: 'The point before' }).click();
  const [, , counted] = (await cell.getByRole('status').innerText()).split(' · ');
  assert.ok(Number(counted.replace(' requests', '').replaceAll(',', '')) > 0, counted);
  await axe(made, 'a cell');
  await cell.getByRole('link', { name: 'Its series' }).click();
  await made.getByText(/rows in/).waitFor();
  assert.ok((await made.locator('.work tbody tr').count()) > 0, 'a cell has no series');
  const question = 'SELECT toDateTime(600 * number) AS at, if(number % 2 = 0, \'even\', \'it\\\'s odd\') AS kind, number AS n FROM numbers(10) -- ten';
  await show(made, `/explore?view=chart&sql=${encodeURIComponent(question)}`);
  await made.getByRole('button', { name: 'it\'s odd' }).click();
  await made.getByRole('group', { name: 'A point' }).getByRole('link', { name: 'Its rows' }).click();
  await made.getByText('1 rows in').waitFor();
  assert.deepEqual(await made.locator('.work tbody td').allInnerTexts(), ['1970-01-01 01:30:00', 'it\'s odd', '9']);
  sound(made, 'points');
  said('a point leads to the series that it was made of, by pointer and by keyboard; traces stand on charts of durations');
}

/** A part of a live chart's time stays in view while points come, is panned, and gives way to the whole. */
async function zoom() {
  const made = await page(browser);
  await show(made, '/?range=6h');
  await made.locator('[data-live]').waitFor();
  const chart = made.locator('figure.chart', { hasText: 'Requests per second' });
  const over = chart.locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  const at = (share) => [box.x + box.width * share, box.y + box.height / 2];
  const drag = async (from, to) => {
    await made.mouse.move(...at(from));
    await made.mouse.down();
    await made.mouse.move(...at(to), { steps: 10 });
    await made.mouse.up();
  };
  const middle = async () => {
    await made.mouse.move(...at(0.45));
    await made.mouse.move(...at(0.5));
    return Date.parse((await chart.locator('.when').innerText()).replace(' UTC', 'Z').replace(' ', 'T')) / 1_000;
  };
  await drag(0.2, 0.4);
  const all = made.getByRole('button', { name: 'All of the time of: Requests per second' });
  await all.waitFor();
  const zoomed = await middle();
  const told = Number(await made.locator('[data-live]').getAttribute('data-live'));
  await made.waitForFunction((then) => Number(document.querySelector('[data-live]').dataset.live) > then + 2, told);
  assert.ok(Math.abs((await middle()) - zoomed) <= 300, 'what comes in moves the part that one looks at');
  await made.keyboard.down('Shift');
  await drag(0.2, 0.8);
  await made.keyboard.up('Shift');
  const panned = await middle();
  assert.ok(zoomed - panned > 1_200 && zoomed - panned < 3_900, `panned from ${zoomed} to ${panned}`);
  await all.click();
  await all.waitFor({ state: 'detached' });
  assert.ok((await middle()) - panned > 3_600, 'the whole is not shown');
  assert.equal(await chart.getByRole('group', { name: 'A point' }).count(), 0, 'a drag chooses a point');
  sound(made, 'zoom');
  said('a part of a chart stays in view while points come, is panned, and gives way to the whole');
}

/** An engine that dies while somebody looks is bridged: what was shown stays, what is new comes, without a reload. */
async function bridged() {
  const made = await page(browser);
  await show(made, '/?range=1h');
  await made.evaluate(() => { window.sameDocument = true; });
  const before = await made.locator('[data-requests]').first().getAttribute('data-requests');
  assert.ok(Number(before) > 0, before);
  const [engine] = execFileSync('pgrep', ['-P', process.env.FIRN_PID], { encoding: 'utf8' }).trim().split('\n');
  process.kill(Number(engine), 'SIGKILL');
  const began = Date.now();
  await made.locator('nav[aria-label="Pages"]').getByRole('link', { name: 'Services' }).click();
  const notice = made.locator('main').getByRole('status').filter({ hasText: 'The engine' });
  await notice.waitFor();
  assert.match(await notice.innerText(), /is away; Firn starts it again.*none is lost.*asks again each second by itself/s);
  const shown = Date.now() - began;
  await axe(made, 'an engine that is away');
  await made.locator('[data-requests]').first().waitFor();
  await notice.waitFor({ state: 'detached' });
  await made.locator('nav[aria-label="Pages"]').getByRole('link', { name: 'Explore' }).click();
  await made.locator('#sql').fill('SELECT 40 + 2 AS n');
  await made.getByRole('button', { name: 'Run' }).click();
  await made.getByRole('cell', { name: '42' }).waitFor();
  const took = Date.now() - began;
  assert.equal(await made.evaluate(() => window.sameDocument), true, 'the page was loaded again');
  sound(made, 'bridged');
  said(`an engine that was killed is bridged without a reload, in ${took} ms; the page said so after ${shown} ms`);
}

/** Who sees one environment logs in, and sees that one on every page that there then is. */
async function held() {
  const made = await page(browser);
  await made.goto(`${URL}/`);
  await made.locator('input[name="user"]').fill('anna');
  await made.locator('input[name="password"]').fill('secret');
  await made.locator('main').getByRole('button', { name: 'Log in' }).click();
  await made.locator('main table').first().waitFor();
  await settled(made);
  const pages = await made.locator('nav[aria-label="Pages"] a').allInnerTexts();
  assert.deepEqual(pages, ['Overview', 'Services', 'Explore']);
  for (const path of ['/?range=6h', '/services?range=6h']) {
    await show(made, path);
    await made.locator('[data-requests]').first().waitFor();
    const text = await made.locator('body').innerText();
    assert.ok(!/\b(dev|qa)\b/.test(text), `${path} tells of others: ${text}`);
    assert.equal(await made.getByRole('alert').count(), 0, `${path} fails`);
    await axe(made, path);
  }
  await show(made, '/explore');
  await made.locator('#promql').fill('count by (environment) ({__name__=~"http_server.+_count"})');
  await made.getByRole('button', { name: 'Run' }).click();
  await made.getByText('prod').first().waitFor();
  assert.ok(!/\b(dev|qa)\b/.test(await made.locator('.work').innerText()));
  sound(made, 'held');
  said('who is held to one environment logs in and sees that one alone');
}

async function size() {
  const made = await page(browser);
  const sizes = [];
  made.on('response', (response) => {
    if (/\/$|\/assets\//.test(response.url())) sizes.push(response.request().sizes());
  });
  const began = Date.now();
  await made.goto(`${URL}/`);
  await made.locator('header nav a').first().waitFor();
  const painted = Date.now() - began;
  await made.locator('main table').first().waitFor();
  const table = Date.now() - began;
  const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + each.responseBodySize, 0);
  assert.ok(bytes > 0 && bytes < 300_000, `${bytes} bytes`);
  said(`the first load is ${Math.round(bytes / 1_000)} kB; navigation after ${painted} ms, the first table after ${table} ms`);
}

/** Three minutes of a live page leave its memory as it was after one. */
async function lasts() {
  const made = await page(browser);
  await show(made, '/?range=6h');
  const from = Date.now();
  const told = async () => Number(await made.locator('[data-live]').getAttribute('data-live'));
  const after = async (minutes) => {
    await new Promise((done) => setTimeout(done, from + minutes * 60_000 - Date.now()));
    return { at: await told(), ...(await memory(made)) };
  };
  const [first, last] = [await after(1), await after(3)];
  assert.ok(last.at - first.at > 100, `it was told last at ${last.at}, two minutes before at ${first.at}`);
  assert.deepEqual(grown(first, last), [], 'three minutes of a live page');
  await made.context().close();
  sound(made, 'three minutes');
  said(`a live page’s heap was ${(first.heap / 1e6).toFixed(2)} MB after a minute, ${(last.heap / 1e6).toFixed(2)} MB after three`);
}

/** A live page is told each second, also after a pause; with `?live=off` it asks nothing. */
async function live() {
  const still = await page(browser);
  await show(still, '/?live=off');
  const asked = still.waitForRequest(/\/api\//, { timeout: 20_000 }).then(() => true, () => false);
  assert.equal(await asked, false, 'a paused page asks');
  const made = await page(browser);
  const opened = made.waitForRequest(/\/api\/firn\/v1\/live/);
  await show(made, '/?range=5m');
  await opened;
  const told = made.locator('[data-live]');
  const next = async (after) => {
    await made.waitForFunction((at) => Number(document.querySelector('[data-live]')?.dataset.live ?? 0) > at, after);
    return Number(await told.getAttribute('data-live'));
  };
  const began = Date.now();
  let at = await next(0);
  for (let left = 5; left > 0; left--) at = await next(at);
  const millis = (Date.now() - began) / 5;
  assert.ok(millis < 2_500, `an event each ${millis} ms`);
  const again = made.waitForRequest(/\/api\/firn\/v1\/live/);
  await made.getByRole('button', { name: 'Live' }).click();
  await made.waitForURL(/live=off/);
  await made.getByRole('button', { name: 'Live' }).click();
  await again;
  await next(at);
  await seam();
  sound(made, 'live');
  said(`a live page is told each ${Math.round(millis)} ms, also after a pause; its short windows add up to history's; a paused one asks nothing`);
}

/** The same requests by windows of 10 seconds and of 5 minutes, once both are of the past. */
async function seam() {
  const end = Math.floor((Date.now() / 1_000 - 30) / 300) * 300;
  const count = async (from, to) => {
    const answer = await fetch(`${URL}/api/firn/v1/requests?by=environment,data_plane_id&from=${from}&to=${to}`);
    const { rows, resolution } = await answer.json();
    return { rows: rows.map((row) => row.slice(0, 4)), resolution };
  };
  const deadline = Date.now() + 30_000;
  for (;;) {
    const fine = await count(end - 1_800, end);
    const coarse = await count(end - 7_200, end);
    const before = await count(end - 7_200, end - 1_800);
    assert.deepEqual([fine.resolution, coarse.resolution], [10, 300]);
    const left = new Map(before.rows.map((row) => [row.slice(0, 2).join(), row]));
    const wanted = coarse.rows
      .map((row) => [...row.slice(0, 2), ...[2, 3].map((place) => row[place] - (left.get(row.slice(0, 2).join())?.[place] ?? 0))])
      .filter((row) => row[2] > 0);
    if (isDeepStrictEqual(fine.rows, wanted)) break;
    if (Date.now() > deadline) assert.deepEqual(fine.rows, wanted);
    await new Promise((done) => setTimeout(done, 1_000));
  }
}

/** What was known at a time comes from the lake, and stands still. */
async function past() {
  const made = await page(browser);
  const asof = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z/, 'Z');
  const began = Date.now();
  await show(made, `/?range=1h&asof=${asof}`);
  await made.getByRole('region', { name: 'What was known' }).getByText('its commit of').waitFor();
  await made.locator('[data-requests]').first().waitFor();
  const took = Date.now() - began;
  await made.locator('canvas').first().waitFor();
  assert.equal(await made.getByText('Open alerts').count(), 0, 'what is of now is not shown');
  const to = Date.parse(asof) / 1_000;
  const asked = await fetch(`${URL}/api/firn/v1/requests?by=environment,data_plane_id&from=${to - 3_660}&to=${to}&as_of=${asof}`);
  const told = (await asked.json()).rows.map((row) => Number(row[2]));
  const shown = await made.locator('[data-requests]').evaluateAll((all) => all.map((one) => Number(one.dataset.requests)));
  assert.deepEqual(shown.toSorted(), told.toSorted());
  await axe(made, 'as of');
  await made.getByLabel('As of').fill('2001-01-01T00:00:00');
  await made.getByLabel('As of').press('Enter');
  await made.getByText('which was nothing').waitFor();
  assert.equal(await made.locator('[data-requests]').count(), 0);
  await made.getByRole('button', { name: 'Back to now' }).click();
  await made.getByText('Open alerts').waitFor();
  assert.ok(!made.url().includes('asof'), made.url());
  sound(made, 'as of');
  said(`as of a minute ago the lake answers after ${took} ms; of a time before the first commit it says that there was nothing`);
}

async function links() {
  const made = await page(browser);
  await show(made, '/services?env=prod&service=checkout&range=6h&q=99&tz=local');
  assert.equal(await made.getByLabel('Range').inputValue(), '6h');
  assert.equal(await made.getByLabel('Environment').inputValue(), 'prod');
  await made.getByText('p99 of a request’s duration').waitFor();
  const before = await made.locator('tbody th').allInnerTexts();
  assert.ok(before.length > 0);
  await made.locator('tbody th button').first().click();
  await made.waitForURL(/route=/);
  await made.goBack();
  await settled(made);
  assert.deepEqual((await made.locator('tbody th').allInnerTexts()).sort(), before.sort());
  assert.equal((await (await fetch(`${URL}/no-such-page`)).status), 404);
  await made.locator('details.statement summary').first().click();
  await made.getByRole('link', { name: 'Open in Explore' }).first().click();
  await made.getByText(/rows in/).waitFor();
  sound(made, 'links');
  said('addresses carry everything; back leads back; the SQL of a table runs in Explore');
}

async function keyboard() {
  const made = await page(browser);
  await show(made, '/');
  await made.keyboard.press('Tab');
  assert.equal(await made.evaluate(() => document.activeElement.className), 'skip');
  await made.keyboard.press('Tab');
  for (const name of ['Overview', 'Services']) {
    await made.keyboard.press('Tab');
    assert.equal(await made.evaluate(() => document.activeElement.textContent), name);
  }
  await made.keyboard.press('Enter');
  await made.waitForURL(/\/services/);
  await settled(made);
  await made.locator('tbody th button').first().focus();
  await made.keyboard.press('Enter');
  await made.waitForURL(/service=/);
  said('pages and rows open by keyboard');
}

/** Pages of analyses say what the API says, and open what is behind a row. */
async function analyses() {
  const made = await page(browser);
  const deadline = Date.now() + 90_000;
  for (;;) {
    await show(made, '/quality?live=off');
    const shown = await made.locator('[data-score]').evaluateAll((all) => all.map((each) => Number(each.dataset.score)));
    const { scores } = await (await fetch(`${URL}/api/firn/v1/quality`)).json();
    const told = scores.map((one) => one.score).sort((a, b) => a - b);
    if (told.length > 0 && isDeepStrictEqual(shown, told)) break;
    if (Date.now() > deadline) assert.deepEqual(shown, told);
  }
  await made.locator('.calendar tbody tr').first().waitFor();
  const planes = new Set((await (await fetch(`${URL}/api/firn/v1/planes`)).json()).planes.map((one) => one.data_plane_id));
  assert.ok((await made.locator('.calendar tbody tr').count()) >= planes.size);
  await made.locator('#doubles').waitFor();
  await axe(made, 'quality by day');
  await show(made, '/services?range=6h&live=off');
  await made.getByLabel('Plane', { exact: true }).selectOption([...planes][0]);
  await made.waitForURL(/plane=/);
  await made.locator('tbody tr').first().waitFor();
  await show(made, '/slos');
  await made.getByText('Budget left, 35 days').waitFor();
  await made.locator('canvas').first().waitFor();
  await axe(made, 'history of budgets');
  await show(made, '/anomalies?live=off');
  if ((await made.locator('tbody th button').count()) > 0) {
    await made.locator('tbody th button').first().click();
    await made.waitForURL(/signal=/);
    await settled(made);
    assert.ok((await made.locator('canvas, main .nothing').count()) > 0);
  }
  await show(made, '/forecast?step=hour');
  await made.getByLabel('Signal').selectOption('active_series');
  await made.waitForURL(/signal=active_series/);
  await show(made, '/cost');
  const asked = [];
  made.on('request', (request) => asked.push(request.url()));
  await show(made, '/?range=6h&live=off');
  assert.ok(!asked.some((each) => each.includes('/requests') && before(each)), 'asks for the week before unasked');
  const week = made.waitForRequest((request) => before(request.url()));
  await made.getByRole('button', { name: 'vs last week' }).click();
  await made.waitForURL(/compare=week/);
  await week;
  await settled(made);
  sound(made, 'analyses');
  said('scores are those of the API; a signal opens its band; a week before is asked for only when it is wanted');
}

function before(address) {
  const to = Number(new globalThis.URL(address).searchParams.get('to'));
  return to > 0 && to < Date.now() / 1_000 - 600_000;
}

/** What people say of anomalies and alerts is kept, shown, and taken away again. */
async function actions() {
  const made = await page(browser);
  await show(made, '/alerts');
  const silence = made.getByRole('button', { name: /^Silence: / }).first();
  if ((await silence.count()) > 0) {
    await silence.click();
    const dialog = made.locator('dialog[open]');
    await axe(made, 'the dialog of a silence');
    await dialog.getByLabel('How long from now').selectOption('1');
    await dialog.getByLabel('Why').fill(HOSTILE);
    await dialog.getByRole('button', { name: 'Silence' }).click();
    const held = made.getByRole('region', { name: 'Silences' }).getByRole('listitem');
    await held.waitFor();
    assert.ok((await held.innerText()).includes(HOSTILE));
    const [kept] = (await (await fetch(`${URL}/api/firn/v1/alerts/silences`)).json()).silences;
    assert.equal(kept.comment, HOSTILE);
    assert.ok(Math.abs(Date.parse(kept.to) - Date.now() - 3_600_000) < 120_000, kept.to);
    await held.getByRole('button').click();
    await held.waitFor({ state: 'detached' });
  }
  const told = await (await fetch(`${URL}/api/firn/v1/anomalies`)).json();
  await show(made, '/anomalies');
  if (told.anomalies.some((one) => one.severity !== 'expected')) {
    await made.getByRole('button', { name: /^Expected: / }).first().click();
    await made.locator('dialog[open]').getByRole('button', { name: 'Expected' }).click();
    await made.getByText('1 marked').click();
    await made.getByRole('button', { name: /^Take away: / }).click();
    await made.getByText('1 marked').waitFor({ state: 'detached' });
  }
  await show(made, '/services?live=off');
  await made.getByRole('img', { name: /^How long requests take; newest: most take / }).waitFor();
  const download = made.waitForEvent('download');
  await made.getByRole('button', { name: /^PNG of: / }).first().click();
  const picture = await readFile(await (await download).path());
  assert.equal(picture.subarray(1, 4).toString(), 'PNG');
  sound(made, 'actions');
  said('alerts are silenced and anomalies marked from their rows, and both taken back; charts are saved as pictures');
}

/** What happened is noted by hand and by others, stands on each chart, is read by keyboard, and is taken away again. */
async function annotations() {
  const made = await page(browser);
  await show(made, '/?range=6h&live=off&env=prod');
  await made.getByRole('button', { name: 'Annotate' }).click();
  const dialog = made.locator('dialog[open]');
  await axe(made, 'the dialog of an annotation');
  await dialog.getByLabel('Text').fill(HOSTILE);
  await dialog.getByLabel('When').fill('noon');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('When').fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const marks = made.locator('.mark button');
  await marks.first().waitFor();
  const charts = await made.locator('figure.chart').count();
  assert.equal(await marks.count(), charts);
  const [kept] = (await (await fetch(`${URL}/api/firn/v1/annotations`)).json()).annotations;
  assert.deepEqual([kept.text, kept.kind, kept.labels], [HOSTILE, 'deployment', { environment: 'prod' }]);
  await axe(made, 'marks on charts');
  await marks.first().focus();
  assert.ok((await made.evaluate(() => document.activeElement.getAttribute('aria-label'))).includes(HOSTILE));
  await made.keyboard.press('Enter');
  assert.equal(await dialog.locator('pre').innerText(), HOSTILE);
  await axe(made, 'an annotation');
  await show(made, '/?range=6h&live=off&env=dev');
  assert.equal(await marks.count(), 0);
  await fetch(`${URL}/api/firn/v1/annotations`, {
    method: 'POST', body: JSON.stringify({ kind: 'incident', text: 'of all', from: new Date(Date.now() - 3_600_000), to: new Date() }) });
  await show(made, '/services?range=6h&live=off');
  await made.locator('.mark.incident button').last().click();
  await dialog.getByRole('button', { name: 'Take away' }).click();
  await made.locator('.mark.incident').first().waitFor({ state: 'detached' });
  assert.equal((await fetch(`${URL}/api/firn/v1/annotations/${kept.id}`, { method: 'DELETE' })).status, 204);
  sound(made, 'annotations');
  said('what happened is noted on each chart, read by keyboard, and taken away');
}

/** Views are kept by the server, opened by name, and taken away; a default holds where an address says nothing. */
async function views() {
  const made = await page(browser);
  await show(made, '/services?range=24h&env=prod&live=off');
  await made.getByRole('button', { name: 'Views' }).click();
  const dialog = made.locator('dialog[open]');
  await axe(made, 'the dialog of views');
  await dialog.getByLabel('Name').fill(HOSTILE);
  await dialog.getByRole('button', { name: 'Save what is on screen' }).click();
  await dialog.getByRole('link', { name: HOSTILE, exact: true }).waitFor();
  const other = await page(browser);
  await show(other, '/');
  await other.getByLabel('Time zone').selectOption('local');
  await other.getByRole('button', { name: 'Views' }).click();
  await other.getByRole('button', { name: /the default$/ }).click();
  await other.getByText('Done.').waitFor();
  await other.locator('dialog[open]').getByRole('link', { name: HOSTILE, exact: true }).click();
  await other.waitForURL(/services\?.*range=24h/);
  await settled(other);
  assert.equal(await other.getByLabel('Environment').inputValue(), 'prod');
  assert.equal(await other.getByLabel('Time zone').inputValue(), 'local');
  await other.getByRole('button', { name: 'Views' }).click();
  await other.getByRole('button', { name: `Take away: ${HOSTILE}` }).click();
  await other.getByText('None is saved yet.').waitFor();
  await fetch(`${URL}/api/firn/v1/settings`, { method: 'POST', body: JSON.stringify({ time_zone: 'utc' }) });
  sound(made, 'views');
  sound(other, 'views');
  said('views are saved, opened elsewhere and taken away; defaults hold');
}

/** Exemplars' traces are links once somebody said where traces are looked at. */
async function traces() {
  const made = await page(browser);
  await show(made, '/services?range=6h&live=off&env=prod');
  const table = made.getByRole('region', { name: 'Traces', exact: true });
  await table.waitFor();
  const told = await (await fetch(`${URL}/api/firn/v1/exemplars?environment=prod&from=${Math.floor(Date.now() / 1_000) - 21_600}`)).json();
  assert.ok(told.exemplars.length > 0);
  assert.equal(await table.getByRole('link').count(), 0);
  await made.getByRole('button', { name: 'Views' }).click();
  await made.getByLabel('Address of a trace').fill('javascript:alert(1)//{trace_id}');
  await made.getByLabel('Name').focus();
  await made.locator('dialog[open]').getByRole('alert').waitFor();
  await made.getByLabel('Address of a trace').fill('https://traces.example/trace/{trace_id}');
  await made.getByLabel('Name').focus();
  await made.getByText('Done.').waitFor();
  await made.getByRole('button', { name: 'Close' }).click();
  await table.getByRole('link').first().waitFor();
  const link = await table.getByRole('link').first().getAttribute('href');
  assert.ok(/^https:\/\/traces\.example\/trace\/[0-9a-f]{32}$/.test(link), link);
  const dot = await made.locator('a.dot:visible').first().getAttribute('href');
  assert.ok(/^https:\/\/traces\.example\/trace\/[0-9a-f]{32}$/.test(dot), dot);
  await fetch(`${URL}/api/firn/v1/settings`, { method: 'POST', body: JSON.stringify({ trace_link: '' }) });
  sound(made, 'traces');
  said('the slowest requests lead to their traces');
}

/** PromQL: completion by keyboard, mistakes where they are, a range as a chart, a moment as a table. */
async function promql() {
  const made = await page(browser);
  await show(made, '/explore');
  await made.getByRole('button', { name: 'PromQL' }).click();
  await made.waitForURL(/lang=promql/);
  const editor = made.locator('#promql');
  await editor.pressSequentially('sum(rat');
  await made.getByRole('option', { name: 'rate', exact: true }).waitFor();
  await axe(made, 'suggestions');
  await editor.press('ArrowDown');
  await editor.press('Enter');
  await made.waitForFunction(() => document.querySelector('#promql').value === 'sum(rate');
  await editor.fill('sum(rate(up[5m]) by');
  await editor.press('Control+Enter');
  await made.locator('#wrong').waitFor();
  await made.getByRole('button', { name: 'Go to the mistake' }).click();
  assert.ok((await editor.evaluate((area) => area.selectionStart)) > 10);
  await editor.fill('vector(1) + 1');
  await editor.press('Control+Enter');
  await made.locator('canvas').waitFor();
  await axe(made, 'PromQL');
  await made.getByLabel('only now, as a table').check();
  await made.waitForURL(/view=table/);
  await made.locator('.work tbody td').waitFor();
  assert.equal(await made.locator('.work tbody td').innerText(), '2');
  await show(made, `/explore?lang=promql&range=1h&promql=${encodeURIComponent('count by (__name__) ({environment="prod"})')}`);
  await made.locator('.work .legend button.name').first().click();
  await made.getByRole('link', { name: 'All of then' }).click();
  await made.waitForURL(/view=table.*last_over_time|last_over_time.*view=table/);
  await made.locator('.work tbody tr').first().waitFor();
  const metric = await made.locator('.work tbody td').first().innerText();
  await made.getByLabel('Find a metric by name').fill(metric);
  await made.locator('.metrics li button').first().click();
  await made.locator('.work tbody tr, #wrong').first().waitFor();
  assert.equal(await made.locator('#wrong').count(), 0);
  await editor.fill('');
  await editor.pressSequentially(`${metric}{environment="pro`);
  await made.getByRole('option', { name: 'prod', exact: true }).waitFor();
  sound(made, 'promql');
  said('PromQL is completed, finds its mistakes, and is shown as chart and table');
}

async function explore() {
  const made = await page(browser);
  await show(made, '/explore');
  await made.locator('#sql').fill('SELECT 1 AS one\nFROMM nothing');
  await made.locator('#sql').press('Control+Enter');
  await made.locator('#wrong').waitFor();
  await made.getByRole('button', { name: 'Go to the mistake' }).click();
  const place = await made.locator('#sql').evaluate((area) => area.selectionStart);
  assert.ok(place >= 16, `the mistake is at ${place}`);
  await made.locator('#sql').fill('');
  await made.locator('#sql').pressSequentially('SELECT * FROM histogr');
  await made.getByRole('option', { name: 'histograms', exact: true }).click();
  assert.equal(await made.locator('#sql').inputValue(), 'SELECT * FROM histograms');
  await made.locator('#sql').fill('DROP TABLE series');
  await made.locator('#sql').press('Control+Enter');
  await made.locator('#wrong').waitFor();
  const question = 'SELECT environment, count() AS series FROM series GROUP BY environment ORDER BY environment';
  await made.locator('#sql').fill(question);
  await made.getByRole('button', { name: 'Run' }).click();
  await made.getByText(/rows in/).waitFor();
  const cells = await made.locator('.work tbody td').allInnerTexts();
  const told = (await sql(question)).split('\n').flatMap((line) => line.split('\t'));
  assert.equal(cells.length, told.length);
  assert.ok(made.url().includes('SELECT'), made.url());
  const download = made.waitForEvent('download');
  await made.getByRole('button', { name: 'Export CSV' }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  assert.equal(file.trim().split('\n').length, 1 + told.length / 2);
  const parquet = made.waitForEvent('download');
  await made.getByRole('button', { name: 'Export Parquet' }).click();
  assert.equal((await readFile(await (await parquet).path())).subarray(0, 4).toString(), 'PAR1');
  await made.getByLabel('Find a metric by name or unit').fill('http.server.request.duration');
  await made.locator('.metrics li button').first().click();
  await made.getByText(/rows in/).waitFor();
  await made.getByLabel('as chart').check();
  await made.locator('canvas').waitFor();
  sound(made, 'explore');
  said('Explore runs, refuses, finds the mistake, charts and exports');
}

await { empty, ledger, pages, held, bridged }[process.argv[2]]();
await browser.close();

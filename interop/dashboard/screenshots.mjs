// Pictures of each page, light and dark, and of a phone. Usage: node screenshots.mjs FOLDER
import { mkdir } from 'node:fs/promises';
import { open, page, show, URL } from './browser.mjs';

const [folder] = process.argv.slice(2);
const SQL = `SELECT toStartOfInterval(time, INTERVAL 15 MINUTE) AS at, service_name, sum(count) AS requests
FROM histograms JOIN series USING (metric_id, series_id)
WHERE metric_name = 'http.server.request.duration' AND temporality = 'delta' AND time > now() - INTERVAL 1 DAY
GROUP BY ALL ORDER BY at`;
const PROMQL = 'sum by (service_name) (rate(http_server_request_duration_seconds_count{environment="prod"}[15m]))';
const PAGES = {
  overview: '/?range=24h',
  services: '/services?range=24h',
  explore: `/explore?view=chart&sql=${encodeURIComponent(SQL)}`,
  promql: `/explore?lang=promql&range=24h&promql=${encodeURIComponent(PROMQL)}`,
  alerts: '/alerts?state=all',
  slos: '/slos',
  anomalies: '/anomalies?range=24h&signal=request_rate&at=prod&service=checkout',
  forecast: '/forecast?step=hour',
  quality: '/quality',
  cost: '/cost',
  pipeline: '/pipeline',
};

const api = async (path) => (await fetch(`${URL}/api/firn/v1/${path}`)).json();

// History is judged and forecast once it has stopped growing.
for (let left = 120; left > 0; left--) {
  const [watched, foreseen] = await Promise.all([api('anomalies'), api('forecasts?signal=requests&step=hour')]);
  if (watched.series.length > 0 && foreseen.forecasts.length > 0) break;
  await new Promise((done) => setTimeout(done, 5_000));
}
await mkdir(folder, { recursive: true });
const browser = await open();
for (const colorScheme of ['light', 'dark']) {
  const made = await page(browser, { colorScheme, viewport: { width: 1280, height: 720 } });
  for (const [name, path] of Object.entries(PAGES)) {
    await show(made, name === 'overview' ? path : path.includes('?') ? `${path}&live=off` : `${path}?live=off`);
    if (name === 'overview') await made.locator('[data-live]').waitFor();
    await made.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
}
const phone = await page(browser, { viewport: { width: 390, height: 844 } });
await show(phone, `${PAGES.overview}&live=off`);
await phone.screenshot({ path: `${folder}/overview-phone.png` });
await browser.close();

// Pictures of each page, light and dark, and of a phone. Usage: node screenshots.mjs FOLDER
import { mkdir } from 'node:fs/promises';
import { open, page, show } from './browser.mjs';

const [folder] = process.argv.slice(2);
const SQL = `SELECT toStartOfInterval(time, INTERVAL 15 MINUTE) AS at, service_name, sum(count) AS requests
FROM histograms JOIN series USING (metric_id, series_id)
WHERE metric_name = 'http.server.request.duration' AND temporality = 'delta' AND time > now() - INTERVAL 1 DAY
GROUP BY ALL ORDER BY at`;
const PAGES = {
  overview: '/?range=24h',
  services: '/services?range=24h',
  explore: `/explore?view=chart&sql=${encodeURIComponent(SQL)}`,
  alerts: '/alerts?state=all',
  slos: '/slos',
  anomalies: '/anomalies',
  forecast: '/forecast?step=hour',
  quality: '/quality',
  cost: '/cost',
  pipeline: '/pipeline',
};

await mkdir(folder, { recursive: true });
const browser = await open();
for (const colorScheme of ['light', 'dark']) {
  const made = await page(browser, { colorScheme, viewport: { width: 1280, height: 720 } });
  for (const [name, path] of Object.entries(PAGES)) {
    await show(made, path.includes('?') ? `${path}&live=off` : `${path}?live=off`);
    await made.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
}
const phone = await page(browser, { viewport: { width: 390, height: 844 } });
await show(phone, `${PAGES.overview}&live=off`);
await phone.screenshot({ path: `${folder}/overview-phone.png` });
await browser.close();

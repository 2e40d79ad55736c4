import { chromium } from 'playwright-core';

export const URL = process.env.FIRN_URL;
const PATIENCE = 90_000;

/** A browser as a user has it; `--no-sandbox` because CI runs as root. */
export function open(options = {}) {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'], ...options });
}

/** A page that says what went wrong in it: exceptions, refusals of its policy, requests to others. */
export async function page(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const made = await context.newPage();
  made.setDefaultTimeout(PATIENCE);
  made.wrong = [];
  made.on('pageerror', (error) => made.wrong.push(String(error)));
  made.on('dialog', (dialog) => {
    made.wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  made.on('console', (message) => {
    if (/Content Security Policy|Unhandled|Warning:/.test(message.text())) made.wrong.push(message.text());
  });
  made.on('request', (request) => {
    if (!request.url().startsWith(URL) && !request.url().startsWith('blob:')) made.wrong.push(`asks ${request.url()}`);
  });
  return made;
}

/** Opens an address and waits until what it shows is there. */
export async function show(made, path) {
  await made.goto(URL + path);
  await settled(made);
}

export async function settled(made) {
  await made.waitForFunction(
    () =>
      document.querySelector('main table, main .nothing, main .first, main .card, main textarea, main figure') !== null &&
      document.querySelector('main .loading') === null &&
      document.querySelector('main').dataset.asking === '0',
  );
}

export async function sql(statement) {
  const answer = await fetch(`${URL}/api/firn/v1/sql?format=TSV`, { method: 'POST', body: statement });
  const text = (await answer.text()).replace(/\n$/, '');
  if (!answer.ok) throw new Error(text);
  return text;
}

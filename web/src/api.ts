import type { components } from './api.d';

type Schemas = components['schemas'];
export type Requests = Schemas['Requests'];
export type Annotation = Schemas['Annotation'];
export type Annotations = Schemas['Annotations'];
export type Exemplars = Schemas['Exemplars'];
export type LiveEvent = Schemas['LiveEvent'];
export type Latencies = Schemas['Latencies'];
export type Planes = Schemas['Planes'];
export type Objective = Schemas['Objective'];
export type Objectives = Schemas['Objectives'];
export type Alert = Schemas['Alert'];
export type Alerts = Schemas['Alerts'];
export type Settings = Schemas['Settings'];
export type Views = Schemas['Views'];
export type Silence = Schemas['Silence'];
export type Silences = Schemas['Silences'];
export type Mark = Schemas['Mark'];
export type Quality = Schemas['Quality'];
export type Score = Schemas['Score'];
export type Anomalies = Schemas['Anomalies'];
export type Judged = Schemas['Judged'];
export type Forecasts = Schemas['Forecasts'];
export type Forecast = Schemas['Forecast'];
export type Cost = Schemas['Cost'];
export type CostGroup = Schemas['CostGroup'];

/** GET /health, which answers JSON also when something is critical. */
export interface Health {
  state: string;
  at: string;
  checks: Check[];
  troubles: string[];
}

export interface Check {
  id: string;
  section: string;
  state: string;
  since: string;
  figure: string;
  limit: string;
  advice: string;
}

export interface LakeTable {
  name: string;
  files: number;
  rows: number;
  bytes: number;
  snapshots: { timeMillis: number }[];
}

export interface Info {
  version: string;
  engine_version: string;
  uptime_seconds: number;
}

/** What a statement gave: columns and rows. */
export interface Table {
  meta: { name: string; type: string }[];
  data: unknown[][];
  statistics?: { elapsed: number; rows_read: number };
}

const SOURCE = { 'X-Firn-Source': 'dashboard' };

/** Firn or its engine is away for a moment: the same question may be asked again. */
export class Away extends Error {
  constructor(
    readonly who: 'Firn' | 'engine',
    message: string | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const AGAIN_MAX = 30;

/** Whether a question that failed so often is asked again, a second later. */
export const again = (failures: number, error: Error) => error instanceof Away && failures < AGAIN_MAX;

function answer(path: string, init: RequestInit): Promise<Response> {
  return fetch(path, { ...init, headers: { ...SOURCE, ...init.headers } });
}

/** Asks, which changes nothing: where nobody answers, or an answer breaks off on its way, the same may be asked again. */
async function question<T>(path: string, init: RequestInit, take: (response: Response) => Promise<T>): Promise<T> {
  try {
    return await take(await answer(path, init));
  } catch (cause) {
    // So fetch and the reading of a body say that the connection is gone.
    if (!(cause instanceof TypeError) || init.signal?.aborted) throw cause;
    throw new Away('Firn', 'Firn does not answer: it is restarting, or the connection to it is gone.', { cause });
  }
}

/** Changes something; whether an answer that does not come would have been a good one, nobody knows. */
async function change(path: string, init: RequestInit): Promise<Response> {
  try {
    return await checked(await answer(path, init));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new Error('Firn did not answer; look whether it was done before you try again.', { cause });
  }
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = (await response.text()).trim() || `Firn answered ${response.status}`;
  throw response.status === 503 ? new Away('engine', text) : new Error(text);
}

function until(signal: AbortSignal | undefined): RequestInit {
  return signal === undefined ? {} : { signal };
}

export function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return question(`/api/firn/v1/${path}`, until(signal), async (response) => (await (await checked(response)).json()) as T);
}

/** Asks Prometheus' API; its errors are the message alone. */
export async function prom<T>(path: string, parameters: [string, string][], signal?: AbortSignal): Promise<T> {
  const asked = `/api/v1/${path}?${new URLSearchParams(parameters)}`;
  const { status, text } = await question(asked, until(signal), async (response) => ({ status: response.status, text: await response.text() }));
  let told: { status?: string; error?: string; errorType?: string };
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    throw new Error(text.trim().slice(0, 2_000) || `Firn answered ${status}`);
  }
  // A query that took too long is no engine that is away: asked again it would take as long.
  if (status === 503 && told.errorType !== 'timeout') throw new Away('engine', told.error);
  if (told.status !== 'success') throw new Error(told.error ?? `Firn answered ${status}`);
  return told as T;
}

/** Changes what Firn keeps. */
export async function send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
  await change(`/api/firn/v1/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
}

export function health(): Promise<Health> {
  return question('/health', { headers: { Accept: 'application/json' } }, async (response) => (await response.json()) as Health);
}

/** Who one is; without a role one may do nothing. */
export interface Session {
  user?: string;
  role?: string;
  /** Those that one sees, where it is not all. */
  environments?: string[];
  /** Whether there is something to log in for. */
  login: boolean;
  logout: boolean;
}

export const session = (signal: AbortSignal) => read<Session>('session', signal);

export async function login(words: { user: string; password: string } | { token: string }): Promise<void> {
  await send('POST', 'session', words);
}

export async function logout(): Promise<void> {
  await send('DELETE', 'session');
}

function run<T>(statement: string, format: string, signal: AbortSignal | undefined, take: (response: Response) => Promise<T>): Promise<T> {
  const init = { method: 'POST', body: statement, ...until(signal) };
  return question(`/api/firn/v1/sql?format=${format}`, init, async (response) => take(await checked(response)));
}

export async function ask(statement: string, signal?: AbortSignal): Promise<Table> {
  const text = await run(statement, 'JSONCompact', signal, (response) => response.text());
  try {
    return JSON.parse(text) as Table;
  } catch {
    // The engine found the mistake after it had begun to answer.
    throw new Error(text.slice(text.lastIndexOf('Code:')).trim().slice(0, 2000));
  }
}

/** What a statement gives, as a file. */
export function file(statement: string, format: 'CSVWithNames' | 'Parquet'): Promise<Blob> {
  return run(statement, format, undefined, (response) => response.blob());
}

/** Has Firn do something; its answer is lines of JSON, of which the last says how it went. */
export async function act(task: string, parameters: Record<string, string>): Promise<void> {
  const response = await change(`/api/firn/v1/${task}?${new URLSearchParams(parameters)}`, { method: 'POST' });
  const text = await response.text().catch(() => '');
  const outcome = JSON.parse(text.trim().split('\n').at(-1) || '{}') as { error?: string; result?: unknown };
  if (outcome.result === undefined) throw new Error(outcome.error ?? 'The answer broke off; look whether it was done.');
}

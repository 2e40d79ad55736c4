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
export class Away extends Error {}

const AGAIN_MAX = 30;

/** Whether a question that failed so often is asked again, a second later. */
export const again = (failures: number, error: Error) => error instanceof Away && failures < AGAIN_MAX;

async function answer(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(path, { ...init, headers: { ...SOURCE, ...init.headers } });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Away('Firn does not answer; it is asked again by itself.', { cause });
  }
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = (await response.text()).trim() || `Firn answered ${response.status}`;
  throw response.status === 503 ? new Away(text) : new Error(text);
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await checked(
    await answer(`/api/firn/v1/${path}`, signal === undefined ? {} : { signal }),
  );
  return (await response.json()) as T;
}

/** Asks Prometheus' API; its errors are the message alone. */
export async function prom<T>(path: string, parameters: [string, string][], signal?: AbortSignal): Promise<T> {
  const response = await answer(`/api/v1/${path}?${new URLSearchParams(parameters)}`, signal === undefined ? {} : { signal });
  const text = await response.text();
  let told: { status?: string; error?: string };
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    throw new Error(text.trim().slice(0, 2_000) || `Firn answered ${response.status}`);
  }
  if (response.status === 503) throw new Away(told.error);
  if (told.status !== 'success') throw new Error(told.error ?? `Firn answered ${response.status}`);
  return told as T;
}

/** Changes what Firn keeps. */
export async function send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
  await checked(
    await answer(`/api/firn/v1/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    }),
  );
}

export async function health(): Promise<Health> {
  const response = await answer('/health', { headers: { Accept: 'application/json' } });
  return (await response.json()) as Health;
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
  await checked(
    await answer('/api/firn/v1/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(words),
    }),
  );
}

export async function logout(): Promise<void> {
  await checked(await answer('/api/firn/v1/session', { method: 'DELETE' }));
}

function post(statement: string, format: string, signal?: AbortSignal): Promise<Response> {
  return answer(`/api/firn/v1/sql?format=${format}`, {
    method: 'POST',
    body: statement,
    ...(signal === undefined ? {} : { signal }),
  });
}

export async function ask(statement: string, signal?: AbortSignal): Promise<Table> {
  const response = await checked(await post(statement, 'JSONCompact', signal));
  const text = await response.text();
  try {
    return JSON.parse(text) as Table;
  } catch {
    // The engine found the mistake after it had begun to answer.
    throw new Error(text.slice(text.lastIndexOf('Code:')).trim().slice(0, 2000));
  }
}

/** What a statement gives, as a file. */
export async function file(statement: string, format: 'CSVWithNames' | 'Parquet'): Promise<Blob> {
  return (await checked(await post(statement, format))).blob();
}

/** Has Firn do something; its answer is lines of JSON, of which the last says how it went. */
export async function act(task: string, parameters: Record<string, string>): Promise<void> {
  const response = await checked(
    await answer(`/api/firn/v1/${task}?${new URLSearchParams(parameters)}`, { method: 'POST' }),
  );
  const last = (await response.text()).trim().split('\n').at(-1) ?? '';
  const outcome = JSON.parse(last || '{}') as { error?: string; result?: unknown };
  if (outcome.result === undefined) throw new Error(outcome.error ?? 'The answer broke off; look whether it was done.');
}

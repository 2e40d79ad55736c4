import type { Latencies, Requests } from './api';
import { MINUTE } from './live';

/** Of a group: those that it is grouped by. */
export type Labels = Record<string, string | undefined>;

/** One group's windows on the grid of a chart; null where nothing came. */
export interface Group {
  name: string;
  labels: Labels;
  requests: (number | null)[];
  errors: (number | null)[];
  quantiles: { '50': (number | null)[]; '95': (number | null)[]; '99': (number | null)[] };
}

export interface Grid {
  times: number[];
  seconds: number[];
  groups: Group[];
}

export const WEEK = 604_800;

/** Until a window is a minute old, its rate says little. */
const AGE_MIN = 60;

/** Windows on a full grid, so that a gap is seen as one. `until`: time of the newest point. */
export function grid(answer: Requests, until: number): Grid {
  const times: number[] = [];
  const seconds: number[] = [];
  const end = Math.min(answer.to, until);
  for (let at = answer.from; at + Math.min(AGE_MIN, answer.resolution) <= end; at += answer.resolution) {
    times.push(at);
    seconds.push(Math.min(answer.resolution, end - at));
  }
  const found = groups(answer, answer.from, times.length);
  const before = Math.max(0, MINUTE / answer.resolution - 1);
  if (before === 0) return { times, seconds, groups: found };
  return {
    times: times.slice(before),
    seconds: seconds.slice(before),
    groups: found.map((group) => ofMinute(group, before)),
  };
}

/** Most send each minute or more often: windows shorter than that stand for the minute up to them. */
function ofMinute(group: Group, before: number): Group {
  const minutes = (values: (number | null)[], of: (there: number[]) => number | null) =>
    values.slice(before).map((_, at) => of(values.slice(at, at + before + 1).filter((value) => value !== null)));
  const mean = (there: number[]) =>
    there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / (before + 1);
  const newest = (there: number[]) => there.at(-1) ?? null;
  return {
    name: group.name,
    labels: group.labels,
    requests: minutes(group.requests, mean),
    errors: minutes(group.errors, mean),
    quantiles: {
      '50': minutes(group.quantiles['50'], newest),
      '95': minutes(group.quantiles['95'], newest),
      '99': minutes(group.quantiles['99'], newest),
    },
  };
}

/** The same windows a week before, where the answer has them. */
export function weekBefore(answer: Requests | undefined, charted: Grid): Group[] {
  const [first, second] = charted.times;
  if (answer === undefined || first === undefined || second === undefined) return [];
  if (second - first !== answer.resolution) return [];
  const before = Math.max(0, MINUTE / answer.resolution - 1);
  const found = groups(answer, first - before * answer.resolution - WEEK, charted.times.length + before);
  return before === 0 ? found : found.map((group) => ofMinute(group, before));
}

/** How many requests of each window took how long, by half octaves of seconds. */
export interface Heat {
  times: number[];
  resolution: number;
  /** Lowest and highest half octave with requests; below the lowest may stand all that took less. */
  low: number;
  less: boolean;
  complete: boolean;
  high: number;
  most: number;
  /** One map a window. */
  counts: Map<number, number>[];
}

/** Seconds at the lower end of a half octave. */
export function lower(halfOctave: number): number {
  return 2 ** (halfOctave / 2);
}

/** The half octave that all shorter ones are counted in, too. */
const LESS = -40;

/** `until`: time of the newest point. */
export function heat(answer: Latencies, until: number): Heat {
  const times: number[] = [];
  for (let at = answer.from; at < Math.min(answer.to, until); at += answer.resolution) times.push(at);
  const counts = times.map(() => new Map<number, number>());
  const places = answer.rows.map((row) => row[1] ?? LESS).filter((place) => place > LESS);
  const less = answer.rows.some((row) => row[1] === LESS);
  const high = places.reduce((most, place) => Math.max(most, place), LESS + 1);
  const low = places.reduce((least, place) => Math.min(least, place), high) - (less ? 1 : 0);
  let most = 0;
  for (const [start, place, requests] of answer.rows) {
    if (start === undefined || place === undefined || requests === undefined) continue;
    counts[(start - answer.from) / answer.resolution]?.set(Math.max(low, place), requests);
    most = Math.max(most, requests);
  }
  return { times, resolution: answer.resolution, low, less, complete: answer.complete, high, most, counts };
}

function groups(answer: Requests, from: number, length: number): Group[] {
  const groups = new Map<string, Group>();
  const labels = answer.keys.length;
  for (const row of answer.rows) {
    const name = row.slice(1, labels).join(' / ') || '(none)';
    const at = (Number(row[0]) - from) / answer.resolution;
    let group = groups.get(name);
    if (group === undefined) {
      group = empty(name, Object.fromEntries(answer.keys.slice(1).map((key, index) => [key, String(row[index + 1])])), length);
      groups.set(name, group);
    }
    if (at < 0 || at >= length) continue;
    group.requests[at] = number(row[labels]);
    group.errors[at] = number(row[labels + 1]);
    group.quantiles['50'][at] = number(row[labels + 3]);
    group.quantiles['95'][at] = number(row[labels + 4]);
    group.quantiles['99'][at] = number(row[labels + 5]);
  }
  return [...groups.values()];
}

function empty(name: string, labels: Labels, length: number): Group {
  const nothing = () => new Array<number | null>(length).fill(null);
  return {
    name,
    labels,
    requests: nothing(),
    errors: nothing(),
    quantiles: { '50': nothing(), '95': nothing(), '99': nothing() },
  };
}

function number(value: string | number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** A row of an answer that does not go over time. */
export interface Total {
  labels: string[];
  requests: number;
  errors: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export function totals(answer: Requests): Total[] {
  const labels = answer.keys.length;
  return answer.rows.map((row) => ({
    labels: row.slice(0, labels).map(String),
    requests: Number(row[labels]),
    errors: Number(row[labels + 1]),
    p50: number(row[labels + 3]),
    p95: number(row[labels + 4]),
    p99: number(row[labels + 5]),
  }));
}

/** The names of requests' durations, those of before 2023 too. */
const REQUESTS = "'http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration'";

const ROLLUPS: Record<number, string> = {
  300: 'rollup_5m_now_distributions',
  3_600: 'rollup_1h_now_distributions',
  86_400: 'rollup_1d_now_distributions',
};

/** A text as a literal of SQL. */
export function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A statement of the series that a window of requests is made of, with what each gave. */
export function behind(labels: Labels, at: number, resolution: number): string {
  // A window shorter than a minute stands for the minute up to its end.
  const from = resolution < MINUTE ? at + resolution - MINUTE : at;
  const to = at + resolution;
  const rollup = ROLLUPS[resolution] ?? `rollup_fine_requests(from = ${from}, to = ${to}, window = ${resolution})`;
  const fitting = Object.entries(labels).flatMap(([label, value]) => (value === undefined ? [] : [` AND l.${label} = ${quoted(value)}`]));
  return `SELECT l.otel_name AS metric, l.environment, l.data_plane_id, l.service_name, l.http_route, l.http_status_code,
    sum(r.increase) AS requests, sum(r.sum_increase) / any(l.divisor) * any(l.multiplier) AS seconds, sum(r.count) AS points, series_id
FROM ${rollup} AS r JOIN series_labels AS l USING (metric_id, series_id)
WHERE r.time >= toDateTime(${from}, 'UTC') AND r.time < toDateTime(${to}, 'UTC') AND r.increase > 0
    AND r.metric_id IN (SELECT metric_id FROM series WHERE metric_name IN (${REQUESTS}))
    AND l.metric_name = 'http_server_duration'${fitting.join('')}
GROUP BY ALL ORDER BY requests DESC LIMIT 1000`;
}

/** A condition for each label that has a value. */
export function conditions(labels: Labels): string {
  return Object.entries(labels)
    .flatMap(([label, value]) => (value === undefined ? [] : [`${label} = ${quoted(value)}`]))
    .join(' AND ');
}

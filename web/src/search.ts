import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { read, type Settings } from './api';

export const RANGES = {
  '5m': 300,
  '15m': 900,
  '30m': 1_800,
  '1h': 3_600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
  '90d': 7_776_000,
  '1y': 31_536_000,
  '5y': 157_680_000,
} as const;

export type Range = keyof typeof RANGES;

/** Everything that a page shows stands in its address. */
export interface Search {
  range?: Range | undefined;
  live?: 'off' | undefined;
  tz?: 'local' | 'utc' | undefined;
  env?: string | undefined;
  plane?: string | undefined;
  service?: string | undefined;
  route?: string | undefined;
  q?: '50' | '99' | undefined;
  sql?: string | undefined;
  lang?: 'promql' | undefined;
  promql?: string | undefined;
  view?: 'chart' | 'table' | undefined;
  state?: 'all' | undefined;
  compare?: 'week' | undefined;
  /** A time that the page shows what was known at, ISO 8601. */
  asof?: string | undefined;
  signal?: string | undefined;
  at?: string | undefined;
  step?: 'hour' | undefined;
  by?: 'environment' | 'data_plane_id' | 'service_name' | 'team' | 'metric_name' | undefined;
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function one<T extends string>(value: unknown, ...known: T[]): T | undefined {
  return known.find((each) => each === text(value));
}

function moment(value: unknown): string | undefined {
  const millis = Date.parse(text(value) ?? '');
  return Number.isNaN(millis) ? undefined : iso(millis / 1_000);
}

/** Whole seconds as an address has them. */
export function iso(seconds: number): string {
  return new Date(Math.floor(seconds) * 1_000).toISOString().replace('.000Z', 'Z');
}

export function validated(given: Record<string, unknown>): Search {
  return {
    range: one(given['range'], ...(Object.keys(RANGES) as Range[])),
    live: one(given['live'], 'off'),
    tz: one(given['tz'], 'local', 'utc'),
    env: text(given['env']),
    plane: text(given['plane']),
    service: text(given['service']),
    route: text(given['route']),
    q: one(given['q'], '50', '99'),
    sql: text(given['sql']),
    lang: one(given['lang'], 'promql'),
    promql: text(given['promql']),
    view: one(given['view'], 'chart', 'table'),
    state: one(given['state'], 'all'),
    compare: one(given['compare'], 'week'),
    asof: moment(given['asof']),
    signal: text(given['signal']),
    at: text(given['at']),
    step: one(given['step'], 'hour'),
    by: one(given['by'], 'environment', 'data_plane_id', 'service_name', 'team', 'metric_name'),
  };
}

/** What stays when another page is opened. */
export function kept(search: Search): Search {
  const { range, live, tz, env } = search;
  return { range, live, tz, env };
}

/** The same for a page that can show what was known at a time. */
export function asKnown(search: Search): Search {
  return { ...kept(search), asof: search.asof };
}

/** What holds where an address says nothing. */
export function useSettings(): Settings {
  const { data } = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => read<Settings>('settings', signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? {};
}

export function usePage() {
  const settings = useSettings();
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const range: Range = search.range ?? '6h';
  const tz = search.tz ?? settings.time_zone ?? 'utc';
  return {
    search,
    range,
    seconds: RANGES[range],
    live: search.live !== 'off' && search.asof === undefined,
    now: () => Math.floor((search.asof === undefined ? Date.now() : Date.parse(search.asof)) / 1_000),
    tz,
    zone: tz === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : 'UTC',
    set: (change: Search) => {
      void navigate({ to: '.', search: { ...search, ...change } });
    },
  };
}

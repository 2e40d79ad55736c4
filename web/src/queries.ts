import { keepPreviousData, useQuery } from '@tanstack/react-query';
import {
  again,
  type Alerts,
  type Anomalies,
  ask,
  type Cost,
  type Exemplars,
  type Forecasts,
  health,
  type Latencies,
  type Objectives,
  type Planes,
  type Quality,
  read,
  type Requests,
  session,
  type Silences,
} from './api';
import { MINUTE } from './live';
import { usePage } from './search';
import { WEEK } from './series';

const MILLIS = 1_000;

/** Who one is, asked again now and then: a session ends. */
export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => session(signal),
    refetchInterval: 60 * MILLIS,
  });
}

/** Whether one sees some environments only, and then not what tells of all; undefined until that is known. */
export function useHeld(): boolean | undefined {
  const { data } = useSession();
  return data && data.environments !== undefined;
}

/** What is asked for, without what is not. */
function given(question: Record<string, string | undefined>): [string, string][] {
  return Object.entries(question).filter((entry): entry is [string, string] => entry[1] !== undefined);
}

/** What a statement gives; who sees some environments only may ask none. */
export function useTable(name: string, sql: string, seconds: number) {
  const { live } = usePage();
  const held = useHeld();
  return useQuery({
    enabled: held === false,
    queryKey: ['table', name, sql],
    queryFn: ({ signal }) => ask(sql, signal),
    retry: again,
    refetchOnWindowFocus: false,
    refetchInterval: live && seconds * MILLIS,
    placeholderData: keepPreviousData,
  });
}

/** Up to so many seconds windows are of points, and none are stored. */
const FINE_MAX = 3_600;

/** Planes with their newest points; each second as long as there are none. */
export function usePlanes(asof?: string) {
  const { live } = usePage();
  return useQuery({
    queryKey: ['planes', asof],
    queryFn: ({ signal }) => read<Planes>(asof === undefined ? 'planes' : `planes?${new URLSearchParams({ as_of: asof })}`, signal),
    refetchInterval: ({ state }) => (state.data?.planes.length === 0 ? MILLIS : live && 10 * MILLIS),
  });
}

/**
 * Windows of the page's range: at first the windows that are stored, at little cost, then with those that are open;
 * asked again as often as a new window would show.
 */
function useWindows<T extends Requests | Latencies>(path: string, question: Record<string, string | undefined>) {
  const { seconds, live, now: end, search } = usePage();
  const asked = given({ ...question, as_of: search.asof });
  const past = search.asof !== undefined;
  const fine = seconds <= FINE_MAX || past;
  const ask = (signal: AbortSignal, more: Record<string, string>) => {
    const now = end();
    const parameters = new URLSearchParams([...asked, ...Object.entries(more)]);
    // A rate of short windows is that of the minute before each.
    parameters.set('from', String(now - seconds - (seconds <= FINE_MAX ? MINUTE : 0)));
    parameters.set('to', String(now));
    return read<T>(`${path}?${parameters}`, signal);
  };
  const stored = useQuery({
    queryKey: ['stored', path, seconds, asked],
    queryFn: ({ signal }) => ask(signal, { windows: 'stored' }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * MILLIS,
    retry: false,
    enabled: !fine,
  });
  const newest = useQuery({
    queryKey: [path, seconds, asked],
    queryFn: ({ signal }) => ask(signal, {}),
    enabled: fine || !stored.isPending,
    refetchInterval: live && (seconds <= 86_400 ? 15 : 120) * MILLIS,
    // What was known at a time does not change, and is nothing that was known at another one.
    ...(past ? { staleTime: Number.POSITIVE_INFINITY } : { placeholderData: keepPreviousData }),
  });
  const early = newest.data === undefined || newest.isPlaceholderData;
  const first = !fine && stored.data && stored.data.rows.length > 0 ? stored.data : undefined;
  return {
    data: early ? (first ?? newest.data) : newest.data,
    error: newest.error,
    refetch: newest.refetch,
    early: early && first !== undefined,
  };
}

export function useRequests(question: Record<string, string | undefined>) {
  return useWindows<Requests>('requests', question);
}

/** How many requests took how long. */
export function useLatencies(question: Record<string, string | undefined>) {
  return useWindows<Latencies>('latencies', question);
}

/** Traces of the slowest requests of the page's range. */
export function useExemplars(question: Record<string, string | undefined>) {
  const { seconds, live, search } = usePage();
  const asked = given(question);
  return useQuery({
    enabled: search.asof === undefined,
    queryKey: ['exemplars', seconds, asked],
    queryFn: ({ signal }) => {
      const now = Math.floor(Date.now() / MILLIS);
      const parameters = new URLSearchParams(asked);
      parameters.set('from', String(now - seconds));
      parameters.set('to', String(now));
      return read<Exemplars>(`exemplars?${parameters}`, signal);
    },
    refetchInterval: live && 60 * MILLIS,
    placeholderData: keepPreviousData,
  });
}

const BANDS_MAX = 14 * 86_400;

/** The same range a week before, where the page compares. */
export function useBefore(question: Record<string, string | undefined>) {
  const { seconds, search, now: end } = usePage();
  const asked = given({ ...question, as_of: search.asof });
  return useQuery({
    queryKey: ['before', seconds, asked],
    queryFn: ({ signal }) => {
      const now = end();
      const parameters = new URLSearchParams(asked);
      parameters.set('from', String(now - seconds - WEEK - (seconds <= FINE_MAX ? MINUTE : 0)));
      parameters.set('to', String(now - WEEK));
      parameters.set('windows', 'stored');
      return read<Requests>(`requests?${parameters}`, signal);
    },
    enabled: search.compare === 'week',
    refetchInterval: 300 * MILLIS,
    placeholderData: keepPreviousData,
  });
}

export function useQuality() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['quality'],
    queryFn: ({ signal }) => read<Quality>('quality', signal),
    refetchInterval: live && 20 * MILLIS,
  });
}

export function useAnomalies() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['anomalies'],
    queryFn: ({ signal }) => read<Anomalies>('anomalies', signal),
    refetchInterval: live && 30 * MILLIS,
  });
}

/** What was expected of one signal over the page's range, two weeks at most. */
export function useBands() {
  const { live, seconds, search } = usePage();
  const asked = given({ signal: search.signal, environment: search.at, service_name: search.service, http_route: search.route });
  return useQuery({
    queryKey: ['bands', seconds, asked],
    queryFn: ({ signal }) => {
      const parameters = new URLSearchParams(asked);
      parameters.set('from', new Date(Date.now() - Math.min(seconds, BANDS_MAX) * MILLIS).toISOString());
      return read<Anomalies>(`anomalies?${parameters}`, signal);
    },
    refetchInterval: live && 60 * MILLIS,
    placeholderData: keepPreviousData,
  });
}

export function useForecasts() {
  const { search } = usePage();
  const parameters = new URLSearchParams({ signal: search.signal ?? 'requests', step: search.step ?? 'day', days: '30' });
  return useQuery({
    queryKey: ['forecasts', parameters.toString()],
    queryFn: ({ signal }) => read<Forecasts>(`forecasts?${parameters}`, signal),
    refetchInterval: 300 * MILLIS,
    placeholderData: keepPreviousData,
  });
}

export function useCost() {
  return useQuery({
    queryKey: ['cost'],
    queryFn: ({ signal }) => read<Cost>('cost', signal),
    refetchInterval: 60 * MILLIS,
  });
}

export function useAlerts() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => read<Alerts>('alerts', signal),
    enabled: useHeld() === false,
    refetchInterval: live && 10 * MILLIS,
  });
}

export function useSilences() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['silences'],
    queryFn: ({ signal }) => read<Silences>('alerts/silences', signal),
    refetchInterval: live && 10 * MILLIS,
  });
}

export function useObjectives() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['slo'],
    queryFn: ({ signal }) => read<Objectives>('slo', signal),
    enabled: useHeld() === false,
    refetchInterval: live && 20 * MILLIS,
  });
}

export function useHealth() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['health'],
    queryFn: health,
    enabled: useHeld() === false,
    refetchInterval: live && 5 * MILLIS,
  });
}

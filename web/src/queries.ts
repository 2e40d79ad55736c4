import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Alerts, health, type Objectives, type Planes, read, type Requests } from './api';
import { usePage } from './search';

const MILLIS = 1_000;

/** Planes with their newest points; each second as long as there are none. */
export function usePlanes() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['planes'],
    queryFn: ({ signal }) => read<Planes>('planes', signal),
    refetchInterval: ({ state }) => (state.data?.planes.length === 0 ? MILLIS : live && 10 * MILLIS),
  });
}

/**
 * Requests of the page's range: at first the windows that are stored, at little cost, then with those that are open;
 * asked again as often as a new window would show.
 */
export function useRequests(question: Record<string, string | undefined>) {
  const { seconds, live } = usePage();
  const given = Object.entries(question).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const ask = (signal: AbortSignal, more: Record<string, string>) => {
    const now = Math.floor(Date.now() / MILLIS);
    const parameters = new URLSearchParams([...given, ...Object.entries(more)]);
    parameters.set('from', String(now - seconds));
    parameters.set('to', String(now));
    return read<Requests>(`requests?${parameters}`, signal);
  };
  const stored = useQuery({
    queryKey: ['stored', seconds, given],
    queryFn: ({ signal }) => ask(signal, { windows: 'stored' }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * MILLIS,
    retry: false,
  });
  const newest = useQuery({
    queryKey: ['requests', seconds, given],
    queryFn: ({ signal }) => ask(signal, {}),
    enabled: !stored.isPending,
    refetchInterval: live && (seconds <= 86_400 ? 15 : 120) * MILLIS,
    placeholderData: keepPreviousData,
  });
  const early = newest.data === undefined || newest.isPlaceholderData;
  const first = stored.data && stored.data.rows.length > 0 ? stored.data : undefined;
  return {
    data: early ? (first ?? newest.data) : newest.data,
    error: newest.error,
    refetch: newest.refetch,
    early: early && first !== undefined,
  };
}

export function useAlerts() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => read<Alerts>('alerts', signal),
    refetchInterval: live && 10 * MILLIS,
  });
}

export function useObjectives() {
  const { live } = usePage();
  return useQuery({
    queryKey: ['slo'],
    queryFn: ({ signal }) => read<Objectives>('slo', signal),
    refetchInterval: live && 20 * MILLIS,
  });
}

export function useHealth() {
  const { live } = usePage();
  return useQuery({ queryKey: ['health'], queryFn: health, refetchInterval: live && 5 * MILLIS });
}

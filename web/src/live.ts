import { useEffect, useState } from 'react';
import type { LiveEvent as Event, Requests } from './api';
import { usePage } from './search';

type Row = Event['windows'][number];

/** What the stream of live events has told so far; windows by their start and plane. */
export interface Live {
  now: number;
  since: number;
  resolution: number;
  newest: Map<string, number>;
  windows: Map<string, { at: number; name: string; environment: string; row: Row }>;
  figures: Event['figures'];
}

/** What is older than the server's memory is history's. */
const KEEP = 600;

/** Points come so long after their time. */
export const LATE = 3;

export const MINUTE = 60;

export function planeName(environment: string, plane: string): string {
  return `${environment} / ${plane}`;
}

export function merged(before: Live | null, event: Event): Live {
  const newest = new Map(event.whole ? [] : before?.newest);
  for (const [environment, plane, at] of event.planes) newest.set(planeName(String(environment), String(plane)), Number(at));
  const windows = new Map(event.whole ? [] : before?.windows);
  for (const row of event.windows) {
    const [at, environment, plane] = [Number(row[0]), String(row[1]), String(row[2])];
    const name = planeName(environment, plane);
    windows.set(`${at} ${name}`, { at, name, environment, row });
  }
  for (const [key, { at }] of windows) if (at < event.now - KEEP) windows.delete(key);
  return { ...event, newest, windows };
}

/** Requests by plane over time with what came since they were asked for: counts only grow, so that the greater holds. */
export function flowing(answer: Requests, live: Live | null, only?: string): Requests {
  const fits = live !== null && live.resolution <= answer.resolution && answer.resolution <= 300;
  if (!fits || answer.keys.join() !== 'start,environment,data_plane_id') return answer;
  const came = new Map<string, Requests['rows'][number]>();
  for (const { at, name, environment, row } of live.windows.values()) {
    if (at < answer.from || (only !== undefined && environment !== only)) continue;
    const start = answer.from + Math.floor((at - answer.from) / answer.resolution) * answer.resolution;
    const sum = came.get(`${start} ${name}`) ?? [start, environment, row[2] ?? '', 0, 0, 0, null, null, null];
    sum[3] = Number(sum[3]) + Number(row[3]);
    sum[4] = Number(sum[4]) + Number(row[4]);
    came.set(`${start} ${name}`, sum);
  }
  const rows = answer.rows.map((row) => {
    const key = `${row[0]} ${planeName(String(row[1]), String(row[2]))}`;
    const sum = came.get(key);
    came.delete(key);
    if (sum === undefined || Number(sum[3]) <= Number(row[3])) return row;
    return [...row.slice(0, 3), sum[3] ?? 0, sum[4] ?? 0, ...row.slice(5)];
  });
  return { ...answer, to: Math.max(answer.to, live.now), rows: [...rows, ...came.values()] };
}

/** Requests a second of the last whole minute, and the share of errors; null until that minute was seen as a whole. */
export function lastMinute(live: Live | null, fits: (window: { name: string; environment: string }) => boolean) {
  if (live === null) return null;
  const end = Math.floor((live.now - LATE) / live.resolution) * live.resolution;
  if (live.since > end - MINUTE) return null;
  let requests = 0;
  let errors = 0;
  for (const window of live.windows.values()) {
    if (window.at < end - MINUTE || window.at >= end || !fits(window)) continue;
    requests += Number(window.row[3]);
    errors += Number(window.row[4]);
  }
  return { rate: requests / MINUTE, errors: requests === 0 ? null : errors / requests };
}

const AGAIN_MILLIS = 5_000;

/** Whether somebody can see the page: a browser has few connections, which tabs behind others would take from it. */
function useSeen(): boolean {
  const [seen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}

/** Listens while the page is live and seen. A lost connection is opened again; until then what was told stays. */
export function useLive(): Live | null {
  const { live } = usePage();
  const seen = useSeen();
  const [told, setTold] = useState<Live | null>(null);
  useEffect(() => {
    if (!live || !seen) return;
    let again: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource;
    const open = () => {
      source = new EventSource('/api/firn/v1/live');
      source.onmessage = ({ data }) => {
        const event = JSON.parse(String(data)) as Event;
        setTold((before) => merged(before, event));
      };
      source.onerror = () => {
        // Else the browser opens it again by itself.
        if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MILLIS);
      };
    };
    open();
    return () => {
      clearTimeout(again);
      source.close();
    };
  }, [live, seen]);
  return live ? told : null;
}

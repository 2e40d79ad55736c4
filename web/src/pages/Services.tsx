import { type ReactNode, useMemo, useState } from 'react';
import { Chart, Spark } from '../Chart';
import { duration, number, percent } from '../format';
import { Heatmap } from '../Heatmap';
import { Failure, Loading, Scroll, Statement } from '../parts';
import { useBefore, useLatencies, usePlanes, useRequests } from '../queries';
import { type Search, usePage } from '../search';
import { ofRequests, type Origin } from '../Point';
import { type Dot, Traces, useDots } from '../Traces';
import { type Grid, grid, type Group, heat, type Heat, type Total, totals, weekBefore } from '../series';
import { Environments, lines, Narrowed, pace, Quantile, rate, share } from './Overview';

/** What a row is, and what opening one narrows to. */
function level(search: Search): { by: string; name: string; open?: (value: string) => Search } {
  if (search.service === undefined) return { by: 'service_name', name: 'Service', open: (service) => ({ service }) };
  if (search.route === undefined) return { by: 'http_route', name: 'Route', open: (route) => ({ route }) };
  return { by: 'http_status_code', name: 'Status' };
}

export function Services() {
  const { search, set, zone, seconds } = usePage();
  const planes = usePlanes(search.asof);
  const { by, name, open } = level(search);
  const filter = { environment: search.env, data_plane_id: search.plane, service_name: search.service, http_route: search.route };
  const whole = useRequests({ by, ...filter });
  const overTime = useRequests({ by, over: 'time', ...filter });
  const before = useBefore({ by, over: 'time', ...filter });
  const latencies = useLatencies(filter);
  const dots = useDots(filter);
  const newest = Math.max(0, ...(planes.data?.planes ?? []).map((plane) => plane.newest));
  const charted = overTime.data && grid(overTime.data, newest);
  const spread = useMemo(() => latencies.data && heat(latencies.data, newest), [latencies.data, newest]);
  const error = whole.error ?? overTime.error;
  const quantile = search.q ?? '95';
  // An answer of the level before is kept until the new one comes, and is none of this one's rows.
  const here = whole.data?.keys.at(-1) === by && overTime.data?.keys.at(-1) === by;
  return (
    <>
      <div className="head">
        <Trail />
        <Environments known={(planes.data?.planes ?? []).map((plane) => plane.environment)} />
        <Narrowed
          label="Plane"
          all="all planes"
          known={(planes.data?.planes ?? []).map((one) => one.data_plane_id)}
          value={search.plane}
          pick={(plane) => set({ plane })}
        />
        <Quantile value={quantile} pick={(q) => set({ q })} />
      </div>
      {error && <Failure error={error} retry={() => void Promise.all([whole.refetch(), overTime.refetch()])} />}
      {!error && (!here || !whole.data || !overTime.data) && <Loading what="requests" />}
      {!error && here && (whole.early || overTime.early) && (
        <p className="fine" role="status">The newest windows are being read …</p>
      )}
      {!error && here && whole.data && overTime.data && charted && (
        <Found
          origin={search.asof === undefined ? ofRequests(overTime.data.sql, overTime.data.resolution, filter) : undefined}
          cells={search.asof === undefined && latencies.data ? ofRequests(latencies.data.sql, latencies.data.resolution, filter) : undefined}
          dots={dots}
          traces={<Traces filter={filter} zone={zone} />}
          rows={totals(whole.data)}
          charted={charted}
          spread={spread}
          before={search.compare === 'week' && before.data?.keys.at(-1) === by ? weekBefore(before.data, charted) : []}
          name={name}
          open={open && ((value) => set(open(value)))}
          quantile={quantile}
          zone={zone}
          empty={`No request was measured in the last ${duration(seconds)}. This page shows the histograms http.server.request.duration and http.server.duration; choose a longer range, or see Pipeline for what comes in.`}
          sql={[whole.data.sql, overTime.data.sql, latencies.data?.sql ?? '']}
        />
      )}
    </>
  );
}

function Trail() {
  const { search, set } = usePage();
  return (
    <nav className="trail" aria-label="Where this is">
      <button type="button" onClick={() => set({ service: undefined, route: undefined })}>All services</button>
      {search.service !== undefined && (
        <>
          <span aria-hidden="true">›</span>
          <button type="button" onClick={() => set({ route: undefined })}>{search.service || '(none)'}</button>
        </>
      )}
      {search.route !== undefined && (
        <>
          <span aria-hidden="true">›</span>
          <span>{search.route || '(no route)'}</span>
        </>
      )}
    </nav>
  );
}

interface FoundProps {
  origin: Origin | undefined;
  /** Where the heatmap's cells lead. */
  cells: Origin | undefined;
  dots: Dot[];
  traces: ReactNode;
  rows: Total[];
  charted: Grid;
  spread: Heat | undefined;
  before: Group[];
  name: string;
  open: ((value: string) => void) | undefined;
  quantile: '50' | '95' | '99';
  zone: string;
  empty: string;
  sql: string[];
}

const COLUMNS = ['requests', 'errors', 'p50', 'p95', 'p99'] as const;
type Column = (typeof COLUMNS)[number];

function value(row: Total, column: Column): number {
  return column === 'errors' ? row.errors / row.requests : (row[column] ?? -1);
}

function Found({ origin, cells, dots, traces, rows, charted, spread, before, name, open, quantile, zone, empty, sql }: FoundProps) {
  const [order, setOrder] = useState<Column>('requests');
  if (rows.length === 0) return <p className="nothing">{empty}</p>;
  const sorted = rows.toSorted((a, b) => value(b, order) - value(a, order));
  const groups = sorted.map((row) => charted.groups.find((group) => group.name === (row.labels[0] || '(none)')));
  const there = { ...charted, groups: groups.filter((group) => group !== undefined) };
  const titles: Record<Column, string> = { requests: 'Requests/s', errors: 'Errors', p50: 'p50', p95: 'p95', p99: 'p99' };
  return (
    <>
      <Scroll label={`${name}s`}>
        <table>
          <thead>
            <tr>
              <th>{name}</th>
              <th>Over time</th>
              {COLUMNS.map((column) => (
                <th key={column} className="n" aria-sort={order === column ? 'descending' : 'none'}>
                  <button type="button" onClick={() => setOrder(column)}>
                    {titles[column]} <span aria-hidden="true">{order === column ? '↓' : ''}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row, at) => (
              <tr key={row.labels[0]}>
                <th scope="row">
                  {open ? (
                    <button type="button" onClick={() => open(row.labels[0] ?? '')}>{row.labels[0] || '(none)'}</button>
                  ) : (
                    row.labels[0] || '(none)'
                  )}
                </th>
                <td><Spark values={groups[at]?.requests ?? []} /></td>
                <td className="n" data-requests={row.requests}>{number(pace(groups[at], charted))}</td>
                <td className="n">{percent(row.errors / row.requests)}</td>
                <td className="n">{duration(row.p50)}</td>
                <td className="n">{duration(row.p95)}</td>
                <td className="n">{duration(row.p99)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Statement sql={sql[0] ?? ''} what="this table" />
      <div className="charts">
        <Chart title="Requests per second" times={charted.times} zone={zone} origin={origin} format={number}
          lines={lines(there, before, (group, whole) => rate(group.requests, charted, whole))} />
        <Chart title="Share of requests that fail (5xx)" times={charted.times} zone={zone} origin={origin} format={percent}
          lines={lines(there, before, (group) => share(group.errors, group.requests))} />
        <Chart title={`p${quantile} of a request’s duration`} times={charted.times} zone={zone} origin={origin} dots={dots} format={duration}
          lines={lines(there, before, (group) => group.quantiles[quantile])} />
        {spread && spread.most > 0 && <Heatmap title="How long requests take" heat={spread} zone={zone} dots={dots} origin={cells} />}
      </div>
      <Statement sql={sql[1] ?? ''} what="these charts" />
      {traces}
      {sql[2] && <Statement sql={sql[2]} what="how long requests take" />}
    </>
  );
}

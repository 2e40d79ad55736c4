import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { against, Chart, type Line, Spark } from '../Chart';
import { duration, number, percent } from '../format';
import { flowing, lastMinute, LATE, type Live, planeName, useLive } from '../live';
import { Failure, Loading, Scroll, State, Statement, Tile } from '../parts';
import { ofRequests } from '../Point';
import { useAlerts, useBefore, useHealth, useHeld, useObjectives, usePlanes, useRequests } from '../queries';
import { asKnown, kept, usePage } from '../search';
import { type Grid, grid, type Group, type Total, totals, weekBefore } from '../series';

export function Overview() {
  const live = useLive();
  return (
    <>
      {usePage().search.asof === undefined && <Tiles live={live} />}
      <PlanesAndCharts live={live} />
    </>
  );
}

function Tiles({ live }: { live: Live | null }) {
  const page = usePage();
  const { search } = page;
  const now = lastMinute(live, ({ environment }) => !search.env || environment === search.env);
  const waiting = page.live ? 'counting the first minute' : 'paused';
  const alerts = useAlerts();
  const objectives = useObjectives();
  const health = useHealth();
  const held = useHeld();
  const open = alerts.data?.alerts.filter((alert) => alert.state === 'firing') ?? [];
  const waking = open.filter((alert) => alert.severity === 'page').length;
  const informing = open.filter((alert) => alert.severity === 'info').length;
  const all = objectives.data?.objectives ?? [];
  const met = all.filter((one) => one.status === 'met').length;
  const breached = all.filter((one) => one.status === 'breached').length;
  const troubled = health.data?.checks.filter((check) => check.state === 'critical' || check.state === 'warning');
  return (
    <div className="tiles">
      <Tile name="Requests/s, last minute" note={now ? `${percent(now.errors)} failed` : waiting}>
        {number(now?.rate)}
      </Tile>
      {!held && <Tile name="Points/s stored" note={live ? behind(live) : waiting}>
        <span data-live={live?.now}>{number(live?.figures.points_per_second)}</span>
      </Tile>}
      {!held && <Tile name="Open alerts" note={<Link to="/alerts" search={kept(search)}>{waking} page; {informing} more inform</Link>}>
        {alerts.data ? open.length - informing : '–'}
      </Tile>}
      {!held && <Tile name="SLOs met" note={<Link to="/slos" search={kept(search)}>{breached} breached</Link>}>
        {objectives.data ? `${met} of ${all.length}` : '–'}
      </Tile>}
      {!held && <Tile
        name="Pipeline"
        note={<Link to="/pipeline" search={kept(search)}>{troubled?.length ?? 0} checks need a look</Link>}
      >
        {health.data ? <State of={health.data.state} /> : '–'}
      </Tile>}
    </div>
  );
}

function behind({ figures }: Live): string {
  const cuts = figures.engine_cuts_behind ?? 0;
  return cuts <= 2 ? 'stored at once' : `the engine is ${cuts} cuts behind`;
}

function PlanesAndCharts({ live }: { live: Live | null }) {
  const { range, zone, search, set } = usePage();
  const planes = usePlanes(search.asof);
  const filter = { environment: search.env };
  const whole = useRequests({ by: 'environment,data_plane_id', ...filter });
  const overTime = useRequests({ by: 'environment,data_plane_id', over: 'time', ...filter });
  const before = useBefore({ by: 'environment,data_plane_id', over: 'time', ...filter });
  const told = (planes.data?.planes ?? []).map((plane) => ({
    ...plane,
    newest: Math.max(plane.newest, live?.newest.get(planeName(plane.environment, plane.data_plane_id)) ?? 0),
  }));
  const at = Math.max(planes.data?.now ?? 0, live?.now ?? 0);
  const flowed = overTime.data && flowing(overTime.data, live, search.env);
  // Where nothing flows in, nothing is made anew each second.
  const known = flowed === overTime.data ? (planes.data?.planes ?? []) : told;
  const newest = Math.min(Math.max(0, ...known.map((plane) => plane.newest)), flowed === overTime.data ? Infinity : at - LATE);
  const charted = useMemo(() => flowed && grid(flowed, newest), [flowed, newest]);
  const error = whole.error ?? overTime.error;
  if (error) return <Failure error={error} retry={() => void Promise.all([whole.refetch(), overTime.refetch()])} />;
  if (!planes.data) return <Loading what="planes" />;
  const compared = (of: (group: Group, whole: boolean) => Line['values']): Line[] =>
    charted === undefined ? [] : lines(charted, search.compare === 'week' ? weekBefore(before.data, charted) : [], of);
  const found = new Map(whole.data && totals(whole.data).map((total) => [total.labels.join(' / '), total]));
  const shown = told.filter((plane) => !search.env || plane.environment === search.env);
  const quantile = search.q ?? '95';
  const origin = search.asof === undefined && overTime.data ? ofRequests(overTime.data.sql, overTime.data.resolution, filter) : undefined;
  return (
    <>
      <section aria-labelledby="planes">
        <div className="head">
          <h2 id="planes">Planes and environments</h2>
          <Environments known={planes.data.planes.map((plane) => plane.environment)} />
        </div>
        <Scroll label="Planes and environments">
          <table>
            <thead>
              <tr>
                <th>Environment</th>
                <th>Plane</th>
                <th>Newest point</th>
                <th className="n">Services</th>
                <th className="n">Requests/s now</th>
                <th className="n">Requests/s</th>
                <th>last {range}</th>
                <th className="n">Errors</th>
                <th className="n">p50</th>
                <th className="n">p95</th>
                <th className="n">p99</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((plane) => {
                const name = `${plane.environment} / ${plane.data_plane_id}`;
                return (
                  <tr key={name}>
                    <th scope="row">
                      <Link to="/services" search={{ ...asKnown(search), env: plane.environment }}>
                        {plane.environment || '(none)'}
                      </Link>
                    </th>
                    <td>{plane.data_plane_id || '(none)'}</td>
                    <td><Age seconds={at - plane.newest} /></td>
                    <td className="n">{plane.services}</td>
                    <td className="n">{number(lastMinute(live, (window) => window.name === name)?.rate)}</td>
                    {whole.data && charted ? (
                      <Figures total={found.get(name)} charted={charted} name={name} />
                    ) : (
                      <td colSpan={6} className="loading">reading requests …</td>
                    )}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
        {whole.data && <Statement sql={whole.data.sql} what="this table" />}
      </section>
      {overTime.data && charted && <section aria-label="Charts">
        <div className="charts">
          <Chart
            title="Requests per second"
            times={charted.times}
            zone={zone}
            origin={origin}
            format={number}
            lines={compared((group, whole) => rate(group.requests, charted, whole))}
          />
          <Chart
            title="Share of requests that fail (5xx)"
            times={charted.times}
            zone={zone}
            origin={origin}
            format={percent}
            lines={compared((group) => share(group.errors, group.requests))}
          />
          <div className="withpick">
            <Quantile value={quantile} pick={(q) => set({ q })} />
            <Chart
              title={`p${quantile} of a request’s duration`}
              times={charted.times}
              zone={zone}
              origin={origin}
              format={duration}
              lines={compared((group) => group.quantiles[quantile])}
            />
          </div>
        </div>
        <p className="fine" role="status">
          Windows of {duration(overTime.data.resolution)}; times in {zone}.
          {(overTime.early || whole.early) && ' The newest windows are being read …'}
        </p>
        <Statement sql={overTime.data.sql} what="these charts" />
      </section>}
    </>
  );
}

/** Requests a second over the windows that have any: what is not there yet, or was not sent, is no zero. */
export function pace(group: Group | undefined, charted: Grid): number | null {
  let count = 0;
  let seconds = 0;
  group?.requests.forEach((requests, at) => {
    if (requests === null) return;
    count += requests;
    seconds += charted.seconds[at] ?? 0;
  });
  return seconds === 0 ? null : count / seconds;
}

/** @param whole whether each window has all of its time, as those of a week before */
export function rate(counts: (number | null)[], charted: Grid, whole = false): (number | null)[] {
  const window = charted.seconds[0];
  return counts.map((count, at) =>
    count === null ? null : count / ((whole ? window : charted.seconds[at]) ?? Number.NaN),
  );
}

/** A line for each group, and its week before. */
export function lines(
  charted: Grid,
  before: Group[],
  of: (group: Group, whole: boolean) => Line['values'],
): Line[] {
  const line = (group: Group, whole: boolean) => ({ name: group.name, labels: group.labels, values: of(group, whole) });
  return against(
    charted.groups.map((group) => line(group, false)),
    before.map((group) => line(group, true)),
  );
}

export function share(parts: (number | null)[], wholes: (number | null)[]): (number | null)[] {
  return parts.map((part, at) => {
    const whole = wholes[at];
    return part === null || !whole ? null : part / whole;
  });
}

export function Quantile({ value, pick }: { value: string; pick: (q: '50' | '99' | undefined) => void }) {
  return (
    <select
      aria-label="Quantile"
      value={value}
      onChange={({ target }) => pick(target.value === '50' || target.value === '99' ? target.value : undefined)}
    >
      <option value="50">p50</option>
      <option value="95">p95</option>
      <option value="99">p99</option>
    </select>
  );
}

export function Environments({ known }: { known: string[] }) {
  const { search, set } = usePage();
  return <Narrowed label="Environment" all="all environments" known={known} value={search.env} pick={(env) => set({ env })} />;
}

/** One of what is known, or all of it. */
export function Narrowed({ label, all, known, value, pick }: {
  label: string;
  all: string;
  known: string[];
  value: string | undefined;
  pick: (value: string | undefined) => void;
}) {
  return (
    <select aria-label={label} value={value ?? '*'} onChange={({ target }) => pick(target.value === '*' ? undefined : target.value)}>
      <option value="*">{all}</option>
      {[...new Set(value === undefined ? known : [...known, value])].map((each) => (
        <option key={each} value={each}>{each || '(none)'}</option>
      ))}
    </select>
  );
}

function Age({ seconds }: { seconds: number }) {
  const state = seconds > 3_600 ? 'critical' : seconds > 900 ? 'warning' : 'ok';
  return <span className={`age ${state}`}>{seconds < 120 ? `${Math.max(0, Math.round(seconds))} s ago` : `${duration(seconds)} ago`}</span>;
}

function Figures(props: { total: Total | undefined; charted: Grid; name: string }) {
  const { total, charted } = props;
  if (!total) return <td colSpan={6} className="fine">no requests in this range</td>;
  const group = charted.groups.find((each) => each.name === props.name);
  return (
    <>
      <td className="n" data-requests={total.requests}>{number(pace(group, charted))}</td>
      <td>{group && <Spark values={rate(group.requests, charted)} />}</td>
      <td className="n">{percent(total.errors / total.requests)}</td>
      <td className="n">{duration(total.p50)}</td>
      <td className="n">{duration(total.p95)}</td>
      <td className="n">{duration(total.p99)}</td>
    </>
  );
}

import { useIsFetching } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { AwayNotice } from './Away';
import logo from './firn.svg';
import { Login, Who } from './Login';
import { Annotate } from './Notes';
import { Failure } from './parts';
import { Past } from './Past';
import { useHeld, usePlanes, useSession } from './queries';
import { Saved } from './Saved';
import { asKnown, iso, kept, RANGES, type Range, usePage, useSettings } from './search';

const PAGES = [
  ['/', 'Overview'],
  ['/services', 'Services'],
  ['/explore', 'Explore'],
  ['/alerts', 'Alerts'],
  ['/slos', 'SLOs'],
  ['/anomalies', 'Anomalies'],
  ['/forecast', 'Forecast'],
  ['/quality', 'Quality'],
  ['/cost', 'Cost'],
  ['/pipeline', 'Pipeline'],
] as const;

/** Of some environments only, for who is held to them. */
const HELD = ['/', '/services', '/explore'];
const WITH_RANGE = ['/', '/services', '/anomalies'];
const WITH_COMPARISON = ['/', '/services'];

export function Layout() {
  const { search } = usePage();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const planes = usePlanes();
  const session = useSession();
  const held = useHeld();
  const [wanted, setWanted] = useState(false);
  const login = wanted || (session.data?.login === true && session.data.role === undefined);
  const asking = useIsFetching();
  const name = PAGES.find((page) => page[0] === path)?.[1] ?? 'Firn';
  useEffect(() => {
    document.title = `${name} · Firn`;
  }, [name]);
  return (
    <>
      <a className="skip" href="#content">To the content</a>
      <header>
        <Link to="/" search={kept(search)} className="brand">
          <img src={logo} alt="" width="24" height="24" /> Firn
        </Link>
        <nav aria-label="Pages">
          {PAGES.filter(([to]) => !held || HELD.includes(to)).map(([to, label]) => (
            <Link key={to} to={to} search={WITH_COMPARISON.includes(to) ? asKnown(search) : kept(search)} activeOptions={{ exact: true, includeSearch: false }}>
              {label}
            </Link>
          ))}
        </nav>
        <Controls
          held={held === true}
          ranges={WITH_RANGE.includes(path) || (path === '/explore' && (held || search.lang === 'promql'))}
          comparison={WITH_COMPARISON.includes(path)}
        >
          {session.data && <Who session={session.data} login={() => setWanted(true)} />}
        </Controls>
      </header>
      <span id="colours" hidden />
      <main id="content" tabIndex={-1} data-asking={asking}>
        <h1>{name}</h1>
        <AwayNotice />
        {search.asof !== undefined && WITH_COMPARISON.includes(path) && <Past asof={search.asof} />}
        {login && <Login done={() => setWanted(false)} />}
        {!login && planes.error && <Failure error={planes.error} retry={() => void planes.refetch()} />}
        {!login && (planes.data?.planes.length === 0 && path !== '/pipeline' && path !== '/explore' ? <First /> : <Outlet />)}
      </main>
    </>
  );
}

function Controls({ held, ranges, comparison, children }: {
  held: boolean;
  ranges: boolean;
  comparison: boolean;
  children: ReactNode;
}) {
  const { search, range, live, tz, set } = usePage();
  const settings = useSettings();
  const [own, setOwn] = useState(() => localStorage.getItem('theme') ?? '');
  const theme = own || (settings.theme ?? 'auto');
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    localStorage.setItem('theme', own);
  }, [theme, own]);
  return (
    <div className="controls">
      {ranges && (
        <select
          aria-label="Range"
          value={range}
          onChange={(event) => set({ range: event.target.value as Range })}
        >
          {Object.keys(RANGES).map((each) => (
            <option key={each} value={each}>last {each}</option>
          ))}
        </select>
      )}
      {comparison && (
        <button
          type="button"
          aria-pressed={search.compare === 'week'}
          onClick={() => set({ compare: search.compare ? undefined : 'week' })}
        >
          vs last week
        </button>
      )}
      {comparison && !held && (
        <button
          type="button"
          aria-pressed={search.asof !== undefined}
          onClick={() => set({ asof: search.asof ? undefined : iso(Date.now() / 1_000) })}
        >
          as of …
        </button>
      )}
      {ranges && !held && <Annotate />}
      <button type="button" aria-pressed={live} onClick={() => set({ live: live ? 'off' : undefined })}>
        <span className={live ? 'pulse' : 'still'} aria-hidden="true" /> Live
      </button>
      <select
        aria-label="Time zone"
        value={tz}
        onChange={({ target }) => set({ tz: target.value === 'local' ? 'local' : 'utc' })}
      >
        <option value="utc">UTC</option>
        <option value="local">Local time</option>
      </select>
      <select aria-label="Colours" value={theme} onChange={(event) => setOwn(event.target.value)}>
        <option value="auto">Auto</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
      {!held && <Saved now={{ time_zone: tz, theme: theme === 'light' || theme === 'dark' ? theme : 'auto' }} />}
      {children}
    </div>
  );
}

const POINT = `curl http://127.0.0.1:4318/v1/metrics -H 'Content-Type: application/json' -d '
{"resourceMetrics": [{
  "resource": {"attributes": [
    {"key": "service.name", "value": {"stringValue": "hello"}},
    {"key": "deployment.environment.name", "value": {"stringValue": "dev"}}]},
  "scopeMetrics": [{"metrics": [{"name": "hello.temperature", "unit": "Cel", "gauge": {"dataPoints": [
    {"timeUnixNano": "'$(date +%s)000000000'", "asDouble": 21.5}]}}]}]}]}'`;

function First() {
  return (
    <section className="first">
      <h2>No point has come yet</h2>
      <p>
        Point an OpenTelemetry SDK or Collector at port 4318 (HTTP) or 4317 (gRPC) of this machine, or send the
        first point by hand; this page shows it within two seconds.
      </p>
      <pre tabIndex={0}>{POINT}</pre>
      <p>For a week of a simulated shop, end this Firn and start <code>./firn demo</code>.</p>
      <p className="fine" role="status">Waiting for the first point …</p>
    </section>
  );
}

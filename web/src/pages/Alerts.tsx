import { ForSoLong, Now } from '../actions';
import type { Alert } from '../api';
import { number, time } from '../format';
import { Failure, Loading, Scroll, State } from '../parts';
import { useAlerts, useSilences } from '../queries';
import { usePage } from '../search';

const WEIGHT: Record<string, number> = { page: 0, ticket: 1, info: 2 };
const SHOWN_MAX = 200;

export function AlertsPage() {
  const { search, set, zone } = usePage();
  const { data, error, refetch } = useAlerts();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="alerts" />;
  const all = search.state === 'all';
  const open = data.alerts.filter((alert) => alert.state !== 'resolved');
  const shown = (all ? data.alerts : open).toSorted(order);
  return (
    <>
      <div className="head">
        <p>{open.length} open, {data.alerts.length - open.length} resolved among the newest {data.alerts.length}.</p>
        <label className="check">
          <input type="checkbox" checked={all} onChange={() => set({ state: all ? undefined : 'all' })} /> resolved, too
        </label>
      </div>
      {shown.length === 0 ? (
        <p className="nothing">Nothing is open. Objectives, data quality, anomalies and budgets raise alerts here.</p>
      ) : (
        <Scroll label="Alerts">
          <table>
            <thead>
              <tr>
                <th>State</th>
                <th>Severity</th>
                <th>Rule</th>
                <th>Where</th>
                <th>What</th>
                <th className="n">Value</th>
                <th className="n">Limit</th>
                <th>Since</th>
                <th>Yours to say</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, SHOWN_MAX).map((alert) => (
                <tr key={alert.id}>
                  <td><State of={alert.state} /></td>
                  <td><State of={alert.severity} /></td>
                  <th scope="row">{alert.source}: {alert.rule}</th>
                  <td>{Object.values(alert.subject).filter(Boolean).join(' / ')}</td>
                  <td className="wide">{alert.summary}</td>
                  <td className="n">{number(alert.value)}</td>
                  <td className="n">{number(alert.threshold)}</td>
                  <td className="when">
                    {time(Date.parse(alert.started_at) / 1_000, zone)}
                    {alert.resolved_at && <><br />until {time(Date.parse(alert.resolved_at) / 1_000, zone)}</>}
                  </td>
                  <td>{alert.state !== 'resolved' && <Silence of={alert} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Silences />
      {shown.length > SHOWN_MAX && <p className="fine">The first {SHOWN_MAX} are shown; all are in the table firn_alerts of Explore.</p>}
    </>
  );
}

function plain(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

/** Labels that an alert has whatever its subject says. */
const GIVEN = ['alertname', 'source', 'severity'];

/** A matcher of Alertmanager's form; line breaks, which would end it, match as any character. */
function matcher([name, value]: readonly [string, string]): string {
  if (/[\r\n]/.test(value)) return `${plain(name)}=~"${value.replaceAll(/[^a-zA-Z0-9]/g, '(?s:.)')}"`;
  return `${plain(name)}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function Silence({ of }: { of: Alert }) {
  const own = Object.entries(of.subject).filter(([name, value]) => value !== '' && !GIVEN.includes(name));
  const matchers = [['alertname', of.rule] as const, ['source', of.source] as const, ...own].map(matcher);
  return (
    <ForSoLong
      label="Silence"
      of={`${of.rule} ${Object.values(of.subject).join(' ')}`}
      task="alerts/silence"
      parameters={{ matchers: matchers.join('\n') }}
      shows="silences"
    >
      <p>Nobody is told of alerts with all of these labels; the alerts go on.</p>
      <pre>{matchers.join('\n')}</pre>
    </ForSoLong>
  );
}

function Silences() {
  const { zone } = usePage();
  const { data, error } = useSilences();
  if (error) return <Failure error={error} />;
  const held = (data?.silences ?? []).filter((one) => one.state !== 'expired');
  if (held.length === 0) return null;
  return (
    <section aria-labelledby="silences">
      <h2 id="silences">Silences</h2>
      <ul>
        {held.map((one) => (
          <li key={one.id}>
            <code>{one.matchers.join(' ')}</code> until {time(Date.parse(one.to) / 1_000, zone)} {one.comment && `(${one.comment})`}{' '}
            <Now label="Take away" of={one.matchers.join(' ')} task="alerts/unsilence" parameters={{ id: String(one.id) }} shows="silences" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function order(a: Alert, b: Alert): number {
  return (
    Number(a.state === 'resolved') - Number(b.state === 'resolved') ||
    (WEIGHT[a.severity] ?? 9) - (WEIGHT[b.severity] ?? 9) ||
    b.started_at.localeCompare(a.started_at)
  );
}

import type { Alert } from '../api';
import { number, time } from '../format';
import { Failure, Loading, Scroll, State } from '../parts';
import { useAlerts } from '../queries';
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
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {shown.length > SHOWN_MAX && <p className="fine">The first {SHOWN_MAX} are shown; all are in the table firn_alerts of Explore.</p>}
    </>
  );
}

function order(a: Alert, b: Alert): number {
  return (
    Number(a.state === 'resolved') - Number(b.state === 'resolved') ||
    (WEIGHT[a.severity] ?? 9) - (WEIGHT[b.severity] ?? 9) ||
    b.started_at.localeCompare(a.started_at)
  );
}

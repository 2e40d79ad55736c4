import type { Objective } from '../api';
import { Chart, type Line } from '../Chart';
import { duration, number, percent, time } from '../format';
import { Failure, Loading, Scroll, State } from '../parts';
import { useObjectives, useTable } from '../queries';
import { usePage } from '../search';

const HISTORY =
  'SELECT toUnixTimestamp(toStartOfHour(evaluated_at)) AS hour, CAST(slo, \'String\') AS objective, ' +
  'if(group_values IN (\'\', \'{}\'), \'\', CAST(group_values, \'String\')) AS belongs, ' +
  'argMax(if(isFinite(budget_left), budget_left, NULL), evaluated_at) AS budget ' +
  'FROM slo_results GROUP BY hour, objective, belongs ORDER BY hour';

const FIRST: Record<string, number> = { breached: 0, undetermined: 1, met: 2 };

export function Slos() {
  const { zone } = usePage();
  const { data, error, refetch } = useObjectives();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="objectives" />;
  if (data.objectives.length === 0) {
    return (
      <p className="nothing">
        No objective is defined. Name OpenSLO files in <code>slo.definitions</code> of the configuration
        (config/slo/http.yaml is one), or add one with <code>./firn slo define</code>.
      </p>
    );
  }
  const sorted = data.objectives.toSorted(
    (a, b) => (FIRST[a.status] ?? 9) - (FIRST[b.status] ?? 9) || name(a).localeCompare(name(b)),
  );
  return (
    <>
      <p className="fine">Counted up to {data.as_of ? time(Date.parse(data.as_of) / 1_000, zone) : 'nothing yet'}.</p>
      <History />
      <div className="cards">
        {sorted.map((one) => (
          <Card key={`${one.slo} ${JSON.stringify(one.group)}`} one={one} />
        ))}
      </div>
    </>
  );
}

/** Budgets left, by hour; results are kept for 35 days. */
function History() {
  const { zone } = usePage();
  const { data, error, refetch } = useTable('slo history', HISTORY, 300);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data || data.data.length === 0) return null;
  const { times, lines } = budgets(data.data);
  return <Chart title="Budget left, 35 days" times={times} lines={lines} format={percent} zone={zone} />;
}

/** Lines over the hours there are, the least left first. */
export function budgets(rows: unknown[][]): { times: number[]; lines: Line[] } {
  const times = [...new Set(rows.map((row) => Number(row[0])))].sort((a, b) => a - b);
  const at = new Map(times.map((when, index) => [when, index]));
  const lines = new Map<string, (number | null)[]>();
  for (const [when, slo, group, left] of rows) {
    const title = group === '' ? String(slo) : `${slo} ${group}`;
    const values = lines.get(title) ?? new Array<number | null>(times.length).fill(null);
    values[at.get(Number(when)) ?? 0] = left === null ? null : Number(left);
    lines.set(title, values);
  }
  const last = (line: Line) => line.values.findLast((value) => value !== null) ?? Number.POSITIVE_INFINITY;
  return { times, lines: [...lines].map(([title, values]) => ({ name: title, values })).toSorted((a, b) => last(a) - last(b)) };
}

function name(one: Objective): string {
  return one.display_name || one.slo;
}

function Card({ one }: { one: Objective }) {
  const left = one.budget.left.estimate;
  const group = Object.values(one.group).join(' / ');
  return (
    <article className={`card ${one.status}`}>
      <div className="head">
        <h2>{name(one)}{group && <small> {group}</small>}</h2>
        <State of={one.status} />
      </div>
      <p>{one.description}</p>
      <dl>
        <div>
          <dt>Good, of {number(one.events.total)}</dt>
          <dd>{percent(one.sli.estimate)}</dd>
        </div>
        <div>
          <dt>Target, {duration(one.window.minutes * 60)}</dt>
          <dd>{percent(one.target)}</dd>
        </div>
        <div>
          <dt>Budget left</dt>
          <dd>{percent(left)}</dd>
        </div>
      </dl>
      {left !== null && (
        <meter min={0} max={1} low={0.1} high={0.4} optimum={1} value={Math.max(0, left)}
          aria-label={`Budget left of ${name(one)} ${group}`} />
      )}
      <p>{forecast(one)}</p>
      {one.advice && <p className="advice">{one.advice}</p>}
      <Scroll label={`Burn rates of ${name(one)} ${group}`}>
        <table>
          <thead>
            <tr>
              <th>Burn rate over</th>
              {one.burn_rates.map((burn) => <th key={burn.window} className="n">{burn.window}</th>)}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">× budget</th>
              {one.burn_rates.map((burn) => (
                <td key={burn.window} className={`n${(burn.rate ?? 0) > 1 ? ' over' : ''}`}>{number(burn.rate)}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </Scroll>
      {one.alerts.some((alert) => alert.state === 'firing') && (
        <p>Alerts: {one.alerts.filter((alert) => alert.state === 'firing').map((alert) => (
          <span key={alert.severity}><State of="firing" /> {alert.severity} </span>))}
        </p>
      )}
    </article>
  );
}

function forecast(one: Objective): string {
  switch (one.exhaustion) {
    case 'spent':
      return 'The budget is spent.';
    case 'ahead':
      return `At the pace of the last hour the budget is spent in ${duration((one.minutes_to_exhaustion ?? 0) * 60)}.`;
    case 'never':
      return 'At the pace of the last hour the budget lasts.';
    default:
      return 'The pace of the last hour is not known.';
  }
}

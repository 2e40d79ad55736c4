import type { Cost, CostGroup } from '../api';
import { number, percent, time } from '../format';
import { Failure, Loading, Scroll, Tile } from '../parts';
import { useCost, useTable } from '../queries';
import { usePage } from '../search';

const BY = {
  environment: 'Environment',
  data_plane_id: 'Plane',
  service_name: 'Service',
  team: 'Team',
  metric_name: 'Metric',
} as const;
type By = keyof typeof BY;
const SHOWN_MAX = 100;
const SAVINGS =
  'SELECT metric_name, label, series, series_without, ifNull(saving, 0) AS saved, arrayStringConcat(label_asked_by, \', \') AS asked ' +
  `FROM v_cost_savings WHERE series_without < series ORDER BY saved DESC, series - series_without DESC LIMIT ${SHOWN_MAX}`;

export function CostPage() {
  const { search, set, zone } = usePage();
  const { data, error, refetch } = useCost();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="costs" />;
  const groups = data.groups ?? [];
  if (data.meters.length === 0 || groups.length === 0) {
    return (
      <p className="nothing">
        Nothing is metered yet: the first figures come with the first hour that is over, and need <code>cost.enabled</code>{' '}
        in the configuration. Prices stand in <code>cost.prices</code> (config/prices.yaml is an example).
      </p>
    );
  }
  const by = search.by ?? 'service_name';
  const currency = data.currency ?? '';
  const all = data.meters.reduce((sum, one) => sum + (one.cost ?? 0), 0);
  const rows = grouped(groups, by);
  return (
    <>
      <p className="fine">
        This month (UTC), metered up to {data.as_of ? time(Date.parse(data.as_of) / 1_000, zone) : 'now'}
        {data.prices && `, at prices “${data.prices}”`}.
      </p>
      {!data.prices && (
        <p className="advice">
          No price list is named, so that nothing has a cost: name one in <code>cost.prices</code> (config/prices.yaml is an example).
        </p>
      )}
      <div className="tiles">
        <Tile name="This month">{money(all, currency)}</Tile>
        {(data.budgets ?? []).map((one) => (
          <Tile key={one.name} name={`Budget ${one.name}`} note={`${money(one.foreseen ?? 0, currency)} foreseen at the month’s end`}>
            {percent((one.spent ?? 0) / (one.monthly ?? Number.NaN))}
          </Tile>
        ))}
      </div>
      <section aria-labelledby="whose">
        <div className="head">
          <h2 id="whose">Whose cost it is</h2>
          <select aria-label="By" value={by} onChange={({ target }) => set({ by: target.value as By })}>
            {Object.entries(BY).map(([key, label]) => <option key={key} value={key}>by {label.toLowerCase()}</option>)}
          </select>
        </div>
        <Scroll label="Whose cost it is">
          <table>
            <thead>
              <tr>
                <th>{BY[by]}</th>
                <th className="n">Points</th>
                <th className="n">Cost, {currency}</th>
                <th className="n">Share</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, SHOWN_MAX).map(({ name, points, cost }) => (
                <tr key={name}>
                  <th scope="row">{name || '(none)'}</th>
                  <td className="n">{number(points)}</td>
                  <td className="n" data-cost={cost}>{number(cost)}</td>
                  <td className="n">{percent(cost / all)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p className="fine">
          Of the {groups.length} dearest groups; names in __ are no metric’s: overhead, idle and what nobody could be found for.
        </p>
      </section>
      <Meters cost={data} />
      <Unasked cost={data} />
      <Savings currency={currency} />
    </>
  );
}

function money(value: number, currency: string): string {
  return `${number(value)} ${currency}`;
}

interface Sum {
  name: string;
  points: number;
  cost: number;
}

function grouped(groups: CostGroup[], by: By): Sum[] {
  const sums = new Map<string, Sum>();
  for (const one of groups) {
    const name = one[by] || (one.metric_name?.startsWith('__') ? one.metric_name : '');
    const sum = sums.get(name) ?? { name, points: 0, cost: 0 };
    sum.points += Number(one['points'] ?? 0);
    sum.cost += one.cost ?? 0;
    sums.set(name, sum);
  }
  return [...sums.values()].toSorted((a, b) => b.cost - a.cost || b.points - a.points);
}

function Meters({ cost }: { cost: Cost }) {
  return (
    <section aria-labelledby="meters">
      <h2 id="meters">Meters</h2>
      <Scroll label="Meters">
        <table>
          <thead>
            <tr>
              <th>Meter</th>
              <th className="n">Quantity</th>
              <th>Unit</th>
              <th className="n">Attributed</th>
              <th className="n">Overhead and idle</th>
              <th className="n">Unattributed</th>
              <th className="n">Cost, {cost.currency}</th>
            </tr>
          </thead>
          <tbody>
            {cost.meters.map((one) => {
              const whole = one.quantity || Number.NaN;
              return (
                <tr key={one.meter}>
                  <th scope="row">{one.meter}</th>
                  <td className="n">{number(one.quantity)}</td>
                  <td>{one.unit}</td>
                  <td className="n">{percent((one.attributed ?? 0) / whole)}</td>
                  <td className="n">{percent(((one.overhead ?? 0) + (one.idle ?? 0)) / whole)}</td>
                  <td className="n">{percent((one.unattributed ?? 0) / whole)}</td>
                  <td className="n">{number(one.cost)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Unasked({ cost }: { cost: Cost }) {
  const unasked = cost.unasked ?? [];
  return (
    <section aria-labelledby="unasked">
      <h2 id="unasked">Metrics that nobody asked for</h2>
      {unasked.length === 0 ? (
        <p className="nothing">Each was asked for by name within 30 days, or counting has just begun.</p>
      ) : (
        <Scroll label="Metrics that nobody asked for">
          <table>
            <thead>
              <tr>
                <th>Metric</th>
                <th className="n">Series</th>
                <th className="n">Cost, {cost.currency}</th>
              </tr>
            </thead>
            <tbody>
              {unasked.slice(0, SHOWN_MAX).map((one) => (
                <tr key={one.metric_name}>
                  <th scope="row">{one.metric_name}</th>
                  <td className="n">{number(one.series)}</td>
                  <td className="n">{number(one.cost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

/** What each label costs: of the metrics' series, those that are there for it alone. */
function Savings({ currency }: { currency: string }) {
  const { data, error, refetch } = useTable('cost savings', SAVINGS, 300);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return null;
  return (
    <section aria-labelledby="savings">
      <h2 id="savings">What dropping a label would save</h2>
      {data.data.length === 0 ? (
        <p className="nothing">No label makes series of its own.</p>
      ) : (
        <Scroll label="What dropping a label would save">
          <table>
            <thead>
              <tr>
                <th>Metric</th>
                <th>Label</th>
                <th className="n">Series</th>
                <th className="n">Without it</th>
                <th className="n">Saved this month, {currency}</th>
                <th>Asked for by</th>
              </tr>
            </thead>
            <tbody>
              {data.data.map(([metric, label, series, without, saving, asked]) => (
                <tr key={`${metric} ${label}`}>
                  <th scope="row">{String(metric)}</th>
                  <td>{String(label)}</td>
                  <td className="n">{number(Number(series))}</td>
                  <td className="n">{number(Number(without))}</td>
                  <td className="n" data-saving={Number(saving)}>{number(Number(saving))}</td>
                  <td className="wide">{String(asked) || 'nobody in 30 days'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <p className="fine">The series are added up, as <code>./firn report cost --savings</code> and the view v_cost_savings tell.</p>
    </section>
  );
}

import type { Forecast } from '../api';
import { Chart } from '../Chart';
import { bytes, number, percent, time } from '../format';
import { Failure, Loading, Tile } from '../parts';
import type { Origin } from '../Point';
import { useForecasts } from '../queries';
import { usePage } from '../search';
import { conditions } from '../series';

const CHARTS_MAX = 12;
const SIGNALS = ['requests', 'active_series', 'storage', 'disk', 'cost'];

export function ForecastPage() {
  const { search, set, zone } = usePage();
  const { data, error, refetch } = useForecasts();
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="forecasts" />;
  const signal = search.signal ?? 'requests';
  const names = [...new Set([...SIGNALS, ...data.budgets.map((one) => `budget/${one.name}`), signal])];
  const shown = data.forecasts.filter((one) => search.env === undefined || one.environment === search.env);
  return (
    <>
      <div className="head">
        <select aria-label="Signal" value={signal} onChange={({ target }) => set({ signal: target.value })}>
          {names.map((each) => <option key={each}>{each}</option>)}
        </select>
        <select
          aria-label="Step"
          value={search.step ?? 'day'}
          onChange={({ target }) => set({ step: target.value === 'hour' ? 'hour' : undefined })}
        >
          <option value="day">by day</option>
          <option value="hour">by hour</option>
        </select>
      </div>
      <div className="tiles">
        <Tile
          name="Disk"
          note={data.disk_days_to_full === undefined ? 'not full within 90 days, or not known' : `full in ${data.disk_days_to_full} days`}
        >
          {bytes(data.disk_free_bytes)} free
        </Tile>
        {data.budgets.map((one) => (
          <Tile
            key={one.name}
            name={`Budget ${one.name}`}
            note={one.used_up ? `used up on ${one.used_up}` : `${number(one.foreseen)} foreseen at the month’s end`}
          >
            {number(one.spent)} of {number(one.monthly)}
          </Tile>
        ))}
      </div>
      {shown.length === 0 ? (
        <p className="nothing">
          Nothing is forecast of {signal} by {search.step ?? 'day'} yet: it takes some days of history that has settled for minutes, and{' '}
          <code>forecast.enabled</code> in the configuration. <code>./firn demo --history 30d</code> has enough.
        </p>
      ) : (
        <section aria-label="Forecasts" className="charts">
          {shown.slice(0, CHARTS_MAX).map((one) => (
            <One key={`${one.environment} ${one.service_name}`} of={one} zone={zone} />
          ))}
        </section>
      )}
      {shown.length > CHARTS_MAX && (
        <p className="fine">The first {CHARTS_MAX} of {shown.length} are shown; all are in the table forecasts of Explore.</p>
      )}
    </>
  );
}

/** A point leads to all that was ever forecast of its time, how it changed and who was right. */
export function origin({ signal, step, environment, service_name, issued_at }: Forecast): Origin {
  const found = conditions({ signal, step, environment, service_name });
  return {
    sql: `SELECT target_time, value, low80, high80, low95, high95 FROM forecasts FINAL
WHERE ${found} AND issued_at = toDateTime(${Date.parse(issued_at) / 1_000}, 'UTC')
ORDER BY target_time`,
    name: 'All forecasts of this time',
    of: (_line, when) => `SELECT issued_at, model, value, low80, high80, low95, high95 FROM forecasts FINAL
WHERE ${found} AND target_time = toDateTime(${when}, 'UTC')
ORDER BY issued_at DESC`,
  };
}

function One({ of, zone }: { of: Forecast; zone: string }) {
  const name = [of.environment, of.service_name].filter(Boolean).join(' / ') || 'everything';
  const line = (key: 'value' | 'low80' | 'high80' | 'low95' | 'high95') => of.values.map((value) => value[key] ?? null);
  return (
    <div>
      <Chart
        title={`${of.signal} of ${name}`}
        times={of.values.map((value) => Date.parse(value.target_time) / 1_000)}
        zone={zone}
        format={number}
        origin={origin(of)}
        lines={[
          { name: 'forecast', values: line('value') },
          { name: '95 %: at most', values: line('high95'), against: 0 },
          { name: '95 %: at least', values: line('low95'), against: 0 },
          { name: '80 %: at most', values: line('high80'), against: 0 },
          { name: '80 %: at least', values: line('low80'), against: 0 },
        ]}
      />
      <p className="fine">
        Model {of.model}, issued {time(Date.parse(of.issued_at) / 1_000, zone)}.{' '}
        {of.holdout_mase === undefined || of.holdout_mase === null
          ? 'Its error in back-tests is not known yet.'
          : `Error in back-tests: ${number(of.holdout_mase)} (the week before would be 1).`}{' '}
        {of.forecasts_judged === 0
          ? 'None has come true yet.'
          : `Of ${of.forecasts_judged} so far ${percent(of.covered95)} lay within 95 %, ${percent(of.covered80)} within 80 %.`}
      </p>
    </div>
  );
}

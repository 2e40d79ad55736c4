import { time } from './format';
import { usePlanes } from './queries';
import { iso, usePage } from './search';

/** As a field for dates has it: without a zone. */
export function written(asof: string, tz: 'local' | 'utc'): string {
  const at = new Date(asof);
  return iso(at.getTime() / 1_000 - (tz === 'utc' ? 0 : at.getTimezoneOffset() * 60)).slice(0, 19);
}

/** What a field for dates says; undefined while it is not whole. */
export function meant(value: string, tz: 'local' | 'utc'): string | undefined {
  const millis = Date.parse(tz === 'utc' ? `${value}Z` : value);
  return Number.isNaN(millis) ? undefined : iso(millis / 1_000);
}

/** Says that the page shows what was known at some time, and leads to others and back to now. */
export function Past({ asof }: { asof: string }) {
  const { tz, zone, set } = usePage();
  const { data } = usePlanes(asof);
  const commit = data?.as_of?.committed;
  return (
    <section className="past" aria-label="What was known">
      <label>
        As of{' '}
        <input
          type="datetime-local"
          step="1"
          defaultValue={written(asof, tz)}
          key={`${asof} ${tz}`}
          onBlur={({ target }) => set({ asof: meant(target.value, tz) ?? asof })}
          onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
        />
      </label>{' '}
      ({zone}): what the lake held then
      {typeof commit === 'number' && `, its commit of ${time(commit, zone)}`}
      {commit === null && ', which was nothing'}. Alerts, objectives and the pipeline are not shown: they are of now.{' '}
      <button type="button" onClick={() => set({ asof: undefined })}>Back to now</button>
    </section>
  );
}

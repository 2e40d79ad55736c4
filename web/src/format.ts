const NONE = '–';

/** Three digits that matter: 0.0123, 1.23, 12.3, 123, 1.2 k. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  for (const [limit, unit] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e4, 'k']] as const) {
    if (size >= limit) {
      const scale = unit === 'k' ? 1e3 : limit;
      return `${(value / scale).toFixed(size / scale >= 100 ? 0 : 1)} ${unit}`;
    }
  }
  if (size >= 100 || value === 0) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NONE;
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  // Close to the whole, as many nines as there are.
  if (value > 99 && value < 100) {
    return `${value.toFixed(Math.min(5, Math.max(2, Math.ceil(-Math.log10(100 - value) - 1e-6))))} %`;
  }
  return `${value.toFixed(Math.abs(value) >= 10 ? 1 : 2)} %`;
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  if (seconds >= 86_400 * 2) return `${(seconds / 86_400).toFixed(1)} d`;
  if (seconds >= 7_200) return `${(seconds / 3_600).toFixed(1)} h`;
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  if (seconds >= 10) return `${seconds.toFixed(0)} s`;
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const millis = seconds * 1_000;
  return `${millis >= 10 ? millis.toFixed(0) : millis.toFixed(1)} ms`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let left = value;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit++;
  }
  return `${unit === 0 ? left : left.toFixed(1)} ${units[unit]}`;
}

export function time(seconds: number, zone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(seconds * 1_000);
  return zone === 'UTC' ? `${text} UTC` : text;
}

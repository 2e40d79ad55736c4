import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { save } from './actions';
import { time } from './format';
import { Marks, place, useAnnotations } from './Notes';
import { nearest, type Origin, Point } from './Point';
import { WEEK, type Labels } from './series';
import { type Dot, Dots } from './Traces';
import { again, BIND, gestures, near, renew, showWhole, type Part, SYNC } from './zoom';

export interface Line {
  name: string;
  values: (number | null)[];
  /** Of what it is. */
  labels?: Labels;
  /** Seconds by which its times are shown too late. */
  before?: number;
  /** The line that this one is to be held against: it has its colour, and is dotted. */
  against?: number;
}

interface Props {
  title: string;
  times: number[];
  lines: Line[];
  format: (value: number | null | undefined) => string;
  zone: string;
  /** Where its points lead. */
  origin?: Origin | undefined;
  dots?: Dot[] | undefined;
}

// A tick's least distance in seconds, its text, and what stands below where year, month or day change.
const TICKS: (number | string | null)[][] = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [2_419_200, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{MMM} {D}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MMM} {D}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{MMM} {D}', null, null, null, 1],
];
const LINES_MAX = 12;

/** Lines, each with what it is to be held against where that is known. */
export function against(lines: Line[], before: Line[]): Line[] {
  const held = lines.flatMap((line, index) => {
    const then = before.find((each) => each.name === line.name);
    if (then === undefined) return [];
    return [{ ...then, name: `${line.name}, a week before`, before: WEEK, against: index }];
  });
  return [...lines, ...held];
}

const DASHES = [[], [8, 4], [2, 3]];

function dashes(line: Line, index: number): number[] {
  return (line.against === undefined ? DASHES[Math.floor(index / 6) % 3] : DASHES[2]) ?? [];
}

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Six colours that colour-blind people tell apart; dashes where they begin again. */
export function colour(index: number): string {
  return `var(--line-${(index % 6) + 1})`;
}

/** Changes with the page's colours, which a canvas does not follow by itself. */
export function useTheme(): string {
  const [theme, setTheme] = useState('');
  useEffect(() => {
    const look = () => setTheme(variable('--text') + getComputedStyle(document.body).color);
    look();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', look);
    const observer = new MutationObserver(look);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      dark.removeEventListener('change', look);
      observer.disconnect();
    };
  }, []);
  return theme;
}

/** How high a plot is. */
export const HEIGHT = 190;

/** The two axes of all plots. */
export function axes(format: Props['format']): uPlot.Axis[] {
  const probe = getComputedStyle(document.getElementById('colours') ?? document.body);
  const axis = { stroke: probe.color, grid: { stroke: probe.borderTopColor, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  return [
    { ...axis, size: 34, values: TICKS },
    { ...axis, size: 62, values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : format(tick))) },
  ];
}

/** Keeps a plot as wide as what it stands in, until it is to go. */
export function keep(plot: uPlot, element: HTMLElement): () => void {
  const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
  resize.observe(element);
  return () => {
    resize.disconnect();
    plot.destroy();
  };
}

function options(
  props: Props,
  width: number,
  onCursor: (at: number | null) => void,
  onDraw: (plot: uPlot) => void,
  onNear: (part: boolean) => void,
): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: SYNC }, bind: BIND, drag: { x: true, y: false }, points: { size: 6 } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1_000), props.zone),
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: axes(props.format),
    series: [
      {},
      ...props.lines.map((line, index) => ({
        label: line.name,
        stroke: ink(line.against ?? index),
        width: line.against === undefined ? 1.75 : 1.25,
        dash: dashes(line, index),
        points: { show: alone(line.values) },
      })),
    ],
    hooks: {
      init: [gestures],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      setScale: [(plot) => onNear(near(plot) !== null)],
      draw: [onDraw],
    },
  };
}

/** The colour of a line where no variable can stand. */
export function ink(index: number): string {
  return variable(`--line-${(index % 6) + 1}-${dark() ? 'dark' : 'light'}`);
}

function dark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Whether a point stands without neighbours, which no line would show. */
function alone(values: (number | null)[]): boolean {
  return values.some(
    (value, at) => value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null,
  );
}

function newest(values: (number | null)[]): number {
  return values.findLastIndex((value) => value !== null);
}

function last(values: (number | null)[]): number | null {
  return values[newest(values)] ?? null;
}

export function Chart(props: Props) {
  const most = props.lines.some((line) => line.against !== undefined) ? LINES_MAX / 2 : LINES_MAX;
  const lines = props.lines.filter((line, index) => (line.against ?? index) < most);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marks = useRef<HTMLDivElement>(null);
  const notes = useAnnotations(props.times);
  const [cursor, setCursor] = useState<number | null>(null);
  const [part, setPart] = useState(false);
  const looked = useRef<Part | null>(null);
  const [picked, setPicked] = useState<{ name: string; when: number } | null>(null);
  const theme = useTheme();
  const names = lines.map((line) => line.name).join('\u0000');
  const shown = { ...props, lines };
  const latest = useRef(shown);
  latest.current = shown;

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const now = latest.current;
    const made = new uPlot(
      options(now, element.clientWidth, setCursor, (each) => place(each, marks.current), setPart),
      [now.times, ...now.lines.map((line) => line.values)],
      element,
    );
    plot.current = made;
    again(made, looked.current);
    const end = keep(made, element);
    made.over.addEventListener('click', () => pickNearest(made));
    return () => {
      looked.current = near(made);
      end();
      plot.current = null;
    };
  }, [names, props.zone, theme]);

  const pick = (name: string | undefined, at: number) => {
    const when = latest.current.times[at];
    if (latest.current.origin !== undefined && name !== undefined && when !== undefined) setPicked({ name, when });
  };
  const pickNearest = (made: uPlot) => {
    const { idx, top = 0 } = made.cursor;
    if (idx === null || idx === undefined) return;
    const found = nearest(latest.current.lines, idx, made.posToVal(top, 'y'));
    if (found !== null) pick(latest.current.lines[found]?.name, idx);
  };

  const data = useMemo(
    () => [props.times, ...lines.map((line) => line.values)] as uPlot.AlignedData,
    [props.times, props.lines],
  );
  useEffect(() => {
    if (plot.current !== null) renew(plot.current, data);
  }, [data]);

  const at = cursor !== null && cursor < props.times.length ? cursor : null;
  const when = at === null ? undefined : props.times[at];
  const chosen = picked === null ? undefined : lines.find((line) => line.name === picked.name);
  const spot = picked === null ? -1 : props.times.indexOf(picked.when);
  const summary = lines.map((line) => `${line.name} ${props.format(last(line.values))}`).join(', ');
  return (
    <figure className="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <span className="when">{when === undefined ? 'newest' : time(when, props.zone)}</span>
        {part && <button type="button" className="whole" aria-label={`All of the time of: ${props.title}`} onClick={() => plot.current && showWhole(plot.current)}>All</button>}
        <button type="button" className="picture" aria-label={`PNG of: ${props.title}`} onClick={() => plot.current && picture(plot.current, props.title)}>PNG</button>
      </figcaption>
      <div className="plot">
        <div ref={host} role="img" aria-label={`${props.title}; newest: ${summary}`} />
        <Marks notes={notes} marks={marks} plot={plot} zone={props.zone}>
          {props.dots && <Dots dots={props.dots} zone={props.zone} />}
        </Marks>
      </div>
      {props.origin && picked && chosen && spot >= 0 && (
        <Point
          line={chosen}
          at={spot}
          when={picked.when}
          zone={props.zone}
          format={props.format}
          origin={props.origin}
          go={(next) => pick(picked.name, next)}
          close={() => setPicked(null)}
        />
      )}
      <ul className="legend">
        {lines.map((line, index) => (
          <li key={line.name}>
            <Swatch line={line} index={index} />
            {props.origin ? (
              <button type="button" className="name" title="Show the newest point" onClick={() => pick(line.name, newest(line.values))}>{line.name}</button>
            ) : (
              <span className="name">{line.name}</span>
            )}
            <b>{props.format(at === null ? last(line.values) : line.values[at])}</b>
          </li>
        ))}
        {props.lines.length > lines.length && <li>and {props.lines.length - lines.length} more, in the table</li>}
      </ul>
    </figure>
  );
}

/** A plot as a PNG with its title and a ground of its own; the page's legend is not in it. */
function picture(plot: uPlot, title: string) {
  const { canvas } = plot.ctx;
  const room = Math.round(28 * devicePixelRatio);
  const whole = document.createElement('canvas');
  whole.width = canvas.width;
  whole.height = canvas.height + room;
  const ctx = whole.getContext('2d');
  if (ctx === null) return;
  const style = getComputedStyle(plot.root.closest('figure') ?? document.body);
  ctx.fillStyle = style.backgroundColor;
  ctx.fillRect(0, 0, whole.width, whole.height);
  ctx.fillStyle = style.color;
  ctx.font = `600 ${14 * devicePixelRatio}px system-ui`;
  ctx.fillText(title, 8 * devicePixelRatio, room * 0.7);
  ctx.drawImage(canvas, 0, room);
  whole.toBlob((blob) => blob && save(blob, `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.png`), 'image/png');
}

function Swatch({ line, index }: { line: Line; index: number }) {
  return (
    <svg className="swatch" viewBox="0 0 22 6" aria-hidden="true">
      <line x1="0" x2="22" y1="3" y2="3" stroke={colour(line.against ?? index)} strokeWidth="3" strokeDasharray={dashes(line, index).join(' ')} />
    </svg>
  );
}

/** A line without axes, for a row of a table. */
export function Spark({ values }: { values: (number | null)[] }) {
  const high = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const parts: string[] = [];
  let open = false;
  values.forEach((value, at) => {
    if (value === null) {
      open = false;
      return;
    }
    const x = (at / Math.max(1, values.length - 1)) * 120;
    parts.push(`${open ? 'L' : 'M'}${x.toFixed(1)} ${(23 - (value / high) * 21).toFixed(1)}`);
    open = true;
  });
  return (
    <svg className="spark" viewBox="0 0 120 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={parts.join('')} />
    </svg>
  );
}

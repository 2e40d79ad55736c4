import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { axes, HEIGHT, ink, keep, type Line, useTheme } from './Chart';
import { duration, time } from './format';
import { Marks, place, useAnnotations } from './Notes';
import { type Origin, Point } from './Point';
import { lower, type Heat } from './series';
import { type Dot, Dots } from './Traces';
import { again, BIND, gestures, near, type Part, SYNC } from './zoom';

interface Props {
  title: string;
  heat: Heat;
  zone: string;
  dots?: Dot[] | undefined;
  /** Where its cells lead. */
  origin?: Origin | undefined;
}

interface Cell {
  at: number;
  place: number;
}

/** The faintest cell is seen, and a tenth of the most is no tenth of the colour. */
const FAINTEST = 0.12;

function draw(plot: uPlot, heat: Heat) {
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  ctx.fillStyle = ink(0);
  heat.counts.forEach((window, index) => {
    const start = heat.times[index] ?? 0;
    const left = Math.floor(plot.valToPos(start, 'x', true));
    const right = Math.floor(plot.valToPos(start + heat.resolution, 'x', true));
    for (const [place, requests] of window) {
      const bottom = Math.round(plot.valToPos(lower(place), 'y', true));
      const top = Math.round(plot.valToPos(lower(place + 1), 'y', true));
      ctx.globalAlpha = FAINTEST + (1 - FAINTEST) * Math.sqrt(requests / heat.most);
      ctx.fillRect(left, top, Math.max(1, right - left), bottom - top);
    }
  });
  ctx.restore();
}

/** Round values on a logarithmic axis, the more the less it spans. */
function ticks(low: number, high: number): number[] {
  const steps = high / low > 1_000 ? [1] : [1, 2, 5];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const step of steps) found.push(step * 10 ** power);
  }
  return found.filter((tick) => tick >= low && tick <= high);
}

/** The cell below the pointer. */
function under(plot: uPlot, heat: Heat): Cell | null {
  const { left = -1, top = -1 } = plot.cursor;
  const at = heat.times.findLastIndex((start) => start <= plot.posToVal(left, 'x'));
  return left >= 0 && top >= 0 && at >= 0 ? { at, place: Math.floor(2 * Math.log2(plot.posToVal(top, 'y'))) } : null;
}

function options(
  props: Props,
  width: number,
  onCell: (cell: Cell | null) => void,
  onDraw: (plot: uPlot) => void,
): uPlot.Options {
  const { heat, zone } = props;
  const [across, up] = axes(duration);
  const end = (heat.times.at(-1) ?? 0) + heat.resolution;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: SYNC }, bind: BIND, drag: { x: true, y: false }, points: { show: false } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1_000), zone),
    scales: {
      x: { time: true, range: (_plot, low, high) => [low, high === heat.times.at(-1) ? end : high] },
      y: { distr: 3, range: [lower(heat.low), lower(heat.high + 1)] },
    },
    axes: [across ?? {}, { ...up, splits: (_plot, _axis, low, high) => ticks(low, high) }],
    series: [{}, { label: props.title }],
    hooks: {
      init: [gestures],
      draw: [(plot) => draw(plot, heat), onDraw],
      setCursor: [
        (plot) => onCell(under(plot, heat)),
      ],
    },
  };
}

function between(place: number, heat: Heat): string {
  const end = duration(lower(place + 1));
  return place === heat.low && heat.less ? `less than ${end}` : `${duration(lower(place))} to ${end}`;
}

/** Where most requests of the newest window with any are; null where there are none. */
function newest(heat: Heat): Cell | null {
  const at = heat.counts.findLastIndex((each) => each.size > 0);
  const window = heat.counts[at];
  if (window === undefined) return null;
  const [place] = [...window].reduce((most, each) => (each[1] > most[1] ? each : most));
  return { at, place };
}

function summary(heat: Heat): string {
  const cell = newest(heat);
  return cell === null ? 'none' : `most take ${between(cell.place, heat)}`;
}

/** The cells of one height as a line, along which one may go. */
function row(heat: Heat, place: number): Line {
  return { name: between(place, heat), values: heat.counts.map((window) => window.get(place) ?? null) };
}

function requestsOf(count: number | null | undefined): string {
  return `${(count ?? 0).toLocaleString('en')} requests`;
}

/** How many requests took how long: a column a window, the darker the more. */
export function Heatmap(props: Props) {
  const { title, heat, zone } = props;
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const marks = useRef<HTMLDivElement>(null);
  const notes = useAnnotations(heat.times);
  const [cell, setCell] = useState<Cell | null>(null);
  const looked = useRef<Part | null>(null);
  const theme = useTheme();
  const [picked, setPicked] = useState<{ place: number; when: number } | null>(null);
  const pick = (cell: Cell | null) => {
    const when = cell === null ? undefined : heat.times[cell.at];
    if (cell !== null && when !== undefined && heat.counts[cell.at]?.has(cell.place)) setPicked({ place: cell.place, when });
  };
  useEffect(() => {
    const element = host.current;
    if (element === null || heat.most === 0) return;
    const plot = new uPlot(
      options(props, element.clientWidth, setCell, (each) => place(each, marks.current)),
      [heat.times, heat.times.map(() => null)],
      element,
    );
    drawn.current = plot;
    again(plot, looked.current);
    const end = keep(plot, element);
    if (props.origin !== undefined) plot.over.addEventListener('click', () => pick(under(plot, heat)));
    return () => {
      drawn.current = null;
      looked.current = near(plot);
      end();
    };
  }, [heat, zone, theme, props.origin === undefined]);
  const when = cell === null ? undefined : heat.times[cell.at];
  const chosen = picked && { ...picked, ...row(heat, picked.place) };
  const spot = picked === null ? -1 : heat.times.indexOf(picked.when);
  const requests = cell === null ? 0 : (heat.counts[cell.at]?.get(cell.place) ?? 0);
  return (
    <figure className="chart">
      <figcaption>
        <h3>{title}</h3>
        <span className="when">{when === undefined ? 'each column a window' : time(when, zone)}</span>
      </figcaption>
      <div className="plot">
        <div ref={host} role="img" aria-label={`${title}; newest: ${summary(heat)}`} />
        <Marks notes={notes} marks={marks} plot={drawn} zone={zone}>
          {props.dots && <Dots dots={props.dots} zone={zone} />}
        </Marks>
      </div>
      {props.origin && chosen && spot >= 0 && (
        <Point
          line={chosen}
          at={spot}
          when={chosen.when}
          zone={zone}
          format={requestsOf}
          origin={props.origin}
          go={(at) => pick({ at, place: chosen.place })}
          close={() => setPicked(null)}
        />
      )}
      <p className="fine">
        {!heat.complete && 'Too much to show: the end is left out. '}
        {cell === null
          ? `The darkest: ${requestsOf(heat.most)} of a window; ${summary(heat)} now`
          : `${requestsOf(requests)} took ${between(cell.place, heat)}`}
        {props.origin && <button type="button" className="whole" onClick={() => pick(newest(heat))}>Newest</button>}
      </p>
    </figure>
  );
}

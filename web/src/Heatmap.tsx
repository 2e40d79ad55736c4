import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { axes, HEIGHT, ink, keep, useTheme } from './Chart';
import { duration, time } from './format';
import { Marks, place, useAnnotations } from './Notes';
import { lower, type Heat } from './series';
import { type Dot, Dots } from './Traces';

interface Props {
  title: string;
  heat: Heat;
  zone: string;
  dots?: Dot[] | undefined;
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
    cursor: { sync: { key: 'time' }, drag: { x: true, y: false }, points: { show: false } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1_000), zone),
    scales: {
      x: { time: true, range: (_plot, low, high) => [low, high === heat.times.at(-1) ? end : high] },
      y: { distr: 3, range: [lower(heat.low), lower(heat.high + 1)] },
    },
    axes: [across ?? {}, { ...up, splits: (_plot, _axis, low, high) => ticks(low, high) }],
    series: [{}, { label: props.title }],
    hooks: {
      draw: [(plot) => draw(plot, heat), onDraw],
      setCursor: [
        (plot) => {
          const { left = -1, top = -1 } = plot.cursor;
          const at = heat.times.findLastIndex((start) => start <= plot.posToVal(left, 'x'));
          const inside = left >= 0 && top >= 0 && at >= 0;
          onCell(inside ? { at, place: Math.floor(2 * Math.log2(plot.posToVal(top, 'y'))) } : null);
        },
      ],
    },
  };
}

function between(place: number, heat: Heat): string {
  const end = duration(lower(place + 1));
  return place === heat.low && heat.less ? `less than ${end}` : `${duration(lower(place))} to ${end}`;
}

/** Where most requests of the newest window with any are. */
function summary(heat: Heat): string {
  const window = heat.counts.findLast((each) => each.size > 0);
  if (window === undefined) return 'none';
  const [place] = [...window].reduce((most, each) => (each[1] > most[1] ? each : most));
  return `most take ${between(place, heat)}`;
}

/** How many requests took how long: a column a window, the darker the more. */
export function Heatmap(props: Props) {
  const { title, heat, zone } = props;
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const marks = useRef<HTMLDivElement>(null);
  const notes = useAnnotations(heat.times);
  const [cell, setCell] = useState<Cell | null>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = host.current;
    if (element === null || heat.most === 0) return;
    const plot = new uPlot(
      options(props, element.clientWidth, setCell, (each) => place(each, marks.current)),
      [heat.times, heat.times.map(() => null)],
      element,
    );
    drawn.current = plot;
    const end = keep(plot, element);
    return () => {
      drawn.current = null;
      end();
    };
  }, [heat, zone, theme]);
  const when = cell === null ? undefined : heat.times[cell.at];
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
      <p className="fine">
        {!heat.complete && 'Too much to show: the end is left out. '}
        {cell === null
          ? `The darkest: ${heat.most.toLocaleString('en')} requests of a window; ${summary(heat)} now`
          : `${requests.toLocaleString('en')} requests took ${between(cell.place, heat)}`}
      </p>
    </figure>
  );
}

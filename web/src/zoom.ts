import uPlot from 'uplot';

/** From when to when. */
export type Span = readonly [number, number];

/** Charts of a page are over the same time, and go along it together. */
export const SYNC = 'time';

/** No nearer than so many times the whole. */
const ZOOM_MAX = 10_000;

/** Of the wheel's pixels: so many halve or double the span. */
const WHEEL = 240;

/** A span, later by so much but never past the ends of the whole. */
export function panned([from, to]: Span, [first, last]: Span, by: number): Span {
  const held = Math.max(first - from, Math.min(last - to, by));
  return to - from >= last - first ? [first, last] : [from + held, to + held];
}

/** A span of so many times its length around a time that stays where it is. */
export function zoomed([from, to]: Span, [first, last]: Span, at: number, times: number): Span {
  const length = Math.max((last - first) / ZOOM_MAX, (to - from) * times);
  if (length >= last - first) return [first, last];
  const start = at - ((at - from) / (to - from)) * length;
  return panned([start, start + length], [first, last], 0);
}

/** A part of the times, and what was the whole then. */
export interface Part {
  span: Span;
  whole: Span;
}

function ends(times: ArrayLike<number>): Span {
  return [times[0] ?? 0, times[times.length - 1] ?? 0];
}

function whole(plot: uPlot): Span {
  return ends(plot.data[0]);
}

function shown(plot: uPlot): Span {
  const { min, max } = plot.scales['x'] ?? {};
  return [min ?? 0, max ?? 0];
}

/** The part of the times that is shown; null where it is all. */
export function near(plot: uPlot): Part | null {
  const [span, all] = [shown(plot), whole(plot)];
  return span[0] > all[0] || span[1] < all[1] ? { span, whole: all } : null;
}

/** Whether somebody who looks at a part goes on looking at it: the whole has moved on, but is no other range. */
export function stays({ span, whole: [from, to] }: Part, [first, last]: Span): boolean {
  const change = Math.abs(last - first - (to - from));
  return change < 0.1 * (to - from) && span[1] > first && span[0] < last;
}

function showAll([min, max]: Span) {
  for (const plot of uPlot.sync(SYNC).plots) plot.setScale('x', { min, max });
}

/** Shows the whole again, on all charts of the page. */
export function showWhole(plot: uPlot) {
  showAll(whole(plot));
}

/** What a plot that takes another's place begins with. */
export function again(plot: uPlot, part: Part | null) {
  if (part !== null && stays(part, whole(plot))) plot.setScale('x', { min: part.span[0], max: part.span[1] });
}

/** New data; who looks at a part of the times goes on looking at it. */
export function renew(plot: uPlot, data: uPlot.AlignedData) {
  const part = near(plot);
  if (part === null || !stays(part, ends(data[0]))) {
    plot.setData(data);
    return;
  }
  plot.batch(() => {
    plot.setData(data, false);
    plot.redraw();
  });
}

/** A drag zooms in, except with Shift, where it pans. */
export const BIND: uPlot.Cursor.Bind = {
  mousedown: (_plot, _target, handler) => (event) => {
    if (event.button === 0 && !event.shiftKey) handler(event);
    return null;
  },
};

/** Shift and a drag, or a wheel sideways, pan; Ctrl and a wheel zoom. */
export function gestures(plot: uPlot) {
  const { over } = plot;
  const seconds = (pixels: number) => {
    const [from, to] = shown(plot);
    return (pixels / over.clientWidth) * (to - from);
  };
  over.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.shiftKey || near(plot) === null) return;
    over.setPointerCapture(event.pointerId);
    const [start, span] = [event.clientX, shown(plot)];
    const move = ({ clientX }: PointerEvent) => showAll(panned(span, whole(plot), seconds(start - clientX)));
    const end = () => {
      over.removeEventListener('pointermove', move);
      over.classList.remove('panning');
    };
    over.classList.add('panning');
    over.addEventListener('pointermove', move);
    over.addEventListener('pointerup', end, { once: true });
    over.addEventListener('pointercancel', end, { once: true });
  });
  over.addEventListener(
    'wheel',
    (event) => {
      const { ctrlKey, deltaX, deltaY } = event;
      if (ctrlKey) {
        event.preventDefault();
        const at = plot.posToVal(event.clientX - over.getBoundingClientRect().left, 'x');
        showAll(zoomed(shown(plot), whole(plot), at, 2 ** (deltaY / WHEEL)));
      } else if (Math.abs(deltaX) > Math.abs(deltaY) && near(plot) !== null) {
        event.preventDefault();
        showAll(panned(shown(plot), whole(plot), seconds(deltaX)));
      }
    },
    { passive: false },
  );
}

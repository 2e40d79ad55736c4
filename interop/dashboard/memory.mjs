/** A page's memory as Chromium counts it, after what nobody holds was collected. */
export async function memory(made) {
  const session = await made.context().newCDPSession(made);
  try {
    await session.send('HeapProfiler.enable');
    await session.send('Performance.enable');
    // What a first collection's finalizers let go is collected by the second.
    await session.send('HeapProfiler.collectGarbage');
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name).value;
    return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
  } finally {
    await session.detach();
  }
}

/** What a live page may have grown by since its first minute: what is asked for is kept for five minutes, then dropped. */
export const GROWTH = { heap: 2_000_000, nodes: 500, listeners: 100 };

/** What grew by more than it may; empty where memory is flat. */
export function grown(first, last) {
  return Object.entries(GROWTH)
    .filter(([what, most]) => last[what] - first[what] > most)
    .map(([what, most]) => `${what} grew from ${first[what]} to ${last[what]}; at most ${most} more are allowed`);
}

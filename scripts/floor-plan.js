/**
 * The floors of `src/`, from the ground up. A file imports from its own floor and from those below it, types
 * included; `npm run lint` and `npm run floors` refuse the rest.
 *
 * @type {readonly { readonly name: string, readonly holds: readonly string[] }[]}
 */
export const FLOORS = [
  { name: 'errors, clock, text', holds: ['errors.ts', 'clock.ts', 'text/'] },
  { name: 'model', holds: ['model/'] },
  { name: 'load, state, outputs, wait', holds: ['load/', 'state.ts', 'system.ts', 'outputs.ts', 'wait.ts'] },
  { name: 'cluster, comparison', holds: ['cluster/', 'comparison/'] },
  { name: 'inputs', holds: ['inputs/'] },
  { name: 'report', holds: ['report/'] },
  { name: 'adapters', holds: ['adapters/'] },
  { name: 'context', holds: ['context.ts'] },
  { name: 'stages', holds: ['stages/', 'side-by-side.ts'] },
  {
    name: 'pipeline and session',
    holds: ['pipeline.ts', 'announce.ts', 'session.ts', 'teardown.ts', 'dashboard.ts', 'try.ts', 'relay-reports.ts'],
  },
  { name: 'entries', holds: ['main.ts', 'post.ts', 'cli.ts', 'relay.ts'] },
];

/**
 * The index of the floor that holds a file of `src/`.
 *
 * @param {string} file such as `src/load/engine/generate.ts`.
 * @returns {number} -1 when no floor holds it.
 */
export const floorOf = (file) => {
  const path = file.replace(/^.*\bsrc\//, '');
  return FLOORS.findIndex(({ holds }) =>
    holds.some((held) => (held.endsWith('/') ? path.startsWith(held) : path === held)),
  );
};

/**
 * The floors of `src/`, from the ground up. A file imports from its own floor and from those below it, types
 * included; `npm run lint` and `npm run floors` refuse the rest. The picture in docs/DESIGN.md is made from this.
 *
 * @type {readonly { readonly name: string, readonly does: string, readonly holds: readonly string[] }[]}
 */
export const FLOORS = [
  {
    name: 'errors, clock, text',
    does: 'Outcomes, the type of a clock, and texts: numbers, lines, YAML.',
    holds: ['errors.ts', 'addresses.ts', 'clock.ts', 'text/'],
  },
  {
    name: 'model',
    does: 'The data shapes that all floors share, above all the report.',
    holds: ['model/'],
  },
  {
    name: 'load, state, outputs, wait',
    does: 'What is sent, when, and what the answers add up to. What a run remembers, and what is under test.',
    holds: ['load/', 'state.ts', 'system.ts', 'outputs.ts', 'wait.ts'],
  },
  {
    name: 'cluster, comparison',
    does: 'What Kubernetes objects mean and how they are changed. Whether head is worse than base.',
    holds: ['cluster/', 'comparison/'],
  },
  {
    name: 'inputs',
    does: 'What a user can set, and which inputs can be combined.',
    holds: ['inputs/'],
  },
  {
    name: 'report',
    does: 'The content of a report, and how it is printed and exported.',
    holds: ['report/'],
  },
  {
    name: 'adapters',
    does: 'Everything that touches the outside: files, processes, sockets, clocks, GitHub.',
    holds: ['adapters/'],
  },
  {
    name: 'context',
    does: 'What every stage gets.',
    holds: ['context.ts'],
  },
  {
    name: 'stages',
    does: 'One file for each stage of a run, and folders for what stages share.',
    holds: ['stages/', 'side-by-side.ts'],
  },
  {
    name: 'pipeline and session',
    does: 'The order of the stages, and how a run begins and ends.',
    holds: [
      'command-line/',
      'init/',
      'pipeline.ts',
      'announce.ts',
      'session.ts',
      'settings-behind.ts',
      'trusted-state.ts',
      'teardown.ts',
      'relay-reports.ts',
    ],
  },
  {
    name: 'entries',
    does: 'The action, its post step, the command line, and the relay for forks.',
    holds: ['main.ts', 'post.ts', 'cli.ts', 'relay.ts'],
  },
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

import { expect, test } from '@jest/globals';
import { type Milestone, openKind } from '../../../src/adapters/commands/kind.ts';
import type { Shell } from '../../../src/adapters/commands/shell.ts';

const CLUSTER = { name: 'lt-1', image: 'kindest/node:v1', config: 'kind.yaml', kubeconfig: 'kubeconfig' };

/** The milestones that are told while these pieces are printed. */
async function toldBy(...pieces: readonly string[]): Promise<Milestone[]> {
  const told: Milestone[] = [];
  const shell: Shell = {
    run: (_, __, { onStderr }) => {
      for (const piece of pieces) onStderr?.(piece);
      return Promise.resolve({ command: '', exitCode: 0, signal: null, durationMs: 0, stdout: '', stderr: '' });
    },
  };
  await openKind(shell, 'kind').create(CLUSTER, 1000, (milestone) => told.push(milestone));
  return told;
}

const printed: readonly {
  readonly name: string;
  readonly pieces: readonly string[];
  readonly told: readonly Milestone[];
}[] = [
  {
    name: 'whole lines',
    pieces: [
      ' • Writing configuration 📜  ...\n',
      ' ✓ Writing configuration 📜\n',
      ' • Starting control-plane 🕹️  ...\n',
      ' ✓ Starting control-plane 🕹️\n',
    ],
    told: ['nodes-run', 'api-server-answers'],
  },
  {
    name: 'lines in pieces, and more after them',
    pieces: [' ✓ Writing con', 'figuration 📜\n ✓ Joining', ' worker nodes 🚜\n'],
    told: ['nodes-run'],
  },
  {
    name: 'a step that failed',
    pieces: [' ✓ Writing configuration 📜\n', ' ✗ Starting control-plane 🕹️\n'],
    told: ['nodes-run'],
  },
  { name: 'other words', pieces: ['Creating cluster "lt-1" ...\n'], told: [] },
];

test.each(printed)('each milestone of a creation is told once, of $name', async ({ pieces, told }) => {
  expect(await toldBy(...pieces)).toEqual(told);
});

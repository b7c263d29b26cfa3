import { expect, test } from '@jest/globals';
import type { RunIdentity } from '../../../src/model/run.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { whatWasRun } from '../../../src/report/sections/what-was-run.ts';
import { ON_GITHUB, state } from '../../fakes/state.ts';

const SHA = ON_GITHUB.sha;
const HEAD = '89abcdef0123456789abcdef0123456789abcdef';

const table: { name: string; run: Partial<RunIdentity>; facts: (readonly [string, string | null])[] }[] = [
  {
    name: 'pull_request',
    run: { headSha: HEAD },
    facts: [
      ['head commit of pull request 7', HEAD],
      ['merge commit', SHA],
    ],
  },
  {
    name: 'issue_comment',
    run: { event: 'issue_comment', headSha: HEAD, ref: 'refs/heads/main' },
    facts: [
      ['head commit of pull request 7', HEAD],
      ['commit of the workflow', SHA],
    ],
  },
  { name: 'push', run: { event: 'push', pullRequest: null, ref: 'refs/heads/main' }, facts: [['commit', SHA]] },
  {
    name: 'pull_request_target, whose head is not known',
    run: { event: 'pull_request_target', ref: 'refs/heads/main', headSha: null },
    facts: [['commit of the workflow', SHA]],
  },
];
test.each(table)('the commits of $name are called what they are', ({ run, facts }) => {
  const report = buildReport(state({ run: { ...ON_GITHUB, ...run } }), '2026-11-23T10:05:00.000Z');
  const [block] = whatWasRun(report).blocks;
  const rows = block?.kind === 'table' ? block.rows : [];
  const commits = rows.filter(([name]) => typeof name === 'string' && name.includes('commit'));
  expect(commits).toEqual(facts.map(([name, code]) => [name, { code }]));
});

import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commentMarker, defaultHeader } from '../../../src/report/markdown/marker.ts';
import type { Finished } from '../../dist/runner.ts';
import type { FakeGitHub, Fault, OperationName } from '../../fakes/github/server.ts';
import { containerStatus, list, pod, workload } from '../../fakes/kubernetes.ts';
import { failed, passed, says } from '../expectations.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJob, FaultJobOptions, Trial } from '../trial.ts';

/** G: GitHub refuses, answers late, or what is written there is hostile or too long. */

interface Ended {
  readonly job: FaultJob;
  readonly github: FakeGitHub;
  readonly main: Finished;
}

/** A run on a pull request that passes whatever GitHub says. */
async function onPullRequest(
  trial: Trial,
  prepare: (github: FakeGitHub, job: FaultJob) => void,
  options: FaultJobOptions = {},
): Promise<Ended> {
  const job = await trial.job({ pullRequest: true, ...options });
  const { github } = job;
  if (github === null) throw new Error('a job for a pull request has a GitHub');
  prepare(github, job);
  const main = await job.main();
  passed(job, main);
  deepEqual(github.violations, []);
  return { job, github, main };
}

/** The run passes, without a comment, and says once why. */
const noComment =
  (prepare: (github: FakeGitHub, job: FaultJob) => void, why: string | RegExp): Case =>
  async (trial) => {
    const { github, main } = await onPullRequest(trial, prepare);
    deepEqual(github.comments, []);
    equal(main.stdout.match(/^::notice::No comment was written/gm)?.length, 1);
    says(main, why);
  };

const refusing =
  (operation: OperationName, ...faults: readonly Fault[]) =>
  (github: FakeGitHub): void => {
    github.fail(operation, ...faults);
  };

const tokenOf = ({ secrets }: FaultJob): string => secrets[0] ?? '';

const theMarker = (): string => commentMarker(defaultHeader({ workflow: 'Load test', job: 'load', matrix: '' }));

const HOSTILE = '``` `` ` ~~~ <!-- k8s-loadtest-ci --> --> <img src=x> | a @all #1 [x](javascript:x) ::error::x';

export const GITHUB_ROWS: readonly Row[] = [
  {
    id: 'G1',
    kind: 'quick',
    fault: 'The token is read-only, as in a pull request from a fork',
    expected: 'One notice that points to the relay; the run passes',
    cases: {
      fork: noComment((github, job) => {
        github.accounts.set(tokenOf(job), { login: 'github-actions[bot]', mayWrite: false });
      }, 'relay/action.yml'),
    },
  },
  {
    id: 'G2',
    kind: 'slow',
    fault: "The pull request does not exist, or the token can't see it",
    expected: 'One notice; the run passes',
    cases: {
      gone: noComment((github) => {
        github.pulls.length = 0;
      }, 'There is no such pull request'),
    },
  },
  {
    id: 'G3',
    kind: 'slow',
    fault: 'The token is wrong or has expired',
    expected: 'One notice; the run passes',
    cases: {
      '401': noComment((github, job) => {
        github.accounts.delete(tokenOf(job));
      }, 'The token is missing, wrong or expired'),
    },
  },
  {
    id: 'G4',
    kind: 'slow',
    fault: 'GitHub asks to wait 2 s, or 600 s (secondary rate limit)',
    expected: 'It waits 2 s and writes; 600 s are too long: one notice',
    cases: {
      '2 s': async (trial) => {
        const { github, main } = await onPullRequest(
          trial,
          refusing('issues/create-comment', { kind: 'secondary-limit', retryAfter: '2' }),
        );
        equal(github.comments.length, 1);
        says(main, 'retrying in 2 s');
      },
      '600 s': noComment(
        refusing(
          'issues/create-comment',
          ...Array.from({ length: 4 }, (): Fault => ({ kind: 'secondary-limit', retryAfter: '600' })),
        ),
        'secondary rate limit',
      ),
    },
  },
  {
    id: 'G5',
    kind: 'slow',
    fault: 'GitHub stores the comment and answers 502, or breaks off',
    expected: 'Exactly one comment',
    cases: Object.fromEntries(
      (['bad-gateway-after-storing', 'broken-off-after-storing', 'bad-gateway', 'no-answer'] as const).map(
        (kind): [string, Case] => [
          kind,
          async (trial) => {
            const { github } = await onPullRequest(
              trial,
              refusing('issues/create-comment', { kind }),
              kind === 'no-answer' ? { budgetMs: 180_000 } : {},
            );
            equal(github.comments.length, 1);
            ok(github.comments[0]?.body.includes('Load test passed'));
          },
        ],
      ),
    ),
  },
  {
    id: 'G6',
    kind: 'slow',
    fault: 'The pull request has 3000 comments, ours on page 30; someone else has copied our marker',
    expected: 'Ours is found and updated; the copy is not changed',
    cases: {
      'page 30': async (trial) => {
        const { github } = await onPullRequest(trial, (github) => {
          github.addComment({ issue: 7, login: 'mallory', body: `${theMarker()}\nforged` });
          for (let index = 0; index < 2950; index += 1)
            github.addComment({ issue: 7, login: 'someone', body: 'a comment' });
          github.addComment({ issue: 7, login: 'github-actions[bot]', body: `${theMarker()}\nof the last run` });
          for (let index = 0; index < 48; index += 1)
            github.addComment({ issue: 7, login: 'someone', body: 'a comment' });
        });
        equal(github.comments.length, 3000);
        equal(github.comments[0]?.body, `${theMarker()}\nforged`);
        ok(github.comments[2951]?.body.includes('Load test passed'));
      },
    },
  },
  {
    id: 'G7',
    kind: 'slow',
    fault: 'The report is far too long for GitHub, or its texts are full of Markdown, HTML and mentions',
    expected: 'Comment and summary stay within the limits, and everything is shown as plain text',
    cases: {
      'a hundred hosts with long paths': async (trial) => {
        const hosts = Array.from(
          { length: 100 },
          (_, index) => `h${String(index)}.localhost=/${'p'.repeat(1100)}`,
        ).join('\n');
        const { job, github } = await onPullRequest(trial, () => undefined, {
          inputs: { hosts, requests: '200' },
        });
        ok(readFileSync(join(job.artifacts, 'report.md')).length > 100_000);
        const body = github.comments[0]?.body ?? '';
        ok(
          Array.from(body).length <= 65_536 && Buffer.byteLength(body) <= 262_144,
          `the comment has ${String(body.length)} characters`,
        );
        ok(Buffer.byteLength(job.summary()) <= 1024 * 1024);
        ok(body.includes('Load test passed'));
      },
      hostile: async (trial) => {
        const crash = pod({
          name: 'foo-1',
          containers: [
            containerStatus({
              name: HOSTILE,
              ready: false,
              restartCount: 3,
              state: { waiting: { reason: 'CrashLoopBackOff', message: HOSTILE } },
            }),
          ],
        });
        const job = await trial.job({
          pullRequest: true,
          rules: [
            { tool: 'kubectl', match: ' get Deployment', stdout: JSON.stringify(list(workload({ status: {} }))) },
            { tool: 'kubectl', match: ' get pods --all-namespaces', stdout: JSON.stringify(list(crash)) },
            { tool: 'kubectl', match: ' logs ', stdout: HOSTILE },
          ],
        });
        failed(job, await job.main(), 'crash-loop', 'check-health');
        const body = job.github?.comments[0]?.body ?? '';
        const text = outsideOfCode(body.split('\n').slice(2).join('\n'));
        for (const pattern of [/<img/, /<!--/, /@all/, /(?<!\\)\]\(javascript/]) doesNotMatch(text, pattern);
      },
    },
  },
  {
    id: 'G8',
    kind: 'slow',
    fault: 'There is no pull request (push), or it is closed, or its conversation is locked',
    expected: 'No comment on a push; a closed pull request gets its comment; a locked one is a notice',
    cases: {
      push: async (trial) => {
        const { github } = await onPullRequest(trial, () => undefined, {
          env: { GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: '/nonexistent' },
        });
        deepEqual([github.comments, github.requests], [[], []]);
      },
      closed: async (trial) => {
        const { github } = await onPullRequest(trial, (github) => {
          replacePull(github, { state: 'closed' });
        });
        equal(github.comments.length, 1);
      },
      locked: noComment((github) => {
        replacePull(github, { locked: true });
      }, 'The conversation is locked'),
    },
  },
];

function replacePull(github: FakeGitHub, change: object): void {
  const [pull] = github.pulls;
  if (pull !== undefined) github.pulls[0] = { ...pull, ...change };
}

/** Markdown without its code blocks and code spans, in which nothing means anything. */
const outsideOfCode = (markdown: string): string =>
  markdown.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '').replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');

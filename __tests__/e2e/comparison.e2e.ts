import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import formats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import type { Comparison } from '../../src/model/comparison.ts';
import type { Report } from '../../src/model/report.ts';
import { ActionRun, type Ended } from './action.ts';
import { machineState } from './machine.ts';

const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')) as object;
const validate = formats.default(new Ajv2020()).compile(schema);
const FIXTURES = `${process.cwd()}/__tests__/e2e/fixtures/two-versions`;

describe('Base against head on a real cluster, with a scenario', () => {
  const before = machineState();
  const action = new ActionRun({
    manifests: `${FIXTURES}/head`,
    'baseline-manifests': `${FIXTURES}/base`,
    scenario: `${FIXTURES}/scenario.yaml`,
    nodes: '2',
    rate: '40',
    'compare-duration': '30s',
    // However loud the machine is, and with a confirmation.
    'compare-limit': '90s',
    'fail-on-regression': 'false',
    seed: 'two-versions',
  });
  let main: Ended;
  let report: Report;
  let comparison: Comparison;

  beforeAll(async () => {
    main = await action.run('main');
    report = action.json('report.json') as Report;
    if (report.comparison === undefined) throw new Error(`no comparison:\n${main.log}`);
    comparison = report.comparison;
  });
  afterAll(async () => {
    await action.run('post');
    action.dispose();
  });

  test('passes, with a report that its schema allows', () => {
    expect({
      exitCode: main.exitCode,
      failure: report.outcome.failure?.stage === 'compare-versions' ? null : report.outcome.failure,
    }).toEqual({ exitCode: 0, failure: null });
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    expect(report.stages.map(({ name }) => name)).toContain('compare-versions');
  });

  test('has both versions in namespaces of their own, each behind its own hosts', () => {
    const workloads = report.resources?.workloads.map(({ namespace, name }) => `${namespace}/${name}`);
    expect(workloads).toEqual(
      expect.arrayContaining(['base-echo/foo', 'base-echo/bar', 'head-echo/foo', 'head-echo/bar']),
    );
    expect([comparison.base, comparison.head]).toMatchObject([
      { manifests: [`${FIXTURES}/base`], hosts: ['foo.base.localhost', 'bar.base.localhost'] },
      { manifests: [`${FIXTURES}/head`], hosts: ['foo.head.localhost', 'bar.head.localhost'] },
    ]);
  });

  test('loads them in turns: of two neighbouring rounds each begins with the other version', () => {
    const { rounds } = comparison;
    // On a busy machine time may be up before the first look; two blocks there are even then.
    expect(rounds.length).toBeGreaterThanOrEqual(4);
    expect(rounds.length % 2).toBe(0);
    for (let first = 0; first < rounds.length; first += 2) {
      expect(new Set([rounds[first]?.order, rounds[first + 1]?.order])).toEqual(new Set(['base-first', 'head-first']));
    }
    for (const { base, head, order } of rounds) {
      expect(base.startedAt < head.startedAt).toBe(order === 'base-first');
    }
  });

  test('sends the same to both, and both answer as the scenario expects', () => {
    for (const { base, head } of comparison.rounds) {
      expect([base.failed, head.failed]).toEqual([0, 0]);
      expect(base.sent).toBeGreaterThan(0);
      expect(head.sent).toBeGreaterThan(0);
    }
    const sent = (version: 'base' | 'head'): number =>
      comparison.rounds.reduce((sum, round) => sum + round[version].sent, 0);
    // An open load: the seed has every moment, whatever the answers are like.
    expect(Math.abs(sent('head') / sent('base') - 1)).toBeLessThan(0.05);
    expect(report.load?.hosts.map(({ name }) => name)).toEqual(['front page', 'search']);
    expect(report.load?.total.sent).toBe(sent('head'));
  });

  test('has every figure of both, and verdicts of the closed set', () => {
    const verdicts = ['slower', 'faster', 'no-difference', 'cannot-tell'];
    expect(comparison.metrics.map(({ metric }) => metric)).toEqual([
      'requests-per-second',
      'latency-p50',
      'latency-p90',
      'latency-p95',
      'latency-p99',
      'cpu-per-request',
      'memory',
      'failed-share',
    ]);
    expect(verdicts).toContain(comparison.verdict);
    for (const { metric, base, head, estimate, verdict } of comparison.metrics) {
      expect({ metric, figures: [base, head, estimate] }).toEqual({
        metric,
        figures: [expect.any(Number), expect.any(Number), expect.any(Number)],
      });
      expect(verdicts).toContain(verdict);
    }
  });

  test('shows the table in summary, Markdown and HTML', () => {
    const row = /^\| throughput \| .*\/s \| .*\/s \| /m;
    expect(action.summary()).toMatch(row);
    expect(readFileSync(action.path('report.md'), 'utf8')).toMatch(row);
    const page = readFileSync(action.path('report.html'), 'utf8');
    expect(page).toContain('<h2 id="comparison">Head against base</h2>');
    expect(page).toMatch(/CPU per request/);
  });

  test('leaves nothing after the post step', async () => {
    expect((await action.run('post')).exitCode).toBe(0);
    expect(machineState()).toEqual(before);
  });
});

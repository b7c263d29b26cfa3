import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INPUT_NAMES } from '../../src/inputs/table.ts';
import type { Failure } from '../../src/model/run.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { NEXT } from '../../src/report/next-step.ts';
import type { PipelineState } from '../../src/state.ts';
import type { System } from '../../src/system.ts';
import { CLUSTER, echoAt, ENDINGS, hostResult, load, state } from '../fakes/state.ts';
import { SLOWER } from './comparisons.ts';

const read = (given: PipelineState) => buildReport({ ...given, endedAt: '2026-11-23T10:05:00.000Z' }, '');

/** Where a message is read, with the words that only another place knows. */
const SETTINGS: readonly { name: string; changes: Partial<PipelineState>; foreign: RegExp }[] = [
  {
    name: 'a workflow',
    changes: { run: ENDINGS.passed.run, system: CLUSTER },
    // The cluster is gone by then, and nobody is at the machine.
    foreign: /kubectl|kubeconfig|node dist|127\.0\.0\.1|\btry\b/,
  },
  {
    name: 'the command line',
    changes: { run: { ...ENDINGS.passed.run, onGitHub: false }, system: CLUSTER },
    foreign: /kubectl|kubeconfig|node dist|127\.0\.0\.1|this step|step before|before the step|\brunner\b/,
  },
  {
    name: 'try',
    changes: { run: { ...ENDINGS.passed.run, onGitHub: false }, system: echoAt(1234) },
    foreign:
      /kubectl|kubeconfig|node dist|cluster|\bpods?\b|manifests|ingress|this step|step before|before the step|\brunner\b/i,
  },
];

const generator = {
  ...load().generator,
  limited: true,
  reason: 'The generator was blocked for 900 ms while it measured.',
};
const failing = (failures: Record<string, number>) =>
  load({
    total: hostResult({ host: 'all', path: '', sent: 200, succeeded: 100, failed: 100, successRatio: 0.5, failures }),
  });

/** Verdicts that a run comes to by what it measured, in every setting. */
const VERDICTS: readonly { code: string; changes: Partial<PipelineState> }[] = [
  { code: 'threshold-failed', changes: { load: failing({ reset: 100 }) } },
  { code: 'threshold-failed', changes: { load: failing({ redirect: 100 }) } },
  { code: 'threshold-failed', changes: { load: failing({ 'client-resource': 100 }) } },
  { code: 'regression', changes: { load: load(), comparison: { ...SLOWER, confirmed: true } } },
  {
    code: 'generator-saturated',
    changes: {
      load: load({ generator: generator as never }),
      settings: { ...state().settings, thresholds: 'http_req_duration: p(95)<1000' },
    },
  },
  {
    code: 'rate-not-delivered',
    changes: {
      load: load({
        model: { kind: 'open', ratePerSecond: 1000, arrivals: 'constant', concurrency: 10 },
        sentLate: 50,
        notSent: 100,
      }),
      settings: { ...state().settings, thresholds: 'http_req_duration: p(95)<1000' },
    },
  },
];

describe.each(SETTINGS)('read in $name', ({ changes, foreign }) => {
  test.each(VERDICTS)('$code speaks of nothing that is not there, and its command can be pasted', (verdict) => {
    const { outcome, repeatWith } = read(state({ ...verdict.changes, ...changes }));
    expect(outcome.code).toBe(verdict.code);
    expect(`${outcome.failure?.hint ?? ''} ${outcome.next?.sentence ?? ''}`).not.toMatch(foreign);
    expect(outcome.next?.command).toBe(
      verdict.code === 'rate-not-delivered'
        ? `${repeatWith.replace(/ --seed.*$/, '')} --mode capacity --seed a1b2c3`
        : repeatWith,
    );
    expect(repeatWith).toMatch(changes.system?.kind === 'echo' ? /^npx .* try( |$)/ : /^npx .* run( |$)/);
  });
});

describe('what to do now', () => {
  test.each(Object.entries(NEXT))('after %s is one sentence', (_code, sentence) => {
    expect(sentence).toMatch(/^[A-Z][^.]*\.$|^[A-Z].*report\.json\.$/);
  });

  test('names no input that there is not', () => {
    const known = new Set<string>(INPUT_NAMES);
    const named = Object.values(NEXT).flatMap((text) =>
      [...text.matchAll(/\b([a-z][a-z0-9]*(?:-[a-z0-9]+)+)(?=:|\b)/g)].map(([, name = '']) => name),
    );
    // Labels and other words of Kubernetes.
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual(['ingress-ready']);
  });
});

describe('the command for an outcome', () => {
  const failure = (code: Failure['code']): Failure => ({ code, stage: null, message: 'm', hint: null, tryThis: null });
  const command = (code: Failure['code'], settings: Record<string, string> = {}): string | undefined =>
    read(state({ failure: failure(code), settings: { ...state().settings, ...settings } })).outcome.next?.command;

  test.each<{ code: Failure['code']; settings?: Record<string, string>; expected: RegExp }>([
    { code: 'input-invalid', settings: { manifests: 'k8s' }, expected: /#v1 validate .*--manifests k8s/ },
    { code: 'version-unknown', expected: /#v1 validate/ },
    { code: 'unsafe-trigger', expected: /#v1 init$/ },
    { code: 'stage-order', expected: /#v1 up$/ },
    { code: 'http2-not-offered', settings: { 'http-version': '2' }, expected: /#v1 run(?!.*http-version)/ },
    {
      code: 'capacity-not-found',
      settings: { mode: 'capacity', 'capacity-limit': '9m' },
      expected: /#v1 run (?!.*(mode|capacity)).*--duration 20s/,
    },
    {
      code: 'capacity-not-found',
      settings: { mode: 'capacity', 'baseline-manifests': 'base' },
      expected: /#v1 run (?!.*(--mode|--duration)).*--baseline-manifests base/,
    },
    { code: 'internal', expected: /^gh issue create / },
  ])('after $code is more than to repeat the run', ({ code, settings, expected }) => {
    expect(command(code, settings)).toMatch(expected);
  });

  test.each<Record<string, string>>([{ engine: 'k6' }, { kubeconfig: 'config' }, { thresholds: 'http_reqs: rate>5' }])(
    'a search for the capacity is not proposed with %j, which it refuses',
    (settings) => {
      expect(command('rate-not-delivered', settings)).not.toContain('--mode');
    },
  );
});

describe('a command that asks the cluster of the run', () => {
  const asking: Failure = {
    code: 'crash-loop',
    stage: 'check-health',
    message: 'The pod shop/web-1 does not start.',
    hint: 'Its log is among the diagnostics.',
    tryThis: `kubectl --kubeconfig ${CLUSTER.kubeconfig} get pods`,
  };
  test.each<{ name: string; system: System; keep: string; kept: boolean }>([
    { name: 'is replaced when the run has removed it', system: CLUSTER, keep: 'false', kept: false },
    { name: 'stays when the cluster is kept', system: CLUSTER, keep: 'true', kept: true },
  ])('$name', ({ system, keep, kept }) => {
    const settings = { ...state().settings, 'keep-cluster': keep };
    const { failure, next } = read(state({ system, settings, failure: asking })).outcome;
    expect(failure?.tryThis?.startsWith('kubectl')).toBe(kept);
    expect(next?.command).toBe(failure?.tryThis);
    if (!kept) expect(failure?.tryThis).toMatch(/^npx .* run .*--keep-cluster true$/);
  });
});

describe('the messages of the source', () => {
  const SOURCE = join(import.meta.dirname, '../../src');
  /** Files whose messages are for one setting alone. */
  const OF_WORKFLOWS =
    /^(adapters\/github\/|relay|main\.ts|post\.ts|inputs\/table\.ts|outputs\.ts|init\/|report\/html\/)/;
  const messages = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !OF_WORKFLOWS.test(file))
    .flatMap((file) => {
      const code = readFileSync(join(SOURCE, file), 'utf8').replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
      return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(
        ([, single, template]) => `${file}: ${single ?? template ?? ''}`,
      );
    });

  test('mention steps and runners only where they say that they mean a workflow', () => {
    const ofWorkflows = messages.filter((text) =>
      /\b(this step|step before|before the step|earlier step|checkout step|a runner (with|that has)|login-action)\b/.test(
        text,
      ),
    );
    expect(ofWorkflows.filter((text) => !/in a workflow|of the same job/i.test(text))).toEqual([]);
    expect(ofWorkflows.length).toBeGreaterThan(0);
  });
});

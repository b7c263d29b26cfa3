import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { definitionOf, INPUT_NAMES, INPUTS } from '../src/inputs/table.ts';
import { OUTPUTS, outputsOf } from '../src/outputs.ts';
import { buildReport } from '../src/report/build-report.ts';
import type { PipelineState } from '../src/state.ts';
import { ENDINGS } from './fakes/state.ts';

const PLACES = {
  report: '/out/report.json',
  summary: '/out/report.md',
  html: '/out/report.html',
  kubeconfig: '/out/kubeconfig',
  baseline: null,
  commentUrl: null,
  artifactUrl: null,
};
const outputs = (state: PipelineState, places: Partial<typeof PLACES> | object = {}) =>
  outputsOf(buildReport(state, '2026-11-23T10:05:00.000Z'), { ...PLACES, ...places });

test('a good run has every figure, in the units of their names', () => {
  expect(outputs(ENDINGS.passed, { commentUrl: 'https://c', artifactUrl: 'https://a' })).toMatchObject({
    outcome: 'passed',
    'success-ratio': '1',
    'requests-per-second': '100',
    'latency-p50': '2',
    'latency-p90': '4',
    'latency-p95': '6',
    'latency-p99': '10',
    'latency-max': '20',
    failures: '0',
    'report-path': '/out/report.json',
    'summary-path': '/out/report.md',
    'html-path': '/out/report.html',
    kubeconfig: '/out/kubeconfig',
    'cluster-name': 'lt-4711-2-abc123',
    'comment-url': 'https://c',
    'artifact-url': 'https://a',
  });
});

test('what was not measured is empty and never 0', () => {
  const { result, outcome, ...rest } = outputs(ENDINGS['failed-before-the-cluster'], { kubeconfig: '' });
  expect(outcome).toBe('input-invalid');
  expect(JSON.parse(result)).toMatchObject({ outcome: { result: 'failed' }, load: null, resources: null });
  expect(rest).toEqual({
    ...Object.fromEntries(Object.keys(rest).map((name) => [name, ''])),
    'report-path': '/out/report.json',
    'summary-path': '/out/report.md',
    'html-path': '/out/report.html',
  });
});

test('without an answer there is a ratio of 0 but no latency', () => {
  expect(outputs(ENDINGS['nothing-answered'])).toMatchObject({
    'success-ratio': '0',
    failures: '200',
    'latency-p50': '',
    'latency-max': '',
  });
});

describe('action.yml', () => {
  interface Metadata {
    readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
    readonly outputs: Readonly<Record<string, { readonly description: string }>>;
    readonly runs: Readonly<Record<string, string>>;
  }
  const metadata = parse(readFileSync('action.yml', 'utf8')) as Metadata;

  test('declares every output that is set, and no other', () => {
    expect(Object.keys(metadata.outputs)).toEqual(Object.keys(OUTPUTS));
    expect(Object.keys(outputs(ENDINGS.passed)).sort()).toEqual(Object.keys(OUTPUTS).sort());
  });

  test('declares every input that is read and each alias, without defaults but for expressions', () => {
    const aliases = INPUT_NAMES.flatMap((name) => definitionOf(name).aliases ?? []);
    expect(Object.keys(metadata.inputs).sort()).toEqual([...INPUT_NAMES, ...aliases].sort());
    // One that the runner fills in could not be told from an input that was given, which counts before load-test.yml.
    for (const name of INPUT_NAMES) {
      const { default: standard } = INPUTS[name];
      expect(metadata.inputs[name]?.default).toBe(standard.startsWith('${{') ? standard : '');
    }
    for (const alias of aliases) expect(metadata.inputs[alias]?.default).toBe('');
  });

  test('cleans up whatever happened', () => {
    expect(metadata.runs).toMatchObject({
      using: 'node24',
      main: 'dist/main/index.js',
      post: 'dist/post/index.js',
      'post-if': 'always()',
    });
  });
});

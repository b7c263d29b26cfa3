import { describe, expect, test } from '@jest/globals';
import { goingOn } from '../../src/inputs/going-on.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { tooLate, tooLateForLoad, withoutMeaning } from '../../src/inputs/without-meaning.ts';

const texts = (given: Record<string, string>) => parseInputs((name) => given[name] ?? '');

describe('an input of an earlier command', () => {
  const table = [
    {
      name: 'is kept unless another is given',
      stored: { duration: '10s', rate: '50' },
      given: { concurrency: '20' },
      kept: { duration: '10s', rate: '50' },
      replaced: [],
    },
    {
      name: 'gives way to the one that says the same otherwise',
      stored: { duration: '10s' },
      given: { requests: '50' },
      kept: { duration: '' },
      replaced: [{ input: 'duration', text: '10s' }],
    },
    {
      name: 'gives way, whichever of the two it was',
      stored: { requests: '50' },
      given: { duration: '10s' },
      kept: { requests: '' },
      replaced: [{ input: 'requests', text: '50' }],
    },
    {
      name: 'that is a default has nothing to give way',
      stored: { requests: '200' },
      given: { duration: '10s' },
      kept: { requests: '200' },
      replaced: [],
    },
    {
      name: 'gives way to one that it can not be with',
      stored: { rate: '50' },
      given: { mode: 'capacity' },
      kept: { rate: '' },
      replaced: [{ input: 'rate', text: '50' }],
    },
    {
      name: 'is no reason to take one that is given now for another',
      stored: {},
      given: { mode: 'capacity', rate: '50' },
      kept: {},
      replaced: [],
    },
  ];
  test.each(table)('$name', ({ stored, given, kept, replaced }) => {
    const found = goingOn({ ...texts({}).settings, ...stored }, given, parseInputs);
    expect(found.settings).toMatchObject(kept);
    expect(found.replaced).toEqual(replaced);
  });
});

describe('an input without a meaning is told', () => {
  const run = { hasCluster: true, compares: false };
  const trying = { hasCluster: false, compares: false };
  test.each([
    { given: { arrivals: 'poisson' }, command: run, told: ['arrivals'] },
    { given: { arrivals: 'poisson' }, command: trying, told: ['arrivals'] },
    { given: { arrivals: 'poisson', rate: '50' }, command: run, told: [] },
    { given: { arrivals: 'constant' }, command: run, told: [] },
    { given: { nodes: '5', 'node-image': 'kindest/node:v1.30.0' }, command: trying, told: ['nodes', 'node-image'] },
    { given: { nodes: '5' }, command: run, told: [] },
    { given: { rounds: '10' }, command: run, told: ['rounds'] },
    { given: { rounds: '10' }, command: { hasCluster: false, compares: true }, told: [] },
    { given: { 'capacity-limit': '2m', parallelism: '4' }, command: run, told: ['capacity-limit', 'parallelism'] },
    { given: {}, command: trying, told: [] },
  ])('of $given with $command: $told', ({ given, command, told }) => {
    const { inputs, settings } = texts(given);
    const sentences = withoutMeaning(inputs, settings, command);
    expect(sentences.map((sentence) => /^Input (\S+) /.exec(sentence)?.[1]).sort()).toEqual([...told].sort());
  });

  test('also a rule that holds unless everything fails', () => {
    const { inputs, settings } = texts({ thresholds: 'http_req_failed: rate<1' });
    expect(withoutMeaning(inputs, settings, run)).toEqual([
      'The rule http_req_failed: rate<1 holds unless everything fails: http_req_failed is a share between 0 and 1, so that 1 % is 0.01.',
    ]);
  });

  test.each([
    { given: {}, told: 1 },
    { given: { stages: '10s@5 users' }, told: 1 },
    { given: { rate: '50' }, told: 0 },
    { given: { stages: '10s@50' }, told: 0 },
    { given: { mode: 'capacity' }, told: 0 },
    { given: { engine: 'k6', 'k6-script': 'load.js' }, told: 0 },
  ])('also a rule on requests that were due, where none is, with $given: $told', ({ given, told }) => {
    const { inputs, settings } = texts({ ...given, thresholds: 'dropped_iterations: count<1' });
    const sentences = withoutMeaning(inputs, settings, run);
    expect(sentences.filter((sentence) => sentence.includes('dropped_iterations'))).toHaveLength(told);
  });

  test('also what comes too late for a load', () => {
    expect(tooLateForLoad({ 'tls-verify': 'false', rate: '50' })).toEqual([
      'Input tls-verify ("false") is ignored: it only has an effect before a load: give it to the command health, which looks at the certificates.',
    ]);
  });

  test('also what comes too late for the cluster', () => {
    expect(tooLate({ nodes: '5', rate: '50' })).toEqual([
      'Input nodes ("5") is ignored: it only has an effect when the cluster is created and the application deployed, which the command up did.',
    ]);
  });
});

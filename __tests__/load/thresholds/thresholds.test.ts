import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseThresholds, percentilesOf, toothlessRules } from '../../../src/load/thresholds/thresholds.ts';

describe('a rule', () => {
  test.each([
    [
      'http_req_duration: p(95)<500',
      { metric: 'http_req_duration', tags: {}, aggregation: { kind: 'percentile', p: 95 }, operator: '<', limit: 500 },
    ],
    ['http_req_duration:p(99.9)<=1e3', { aggregation: { kind: 'percentile', p: 99.9 }, operator: '<=', limit: 1000 }],
    ['  http_req_duration : p( 0 ) >= .5  ', { aggregation: { kind: 'percentile', p: 0 }, operator: '>=', limit: 0.5 }],
    ['http_req_duration: avg<200', { aggregation: { kind: 'avg' } }],
    ['http_req_duration: med<200', { aggregation: { kind: 'med' } }],
    ['http_req_duration: min>1', { aggregation: { kind: 'min' }, operator: '>' }],
    ['http_req_duration{host:foo.localhost}: p(99)<800', { tags: { host: 'foo.localhost' } }],
    ['http_req_duration{ host : foo.localhost:8080 }: max<800', { tags: { host: 'foo.localhost:8080' } }],
    ['http_req_failed: rate<0.01', { metric: 'http_req_failed', aggregation: { kind: 'rate' }, limit: 0.01 }],
    ['http_req_duration{expected_response:true}: p(95)<500', { tags: { expected_response: 'true' } }],
    ['http_req_duration{stage:3}: p(95)<500', { tags: { stage: '3' } }],
    ['dropped_iterations{stage:3}: count<1', { tags: { stage: '3' } }],
    ['checks: rate>0.99', { metric: 'checks', aggregation: { kind: 'rate' }, limit: 0.99 }],
    ['checks{check:status is 200}: rate==1', { tags: { check: 'status is 200' } }],
    ['http_req_failed: rate===0', { operator: '==', limit: 0 }],
    ['http_reqs: rate>100', { metric: 'http_reqs', limit: 100 }],
    ['http_reqs: count!=0', { aggregation: { kind: 'count' }, operator: '!=' }],
    ['dropped_iterations: count<1', { metric: 'dropped_iterations' }],
    [
      'resource_cpu{workload:foo}: max<0.5',
      { metric: 'resource_cpu', tags: { workload: 'foo' }, aggregation: { kind: 'max' } },
    ],
    ['resource_memory{node:kind-worker}: max<64000000', { metric: 'resource_memory', tags: { node: 'kind-worker' } }],
  ])('%j is understood', (text, expected) => {
    expect(parseThresholds(text)).toMatchObject({ thresholds: [{ rule: text.trim(), ...expected }], faults: [] });
  });

  test.each([
    ['p(95)<500', 'A rule has the form metric: aggregation operator number'],
    ['http_req_duration', 'A rule has the form'],
    ['http_req_duration:', 'A rule has the form'],
    ['http_req_duration{host:foo: p(95)<500', 'A rule has the form'],
    ['http_duration: p(95)<500', 'There is no metric "http_duration"; available are http_req_duration, '],
    ['constructor: p(95)<500', 'There is no metric "constructor"'],
    [
      'http_req_duration: p95<500',
      '"p95" is not an aggregation of http_req_duration; available are avg, min, med, max, p(N), such as http_req_duration: p(95)<500',
    ],
    ['http_req_duration: p(101)<500', 'a percentile is between 0 and 100'],
    ['http_req_duration: rate<500', '"rate" is not an aggregation of http_req_duration'],
    ['http_req_failed: p(95)<500', '"p(95)" is not an aggregation of http_req_failed; available are rate'],
    ['http_req_duration: toString<500', '"toString" is not an aggregation'],
    ['http_req_duration: p(95)', 'needs one of the operators < <= > >= == === !='],
    ['http_req_duration: p(95)=<500', 'needs one of the operators'],
    ['http_req_duration: p(95)<500ms', 'The limit "500ms" is not a number: write it without a unit, in milliseconds'],
    ['http_req_failed: rate<1%', 'write it without a unit, in a share between 0 and 1'],
    [
      'http_req_failed: rate<5',
      'The limit 5 is not a share: http_req_failed is between 0 and 1, so that 5 % is 0.05. A rule with 5 would end the same way whatever was measured.',
    ],
    ['checks: rate>99.9', 'checks is between 0 and 1, so that 99.9 % is 0.999.'],
    ['journey_failed: rate<1.5', 'so that 1.5 % is 0.015.'],
    ['http_req_failed: rate<-1', 'so that 1 % is 0.01.'],
    ['http_req_duration: p(95)<', 'The limit "" is not a number'],
    ['http_req_duration: p(95)<1<2', 'The limit "1<2" is not a number'],
    ['http_req_duration: p(95)<Infinity', 'is not a number'],
    [
      'http_req_duration{url:x}: p(95)<500',
      'The tag "url:x" is not known: http_req_duration has the tags host, name, stage and expected_response, written as {host:NAME}',
    ],
    ['http_req_duration{expected_response:false}: max<500', 'can only be true, for right answers'],
    ['http_req_duration{}: p(95)<500', 'The tag "" is not known'],
    ['http_req_duration{host:}: p(95)<500', 'The tag host has no value'],
    ['http_req_duration{host:a,host:b}: p(95)<500', 'The tag host is given twice'],
    ['dropped_iterations{host:a}: count<1', 'dropped_iterations has the tags stage, written as {stage:NAME}.'],
    ['http_req_duration{stage:x}: max<1', 'The tag stage is the number of a stage, starting at 1'],
    ['http_req_duration{stage:1,host:a}: max<1', "The tag stage can't be combined with host and name"],
    [
      'resource_cpu: max<0.5',
      'resource_cpu needs one of the tags workload and node, such as resource_cpu{workload:foo}: max<1',
    ],
    ['resource_cpu{workload:a,node:b}: max<0.5', 'needs one of the tags'],
  ])('%j is refused with a reason', (text, message) => {
    expect(parseThresholds(text)).toEqual({
      thresholds: [],
      faults: [{ line: 1, got: text, message: expect.stringContaining(message) as unknown }],
    });
  });
});

test.each([
  ["'http_req_duration{expected_response:true}': ['p(95)<500', 'avg<200'],", ['p(95)<500', 'avg<200']],
  ['"http_req_duration{expected_response:true}": ["p(95)<500"]', ['p(95)<500']],
  ["http_req_duration{expected_response:true}: 'p(95)<500',", ['p(95)<500']],
  ['http_req_duration{expected_response:true}: [`p(95)<500`,]', ['p(95)<500']],
])('%j is taken as k6 has it', (text, conditions) => {
  const { thresholds, faults } = parseThresholds(text);
  expect(faults).toEqual([]);
  expect(thresholds.map(({ rule }) => rule)).toEqual(
    conditions.map((condition) => `http_req_duration{expected_response:true}: ${condition}`),
  );
});

describe('a rule that ends the load', () => {
  test.each([
    ['http_req_failed: rate<0.1 abortOnFail', 0],
    ['http_req_failed: rate<0.1   abortOnFail delayAbortEval=1m30s', 90_000],
    ['http_req_failed: rate<0.1 abortOnFail delayAbortEval: 500ms', 500],
  ])('%j', (text, delayMs) => {
    const { thresholds, faults } = parseThresholds(text);
    expect(faults).toEqual([]);
    expect(thresholds).toMatchObject([{ rule: text, operator: '<', limit: 0.1, abort: { delayMs } }]);
    // A report has the rule as a text, from which it is read again.
    expect(parseThresholds(thresholds[0]?.rule ?? '').thresholds).toEqual(thresholds);
  });

  test.each([
    ["http_req_failed: [{ threshold: 'rate<0.1', abortOnFail: true }],", ' abortOnFail'],
    [
      `"http_req_failed": [{"threshold": "rate<0.1", "abortOnFail": true, "delayAbortEval": "10s"}]`,
      ' abortOnFail delayAbortEval=10s',
    ],
    [
      "http_req_failed: { abortOnFail: true, threshold: 'rate<0.1', delayAbortEval: 2500, }",
      ' abortOnFail delayAbortEval=2500ms',
    ],
    ["http_req_failed: [{ threshold: 'rate<0.1', abortOnFail: false }]", ''],
    ["http_req_failed: [\n  { threshold: 'rate<0.1', abortOnFail: true },\n],", ' abortOnFail'],
  ])('%j is taken as k6 has it', (text, suffix) => {
    const { thresholds, faults } = parseThresholds(text);
    expect(faults).toEqual([]);
    expect(thresholds.map(({ rule }) => rule)).toEqual([`http_req_failed: rate<0.1${suffix}`]);
    expect(thresholds[0]?.abort === undefined).toBe(suffix === '');
  });

  test.each([
    ["http_reqs: [{ threshold: 'rate>1', stop: true }]", '"stop" is not supported in a rule. An object has the form'],
    ['http_reqs: [{ abortOnFail: true }]', 'The object has no threshold.'],
    ["http_reqs: [{ threshold: 'rate>1', abortOnFail: yes }]", 'abortOnFail is true or false.'],
    [
      "http_reqs: [{ threshold: 'rate>1', abortOnFail: true, delayAbortEval: 'soon' }]",
      'abortOnFail delayAbortEval=10s',
    ],
    ['http_reqs: {', 'An object has the form'],
    ['http_reqs: rate>1 delayAbortEval=10s', 'Only abortOnFail, alone or with a time'],
    ['http_reqs: rate>1 abortOnFail later', 'not "abortOnFail later"'],
    ['resource_cpu{workload:shop}: max<1 abortOnFail', 'resource_cpu is not known before the load is over'],
    ['dropped_iterations: count<1 abortOnFail', 'dropped_iterations is not known before the load is over'],
  ])('%j is refused', (text, message) => {
    expect(parseThresholds(text)).toEqual({
      thresholds: [],
      faults: [{ line: 1, got: text, message: expect.stringContaining(message) as unknown }],
    });
  });
});

test('a list over several lines is one with the number of its first, and a line after it is read', () => {
  const text = `http_req_duration: [
    'p(95)<500',
    // no rule
    { threshold: 'avg<100', abortOnFail: true },
  ],
http_reqs: rate>1`;
  expect(
    parseThresholds(text.replace('    // no rule\n', '    # no rule\n')).thresholds.map(({ rule }) => rule),
  ).toEqual(['http_req_duration: p(95)<500', 'http_req_duration: avg<100 abortOnFail', 'http_reqs: rate>1']);
  expect(parseThresholds(text).faults).toMatchObject([{ line: 1 }]);
  // One that is never closed takes no line after it.
  expect(parseThresholds('http_req_duration: [\nhttp_reqs: rate>1')).toMatchObject({
    thresholds: [{ rule: 'http_reqs: rate>1' }],
    faults: [{ line: 1 }],
  });
});

test('every line is read and every fault is collected, with its number', () => {
  const text = '# latency\r\nhttp_req_duration: p(95)<500\n\n  nonsense  \nhttp_reqs: rate>100\nhttp_reqs: p(1)>1\n';
  const { thresholds, faults } = parseThresholds(text);
  expect(thresholds.map((threshold) => threshold.rule)).toEqual([
    'http_req_duration: p(95)<500',
    'http_reqs: rate>100',
  ]);
  expect(faults.map(({ line, got }) => [line, got])).toEqual([
    [4, 'nonsense'],
    [6, 'http_reqs: p(1)>1'],
  ]);
});

test('the percentiles that rules need are named once', () => {
  const { thresholds } = parseThresholds(
    'http_req_duration: p(99.9)<5\nhttp_req_duration: p(50)<5\nhttp_req_duration{host:a}: p(50)<5\nhttp_reqs: rate>1',
  );
  expect(percentilesOf(thresholds)).toEqual([50, 99.9]);
});

const pieces = fc.constantFrom(
  'http_req_duration',
  'http_req_failed',
  'http_reqs',
  'resource_cpu',
  '{host:a}',
  '{workload:foo}',
  '{',
  '}',
  ':',
  ': ',
  ',',
  'p(95)',
  'p(',
  ')',
  'rate',
  'max',
  'abortOnFail',
  "{ threshold: 'rate<1', abortOnFail: true }",
  'delayAbortEval=',
  '10s',
  '<',
  '<=',
  '=',
  '!',
  '500',
  '1e999',
  '-1',
  '.',
  'ms',
  ' ',
  '\n',
  '#',
  '__proto__',
  '\u0000',
  '\ud800',
);

test('any text gives rules and faults, one for each line that is not skipped, and never an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces).map((parts) => parts.join('')),
      ),
      (text) => {
        const { thresholds, faults } = parseThresholds(text);
        const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
        expect(thresholds.length + faults.length).toBe(lines.length);
        for (const { limit, aggregation } of thresholds) {
          expect(Number.isNaN(limit)).toBe(false);
          if (aggregation.kind === 'percentile') expect(aggregation.p).toBeLessThanOrEqual(100);
        }
        for (const { message } of faults) expect(message).toMatch(/\.$/);
      },
    ),
    { numRuns: 5000 },
  );
});

test.each([
  [
    'http_req_failed: rate<1',
    'holds unless everything fails: http_req_failed is a share between 0 and 1, so that 1 % is',
  ],
  ['journey_failed: rate<=1', 'holds whatever fails'],
  ['http_req_failed: rate<0.99', null],
  ['http_req_failed: rate==1', null],
  ['checks: rate>=1', null],
  ['http_req_duration: p(95)<1', null],
])('%s has no teeth: %s', (rule, said) => {
  expect(toothlessRules(parseThresholds(rule).thresholds)).toEqual(
    said === null ? [] : [expect.stringContaining(said)],
  );
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { k6Exit } from '../../../src/load/k6/k6-exit.ts';
import { endedByScript, scriptThresholds } from '../../../src/load/k6/k6-summary.ts';
import { thresholdResult } from '../../../src/model/load.ts';

describe('the thresholds of a script', () => {
  test.each(['v1.8.1', 'v2.2.0'])('are read from the summary of k6 %s', (version) => {
    const results = scriptThresholds(readFileSync(`__tests__/fixtures/k6/script-${version}.json`, 'utf8'));
    const byRule = Object.fromEntries(results.map((result) => [result.rule, result]));
    expect(Object.keys(byRule).sort()).toEqual([
      'k6: http_req_duration: max<0.001',
      'k6: http_req_duration: p(95)<500',
      'k6: http_req_failed{status:200}: rate<0.5',
      'k6: http_reqs: count>5',
      'k6: http_reqs: rate>0.1',
      'k6: my_count: count<100',
    ]);
    expect(byRule['k6: http_req_duration: max<0.001']).toMatchObject({
      passed: false,
      unit: 'ms',
      metric: 'http_req_duration',
      missing: null,
    });
    expect(byRule['k6: http_req_failed{status:200}: rate<0.5']).toMatchObject({
      passed: true,
      unit: 'share',
      metric: 'http_req_failed',
      measured: expect.any(Number),
    });
    expect(byRule['k6: http_reqs: count>5']).toMatchObject({ passed: true, unit: 'requests', measured: 46 });
    expect(byRule['k6: http_reqs: rate>0.1']).toMatchObject({ passed: true, unit: 'per second' });
    expect(byRule['k6: my_count: count<100']).toMatchObject({ passed: true, unit: 'number', measured: 4 });
  });

  test('whose figure is not in the summary keep their outcome', () => {
    const text = JSON.stringify({ metrics: { t: { avg: 1, thresholds: { 'p(99.9) < 10': false, '???': true } } } });
    expect(scriptThresholds(text)).toMatchObject([
      { passed: true, measured: null, missing: 'The summary of k6 does not hold p(99.9).' },
      { passed: false, measured: null, missing: 'The summary of k6 does not hold the figure.' },
    ]);
  });

  test('are none in a text that is no summary, whatever it is', () => {
    for (const text of ['', '{', 'null', '[]', '{"metrics":[]}', '{"metrics":{"a":null,"b":{"thresholds":7}}}'])
      expect(scriptThresholds(text)).toEqual([]);
  });

  test('fit the report for any JSON', () => {
    const metric = fc.dictionary(
      fc.constantFrom('avg', 'value', 'count', 'thresholds', 'p(95)'),
      fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(fc.boolean(), fc.jsonValue()))),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(metric, fc.jsonValue())), (metrics) => {
        for (const result of scriptThresholds(JSON.stringify({ metrics }))) thresholdResult.parse(result);
      }),
    );
  });
});

describe('an exit code of k6', () => {
  test.each([97, 98, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110])(
    '%d has a sentence and a hint of its own',
    (code) => {
      const { message, hint } = k6Exit(code);
      expect(message).not.toContain(String(code));
      expect(message).toMatch(/^[A-Z k].*\.$/);
      expect(hint).toMatch(/\.$/);
    },
  );

  test('that is not known is named, and so is a signal', () => {
    const missing = (what: string): string =>
      `level=error msg="could not initialize: The moduleSpecifier \\"${what}\\" couldn't be found on local disk."`;
    expect(k6Exit(107, missing('./lib.js'))).toMatchObject({
      message: "The script imports ./lib.js, which k6 can't load.",
      hint: expect.stringContaining('Correct the path'),
    });
    expect(k6Exit(107, missing('https://jslib.k6.io/a.js')).hint).toContain('keep a copy beside the script');
    expect(k6Exit(1).message).toBe('k6 failed with exit code 1.');
    expect(k6Exit(null).message).toBe('k6 was killed.');
  });
});

describe('a threshold that ended a script before its time', () => {
  const results = scriptThresholds(
    JSON.stringify({
      metrics: {
        http_req_failed: { value: 0.2, thresholds: { 'rate<0.01': true } },
        'http_req_duration{name:slow}': { max: 7, thresholds: { 'max<1': true, 'max<9': false } },
      },
    }),
  );
  const log = (metrics: string): string =>
    `time="…" level=error msg="thresholds on metrics '${metrics}' were crossed; at least one has abortOnFail enabled, stopping test prematurely"`;

  test.each([
    ['http_req_failed', [{ rule: 'k6: http_req_failed: rate<0.01', measured: 0.2, afterSeconds: null }]],
    [
      'http_req_duration{name:slow}, http_req_failed',
      [
        { rule: 'k6: http_req_failed: rate<0.01', measured: 0.2, afterSeconds: null },
        { rule: 'k6: http_req_duration{name:slow}: max<1', measured: 7, afterSeconds: null },
      ],
    ],
    ['unknown', [{ rule: 'unknown', measured: null, afterSeconds: null }]],
  ])('%j', (metrics, endedBy) => {
    expect(endedByScript(log(metrics), results)).toEqual({ endedBy });
  });

  test('is none when thresholds were only crossed', () => {
    expect(endedByScript("thresholds on metrics 'http_req_failed' have been crossed", results)).toEqual({});
  });
});

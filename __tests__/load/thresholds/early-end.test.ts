import { expect, test } from '@jest/globals';
import { figuresSoFar } from '../../../src/load/counts/measurement.ts';
import { measureLoad } from '../../../src/load/engine/generate.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { parseStages } from '../../../src/load/requests/stages.ts';
import { brokenSoFar, canEndEarly } from '../../../src/load/thresholds/early-end.ts';
import { parseThresholds } from '../../../src/load/thresholds/thresholds.ts';
import { FakeSender, FakeTime, GOOD, plan } from '../engine/fakes.ts';

const rules = (text: string) => parseThresholds(text).thresholds;

/** What is broken at each look at a load whose answers all fail from `failsFromMs` on. */
async function looksAt(text: string, failsFromMs: number, changes: Partial<LoadPlan> = {}): Promise<string[][]> {
  const time = new FakeTime();
  const load = plan({ requests: null, durationMs: 9000, ...changes });
  const beganMs = time.now();
  const sender = new FakeSender(time, ({ atMs }) =>
    atMs - beganMs < failsFromMs ? GOOD : { ...GOOD, status: 500, failure: 'http-status', serviceMs: 50 },
  );
  const looks: string[][] = [];
  await measureLoad(load, sender, time, {
    onMeasured: (soFar) => {
      looks.push(brokenSoFar(rules(text), figuresSoFar(load, soFar, 1)).map(({ rule }) => rule));
    },
  });
  return looks;
}

test('a rule is looked at every two seconds, and only one that ends the load', async () => {
  const rule = 'http_req_failed: rate<0.01 abortOnFail';
  expect(await looksAt(`${rule}\nhttp_reqs: count>100000`, 3000)).toEqual([[], [rule], [rule], [rule]]);
});

test('not before its delay', async () => {
  const rule = 'http_req_failed: rate<0.01 abortOnFail delayAbortEval=5s';
  expect(await looksAt(rule, 0)).toEqual([[], [], [rule], [rule]]);
});

test('of a stage, once there is one', async () => {
  const { stages = [] } = parseStages('3s@10, 6s@20') ?? {};
  const model = { kind: 'open', ratePerSecond: 16, arrivals: 'constant', concurrency: 4 } as const;
  const rule = 'http_req_duration{stage:2}: max<20 abortOnFail';
  const looks = await looksAt(`${rule}\nhttp_req_duration{stage:1}: max<20 abortOnFail`, 3000, { stages, model });
  expect(looks).toEqual([[], [rule], [rule], [rule]]);
});

test.each([
  ['http_reqs: rate>1', false],
  ['http_reqs: rate>1\nhttp_req_failed: rate<1 abortOnFail', true],
])('%j', (text, can) => {
  expect(canEndEarly(rules(text))).toBe(can);
});

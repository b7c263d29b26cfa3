import { describe, expect, test } from '@jest/globals';
import { mergeMeasurements, loadResult } from '../../../src/load/counts/measurement.ts';
import { generateLoad, measureLoad } from '../../../src/load/engine/generate.ts';
import { splitPlan } from '../../../src/load/engine/split-plan.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { durationOf, highestOf, meanOf, parseStages } from '../../../src/load/requests/stages.ts';
import { loadResult as loadSchema } from '../../../src/model/load.ts';
import { FakeSender, FakeTime, GOOD, plan } from './fakes.ts';

function staged(text: string, concurrency = 50): LoadPlan {
  const { unit, stages } = parseStages(text) ?? { unit: 'rate', stages: [] };
  return plan({
    stages,
    requests: null,
    durationMs: durationOf(stages),
    model:
      unit === 'users'
        ? { kind: 'closed', concurrency: highestOf(stages) }
        : { kind: 'open', ratePerSecond: meanOf(stages), arrivals: 'constant', concurrency },
  });
}

const answered = (ms: number) => () => ({ ...GOOD, serviceMs: ms });

describe('an open load in stages', () => {
  test('sends in each stage what it asks for, and counts it there', async () => {
    const time = new FakeTime();
    const load = await generateLoad(staged('1s@20, ramp 1s, 1s@100'), new FakeSender(time), time);
    expect(loadSchema.parse(load).stages).toMatchObject([
      { number: 1, seconds: 1, from: 20, to: 20, figures: { sent: 20 }, notSent: 0 },
      { number: null, seconds: 1, from: 20, to: 100, figures: { sent: 60 } },
      { number: 2, seconds: 1, from: 100, to: 100, figures: { sent: 100, requestsPerSecond: 100 } },
    ]);
    expect(load.total.sent).toBe(180);
    expect(load).not.toHaveProperty('uncertainty');
  });

  test('says of the stage that was too much for it what left late and what never', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, answered(100));
    const { stages = [], total, notSent } = await generateLoad(staged('1s@10, 1s@100, 1s@10', 2), sender, time);
    expect(stages[0]).toMatchObject({ sentLate: 0, notSent: 0, figures: { sent: 10 } });
    expect(stages[1]?.sentLate).toBeGreaterThan(20);
    expect(stages.reduce((sum, stage) => sum + stage.figures.sent, 0)).toBe(total.sent);
    expect(stages.reduce((sum, stage) => sum + stage.notSent, 0)).toBe(notSent);
    expect(total.sent + notSent).toBe(120);
    expect(notSent).toBeGreaterThan(0);
  });
});

describe('a closed load in stages', () => {
  test('has as many users at a time as the stage asks for', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, answered(10));
    const load = await generateLoad(staged('1s@2 users, 1s@8 users, 1s@1 user'), sender, time);
    const usersIn = (from: number, to: number): number =>
      new Set(sender.requests.filter(({ atMs }) => atMs >= from && atMs < to).map(({ connection }) => connection)).size;
    expect([usersIn(1000, 1990), usersIn(2010, 2990), usersIn(3010, 4000)]).toEqual([2, 8, 1]);
    expect(load.stages?.map(({ figures }) => Math.round(figures.sent / 100))).toEqual([2, 8, 1]);
  });

  test('changes its users evenly over a ramp', async () => {
    const time = new FakeTime();
    const sender = new FakeSender(time, answered(10));
    const load = await generateLoad(staged('ramp 1s, 1s@10 users, ramp 1s'), sender, time);
    const sent = load.stages?.map(({ figures }) => figures.sent) ?? [];
    expect(sent[1]).toBeGreaterThan(950);
    expect(sent[0]).toBeGreaterThan(400);
    expect(sent[0]).toBeLessThan(600);
    expect(sent[2]).toBeGreaterThan(400);
    expect(sent[2]).toBeLessThan(600);
  });
});

test.each(['1s@20, 1s@100', '1s@3 users, 1s@8 users'])('%s: workers send together what one would', async (text) => {
  const whole = staged(text);
  const parts = splitPlan(whole, 3);
  expect(parts).toHaveLength(3);
  const measured = await Promise.all(
    parts.map(async (part) => {
      const time = new FakeTime();
      return await measureLoad(part, new FakeSender(time, answered(10)), time);
    }),
  );
  const { stages } = loadResult(whole, mergeMeasurements(whole, measured), 3, null);
  const time = new FakeTime();
  const alone = await generateLoad(whole, new FakeSender(time, answered(10)), time);
  expect(stages?.map(({ figures }) => figures.sent)).toEqual(alone.stages?.map(({ figures }) => figures.sent));
  expect(stages?.map(({ from }) => from)).toEqual(alone.stages?.map(({ from }) => from));
});

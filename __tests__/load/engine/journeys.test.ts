import { describe, expect, test } from '@jest/globals';
import { generateLoad, measureLoad } from '../../../src/load/engine/generate.ts';
import { splitPlan } from '../../../src/load/engine/split-plan.ts';
import { loadResult as resultOf, mergeMeasurements } from '../../../src/load/counts/measurement.ts';
import { requestText } from '../../../src/load/http1/request-text.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import type { Values } from '../../../src/load/requests/template.ts';
import type { Outcome, Sender } from '../../../src/load/sender.ts';
import { loadResult } from '../../../src/model/load.ts';
import { FakeTime, GOOD, plan } from './fakes.ts';

const SCENARIO = `journeys:
  - name: buy
    data: {file: users.csv, each: EACH}
    think: THINK
    steps:
      - {name: login, method: POST, path: "/login?user={{user}}", save: {token: {json: $.token}}}
      - {name: list, path: /list, headers: {authorization: "Bearer {{token}}"}, save: {id: {json: $.id}}}
      - {name: item, path: "/items/{{id}}", expect: {json: {$.ok: true}}}
`;

function journeyPlan(changes: Partial<LoadPlan> = {}, { each = 'pass', think = '0s' } = {}): LoadPlan {
  const { targets, journeys, faults } = parseScenario(
    SCENARIO.replace('EACH', each).replace('THINK', think),
    () => 'user\nann\nbob\ncid\ndan\n',
  );
  expect(faults).toEqual([]);
  return plan({
    targets: targets.map((target) => ({ ...target, host: target.host ?? 'shop.localhost' })),
    journeys: journeys ?? [],
    requests: 8,
    ...changes,
  });
}

interface Asked {
  readonly connection: number;
  readonly atMs: number;
  readonly text: string;
}

/** Answers as a small shop does that knows its users by a cookie and a token. */
class Shop implements Sender {
  readonly asked: Asked[] = [];
  readonly #time: FakeTime;
  readonly #targets: LoadPlan['targets'];
  readonly #fails: (text: string) => boolean;

  constructor(time: FakeTime, { targets }: LoadPlan, fails: (text: string) => boolean = () => false) {
    this.#time = time;
    this.#targets = targets;
    this.#fails = fails;
  }

  send(connection: number, target: number, done: (outcome: Outcome) => void, values: Values): void {
    const asked = this.#targets[target];
    if (asked === undefined) throw new Error('there is no such target');
    const text = requestText(asked, values);
    this.asked.push({ connection, atMs: this.#time.now(), text });
    const user = /user=(\w+)/.exec(text)?.[1];
    const body = user === undefined ? '{"id": 12, "ok": true}' : `{"token": "token-of-${user}"}`;
    this.#time.at(10, () => {
      if (user !== undefined) values.answer?.setFields([['set-cookie', `sid=${user}`]]);
      else values.answer?.setFields([]);
      values.answer?.addBody(Buffer.from(body), 0, body.length);
      done(this.#fails(text) ? { ...GOOD, status: 500, failure: 'http-status' } : GOOD);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function walk(given: LoadPlan, fails?: (text: string) => boolean) {
  const time = new FakeTime();
  const shop = new Shop(time, given, fails);
  const load = await generateLoad(given, shop, time);
  return { asked: shop.asked, load: loadResult.parse(load) };
}

const users = (asked: readonly Asked[]): string[] => asked.flatMap(({ text }) => /user=(\w+)/.exec(text)?.[1] ?? []);

describe('users that walk', () => {
  test('use what an earlier answer gave them, each its own', async () => {
    const { asked, load } = await walk(journeyPlan());
    expect(load.total).toMatchObject({ sent: 24, failed: 0 });
    expect(load.journeys).toMatchObject([
      { name: 'buy', begun: 8, completed: 8, failed: 0, unfinished: 0, problems: [] },
    ]);
    expect(load.journeys?.[0]?.durationMs?.p50).toBeCloseTo(30, 0);
    expect(load).toMatchObject({ notSent: 0, checks: [{ name: 'login' }, { name: 'list' }, { name: 'item' }] });
    for (let connection = 0; connection < 4; connection++) {
      const own = asked.filter((each) => each.connection === connection).map(({ text }) => text);
      own.forEach((text, at) => {
        const user = /user=(\w+)/.exec(own[at - (at % 3)] ?? '')?.[1] ?? '';
        if (at % 3 === 0) expect(text).not.toContain('cookie: ');
        else expect(text).toContain(`cookie: sid=${user}\r\n`);
        if (at % 3 === 1) expect(text).toContain(`authorization: Bearer token-of-${user}\r\n`);
        if (at % 3 === 2) expect(text).toContain('GET /items/12 HTTP/1.1');
      });
    }
  });

  test('take each the next row at each walk, or keep theirs and their cookies', async () => {
    const passes = users((await walk(journeyPlan())).asked);
    expect(new Set(passes.slice(0, 4)).size).toBe(4);
    expect(passes.slice(4).sort()).toEqual(passes.slice(0, 4).sort());
    const { asked } = await walk(journeyPlan({}, { each: 'user' }));
    for (let connection = 0; connection < 4; connection++) {
      const own = asked.filter((each) => each.connection === connection);
      expect(new Set(users(own)).size).toBe(1);
      expect(own[3]?.text).toContain('cookie: sid=');
    }
    expect(new Set(users(asked)).size).toBe(4);
  });

  test('walk the same with the same seed, and otherwise with another', async () => {
    const texts = async (seed: string) => (await walk(journeyPlan({ seed }, { think: '0.1s..0.5s' }))).asked;
    expect(await texts('a')).toEqual(await texts('a'));
    expect(await texts('a')).not.toEqual(await texts('b'));
  });

  test('leave the rest of a journey when a step fails, which is told', async () => {
    const { asked, load } = await walk(journeyPlan(), (text) => text.startsWith('GET /list'));
    expect(load.journeys).toMatchObject([
      {
        begun: 8,
        completed: 0,
        failed: 8,
        durationMs: null,
        steps: [{ notBegun: 0 }, { notBegun: 0 }, { notBegun: 8 }],
      },
    ]);
    expect(asked.some(({ text }) => text.includes('/items/'))).toBe(false);
    expect(load.hosts[2]).toMatchObject({ name: 'item', sent: 0 });
    expect(load.total).toMatchObject({ sent: 16, failed: 8, failures: { 'http-status': 8 } });
  });

  test('pause between steps; pauses are in no time', async () => {
    const { asked, load } = await walk(journeyPlan({ requests: 4 }, { think: '1s..3s' }));
    const own = asked.filter(({ connection }) => connection === 0).map(({ atMs }) => atMs);
    for (const [at, ms] of own.entries()) {
      if (at === 0) continue;
      const pause = ms - (own[at - 1] ?? 0) - 10;
      expect(pause).toBeGreaterThanOrEqual(999);
      expect(pause).toBeLessThanOrEqual(3001);
    }
    expect(load.journeys?.[0]?.durationMs?.max).toBeLessThan(40);
  });

  test('stop at the end of the window, wherever they are', async () => {
    const { load } = await walk(journeyPlan({ requests: null, durationMs: 2500 }, { think: '1s' }));
    expect(load.journeys).toMatchObject([{ begun: 4, completed: 4, unfinished: 0 }]);
    expect(load.durationSeconds).toBeCloseTo(2.5, 2);
    const short = await walk(journeyPlan({ requests: null, durationMs: 1500 }, { think: '1s' }));
    expect(short.load.journeys).toMatchObject([{ begun: 4, completed: 0, failed: 0, unfinished: 4 }]);
    expect(short.load.total).toMatchObject({ sent: 8, failed: 0 });
  });

  test('are sent a warm-up of exactly so many requests, which are not counted', async () => {
    const { asked, load } = await walk(journeyPlan({ warmupRequests: 10 }, { think: '1s' }));
    expect(asked).toHaveLength(34);
    expect(load.total.sent).toBe(24);
  });
});

test('a wrong answer is told in words of the scenario', async () => {
  const given = journeyPlan();
  const [buy] = given.journeys ?? [];
  if (buy === undefined) throw new Error('there is one');
  const steps = buy.steps.map((step) =>
    step.name === 'list'
      ? {
          ...step,
          save: step.save.map((saving) => ({
            ...saving,
            inHeader: true,
            from: { kind: 'header' as const, header: 'x-id' },
          })),
        }
      : step,
  );
  const { load } = await walk({ ...given, journeys: [{ ...buy, steps }] });
  expect(load.journeys?.[0]?.problems).toEqual([
    { step: 'list', problem: "id can't be saved: no header x-id", count: 8 },
  ]);
  expect(load.total.failures).toEqual({ 'wrong-answer': 8 });
  expect(JSON.stringify(load)).not.toContain('token-of');
});

describe('journeys that arrive', () => {
  const model = { kind: 'open', ratePerSecond: 10, arrivals: 'constant', concurrency: 20 } as const;

  test('begin at their moments, each by another user', async () => {
    const { asked, load } = await walk(journeyPlan({ model, requests: null, durationMs: 1000 }, { think: '0.02s' }));
    expect(load.journeys).toMatchObject([{ begun: 10, failed: 0 }]);
    expect(load.notSent).toBe(0);
    const logins = asked.filter(({ text }) => text.startsWith('POST'));
    expect(logins.map(({ atMs }) => Math.round((atMs - 1000) / 100))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(logins.every(({ text }) => !text.includes('cookie:'))).toBe(true);
  });

  test('wait for a connection, which counts, or never begin, which is told', async () => {
    const { load } = await walk(
      journeyPlan({ model: { ...model, concurrency: 1 }, requests: null, durationMs: 1000 }, { think: '0.1s' }),
    );
    expect(load.sentLate).toBeGreaterThan(2);
    expect((load.journeys?.[0]?.begun ?? 0) + load.notSent).toBe(10);
    expect(load.journeys?.[0]?.durationMs?.max).toBeGreaterThan(200);
  });
});

test('workers walk together what the plan says, with rows of the one order', async () => {
  const whole = journeyPlan({ requests: 9 });
  const all: string[] = [];
  const measured = await Promise.all(
    splitPlan(whole, 2).map(async (part) => {
      const time = new FakeTime();
      const shop = new Shop(time, part);
      const measurement = await measureLoad(part, shop, time);
      all.push(...users(shop.asked));
      return measurement;
    }),
  );
  const load = loadResult.parse(resultOf(whole, mergeMeasurements(whole, measured), 2, null));
  expect(load.journeys).toMatchObject([{ begun: 9, completed: 9 }]);
  const times = ['ann', 'bob', 'cid', 'dan'].map((user) => all.filter((each) => each === user).length);
  expect(times.sort()).toEqual([2, 2, 2, 3]);
});

test('a cancelled load counts what was on its way apart, and nobody goes on', async () => {
  const time = new FakeTime();
  const given = journeyPlan({ requests: null, durationMs: 60_000 }, { think: '1s' });
  const cancel = new AbortController();
  const shop = new Shop(time, given);
  time.at(1015, () => {
    cancel.abort();
  });
  const load = await generateLoad(given, shop, time, { signal: cancel.signal });
  expect(load.total.cancelled).toBe(4);
  const sent = shop.asked.length;
  await time.sleep(5000);
  expect(shop.asked).toHaveLength(sent);
});

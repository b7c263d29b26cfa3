import { describe, expect, test } from '@jest/globals';
import { StageError } from '../src/errors.ts';
import { waitUntil, type Observation, type WaitOptions } from '../src/wait.ts';
import { instantClock } from './fakes/github/instant-clock.ts';

type Look = Observation<string> | Error;

/** Looks that come one after the other; the last one repeats. */
function looks(...answers: readonly Look[]): { look: () => Promise<Observation<string>>; count: () => number } {
  let count = 0;
  return {
    count: () => count,
    look: () => {
      const answer = answers[Math.min(count, answers.length - 1)];
      count += 1;
      if (answer === undefined) throw new RangeError('no answers');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

const notYet = (why: string): Look => ({ ready: false, why });
const ready: Look = { ready: true, value: 'done' };

const options = (changes: Partial<WaitOptions> = {}): WaitOptions => ({
  what: 'the moon',
  deadlineMs: 10_000,
  everyMs: 1000,
  code: 'node-not-ready',
  clock: instantClock(),
  signal: new AbortController().signal,
  ...changes,
});

test('what is ready at once is not waited for', async () => {
  const clock = instantClock();
  expect(await waitUntil(looks(ready).look, options({ clock }))).toBe('done');
  expect(clock.sleeps).toEqual([]);
});

test('it looks again after each pause until it is ready', async () => {
  const clock = instantClock();
  expect(await waitUntil(looks(notYet('a'), notYet('a'), ready).look, options({ clock }))).toBe('done');
  expect(clock.sleeps).toEqual([1000, 1000]);
});

test('a new reason for waiting is told once', async () => {
  const told: string[] = [];
  const { look } = looks(notYet('a'), notYet('a'), notYet('b'), new Error('c'), notYet('a'), ready);
  await waitUntil(look, options({ onChange: (why) => told.push(why) }));
  expect(told).toEqual(['a', 'b', 'c', 'a']);
});

describe('after the deadline', () => {
  test('the error says how long, for what, and what was seen last', async () => {
    const error: unknown = await waitUntil(looks(notYet('first'), notYet('it is dark')).look, options()).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StageError);
    expect(error).toMatchObject({ code: 'node-not-ready', message: 'Waited 10 s for the moon: it is dark' });
  });

  test('the last pause is only as long as the time that is left', async () => {
    const clock = instantClock();
    await expect(waitUntil(looks(notYet('no')).look, options({ clock, deadlineMs: 2500 }))).rejects.toThrow('Waited');
    expect(clock.sleeps).toEqual([1000, 1000, 500]);
  });

  test('there is a last look when time is up', async () => {
    const { look, count } = looks(notYet('no'), notYet('no'), ready);
    expect(await waitUntil(look, options({ deadlineMs: 1500 }))).toBe('done');
    expect(count()).toBe(3);
  });
});

describe('a look that throws', () => {
  test('counts as not yet, with its message as the reason', async () => {
    await expect(waitUntil(looks(new Error('no such thing')).look, options())).rejects.toThrow(
      'for the moon: no such thing',
    );
  });

  test('ends the wait when it is no reason to go on', async () => {
    const { look, count } = looks(new Error('broken'));
    await expect(waitUntil(look, options({ retryOn: () => false }))).rejects.toThrow(/^broken$/);
    expect(count()).toBe(1);
  });
});

describe('when the run is cancelled', () => {
  const reason = new StageError('cancelled', 'stop');

  test('nothing is looked at any more', async () => {
    const { look, count } = looks(ready);
    await expect(waitUntil(look, options({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(count()).toBe(0);
  });

  test('the pause ends at once', async () => {
    const controller = new AbortController();
    const look = (): Promise<Observation<string>> => {
      controller.abort(reason);
      return Promise.resolve({ ready: false, why: 'no' });
    };
    await expect(waitUntil(look, options({ signal: controller.signal }))).rejects.toBe(reason);
  });

  test('a look that fails because of it is not mistaken for a reason', async () => {
    const controller = new AbortController();
    const look = (): Promise<Observation<string>> => {
      controller.abort(reason);
      return Promise.reject(new Error('killed'));
    };
    await expect(waitUntil(look, options({ signal: controller.signal }))).rejects.toBe(reason);
  });
});

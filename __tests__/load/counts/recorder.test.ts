import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Recorder } from '../../../src/load/counts/recorder.ts';
import type { Target } from '../../../src/load/requests/plan.ts';
import type { Outcome } from '../../../src/load/sender.ts';

const TARGETS: Target[] = [{ host: 'foo.localhost', path: '/' }];

const outcomeOf = ({ ms, right }: { readonly ms: number; readonly right: boolean }): Outcome => ({
  status: right ? 200 : 503,
  bytes: 0,
  failure: right ? null : 'http-status',
  serviceMs: ms,
  waitingMs: ms,
  handshake: null,
  retried: false,
});

test('requests that timed out are in a latency of their own, and in no other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ ms: fc.integer({ min: 0, max: 100 }), timedOut: fc.boolean() }), { minLength: 1 }),
      fc.integer({ min: 1, max: 3 }),
      (requests, workers) => {
        const record = (recorder: Recorder, { ms, timedOut }: (typeof requests)[number]): void => {
          const answer = outcomeOf({ ms, right: true });
          recorder.record(0, timedOut ? { ...answer, status: 0, failure: 'timeout', serviceMs: 1000 } : answer, 1);
        };
        const [whole, answered] = [new Recorder(TARGETS), new Recorder(TARGETS)];
        for (let worker = 0; worker < workers; worker++) {
          const part = new Recorder(TARGETS);
          requests.forEach((request, index) => {
            if (index % workers === worker) record(part, request);
          });
          whole.addSnapshot(part.snapshot());
        }
        for (const request of requests.filter(({ timedOut }) => !timedOut)) record(answered, request);
        const { total } = whole.results(1, [75]);
        expect(total.latencyMs).toEqual(answered.results(1, [75]).total.latencyMs);
        const timeouts = requests.filter(({ timedOut }) => timedOut).length;
        expect(total.failures.timeout ?? 0).toBe(timeouts);
        expect(total.latencyWithTimeoutsMs?.max).toBe(timeouts === 0 ? undefined : 1001);
        // By nearest rank three quarters of all requests took no longer.
        const sorted = requests.map(({ ms, timedOut }) => (timedOut ? 1001 : ms + 1)).sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(0.75 * sorted.length)) - 1] ?? NaN;
        if (timeouts > 0) {
          const found = total.latencyWithTimeoutsPercentilesMs?.['75'] ?? NaN;
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found).toBeLessThanOrEqual(exact * 1.001);
        }
      },
    ),
  );
});

const answers = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 100 }), right: fc.boolean() }), { maxLength: 40 });

test('the times of right answers are those of a recorder that saw no other ones, however they are added up', () => {
  fc.assert(
    fc.property(fc.array(answers, { minLength: 1, maxLength: 4 }), (parts) => {
      const whole = new Recorder(TARGETS);
      for (const part of parts) {
        const recorder = new Recorder(TARGETS);
        for (const answer of part) recorder.record(0, outcomeOf(answer), 1);
        whole.addSnapshot(recorder.snapshot());
      }
      const rightOnly = new Recorder(TARGETS);
      const all = parts.flat();
      for (const answer of all.filter(({ right }) => right)) rightOnly.record(0, outcomeOf(answer), 1);
      const { total } = whole.results(1, [99.9]);
      const expected = rightOnly.results(1, [99.9]).total;
      if (all.every(({ right }) => right)) {
        expect(total).not.toHaveProperty('rightLatencyMs');
        return;
      }
      expect(total.rightLatencyMs).toEqual(expected.latencyMs);
      expect(total.rightLatencyPercentilesMs).toEqual(expected.latencyPercentilesMs);
      expect(total.serviceTimeMs === null).toBe(all.length === 0);
    }),
  );
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { remoteWriteBody, type SeriesValue } from '../../../src/load/metrics/remote-write.ts';
import { readRemoteWrite } from '../../fakes/prometheus.ts';

const TIME_MS = 1_795_524_669_954;

describe('the body of a remote write', () => {
  test('is, byte for byte, what the specifications say', () => {
    // WriteRequest{timeseries: [{labels: [{"__name__", "up"}], samples: [{value: 1, timestamp: 300}]}]} in one literal.
    const message = '0a1e' + '0a0e' + '0a085f5f6e616d655f5f' + '12027570' + '120c' + '09000000000000f03f' + '10ac02';
    const literal = (message.length / 2 - 1).toString(16);
    expect(Buffer.from(remoteWriteBody([{ name: 'up', labels: {}, value: 1 }], 300)).toString('hex')).toBe(
      `${(message.length / 2).toString(16)}f4${literal}00${message}`,
    );
  });

  test('has the labels in the order of their names', () => {
    const body = remoteWriteBody(
      [{ name: 'requests_total', labels: { job: 'j', host: 'foo.localhost', class: 'é' }, value: 5 }],
      TIME_MS,
    );
    expect(Object.entries(readRemoteWrite(body)[0]?.labels ?? {})).toEqual([
      ['__name__', 'requests_total'],
      ['class', 'é'],
      ['host', 'foo.localhost'],
      ['job', 'j'],
    ]);
  });

  test('tells every number and histogram as it is, also in more than one literal', () => {
    const count = fc.nat({ max: 2 ** 50 });
    const buckets = fc.record({
      count,
      sum: fc.double({ noNaN: true }),
      zeros: count,
      first: fc.integer({ min: -500, max: 500 }),
      counts: fc.array(count, { maxLength: 300 }),
    });
    const value = fc.oneof(fc.double({ noNaN: true }), fc.record({ schema: fc.integer({ min: -4, max: 8 }), buckets }));
    const series = fc.array(
      fc.record({
        name: fc.constant('x'),
        labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string({ maxLength: 500 })),
        value,
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(series, (given: SeriesValue[]) => {
        const read = readRemoteWrite(remoteWriteBody(given, TIME_MS));
        expect(read).toHaveLength(given.length);
        read.forEach((one, index) => {
          const sent = given[index];
          expect(one.labels).toEqual({ __name__: 'x', ...sent?.labels });
          expect(one.timeMs).toBe(TIME_MS);
          if (typeof sent?.value === 'number' || sent === undefined) {
            expect(one.value).toBe(sent?.value);
          } else {
            const { count: all, sum, zeros, first, counts } = sent.value.buckets;
            expect(one.value).toEqual({
              count: all,
              sum,
              zeros,
              schema: sent.value.schema,
              buckets: Object.fromEntries(counts.map((each, bucket) => [first + bucket, each])),
            });
          }
        });
      }),
      { numRuns: 30 },
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { StageError } from '../../../src/errors.ts';
import { K6CsvReader } from '../../../src/load/k6/k6-csv.ts';

const HEADER = 'metric_name,timestamp,metric_value,error,status,extra_tags,metadata\n';

interface Read {
  readonly metric: string;
  readonly timeMs: number;
  readonly value: number;
  readonly error: string;
  readonly status: string;
  readonly target: string;
}

function read(parts: readonly string[], wanted = ['a']): Read[] {
  const samples: Read[] = [];
  const reader = new K6CsvReader(wanted, ({ metric, timeMs, value, systemTag, ownTag }) => {
    samples.push({
      metric,
      timeMs,
      value,
      error: systemTag('error'),
      status: systemTag('status'),
      target: ownTag('target'),
    });
  });
  for (const part of parts) reader.push(part);
  return samples;
}

const ROW = { metric: 'a', timeMs: 1795449042123.456, value: 1.5, error: '', status: '200', target: '3' };

describe('the CSV output of k6', () => {
  test('is read by its columns, and only for the metrics asked for', () => {
    expect(
      read([`${HEADER}a,1795449042123456,1.500000,,200,x=1&target=3&y=2,\nb,1795449042123456,1,,200,,\n`]),
    ).toEqual([ROW]);
  });

  test('may have quotes, commas and line ends in a field', () => {
    const [sample] = read([`${HEADER}a,1795449042123456,1,"say ""no"", or\nyes",0,target=3,\n`]);
    expect(sample).toMatchObject({ error: 'say "no", or\nyes', target: '3' });
  });

  test('is the same however it is cut', () => {
    const text = `${HEADER}a,1795449042123456,1.5,"x,""\ny",200,target=3,\r\nb,1795449042123456,1,"q\n",200,,\na,1795449042123456,2,,200,,\n`;
    const whole = read([text]);
    expect(whole).toHaveLength(2);
    for (let cut = 0; cut <= text.length; cut++) expect(read([text.slice(0, cut), text.slice(cut)])).toEqual(whole);
  });

  test('that was cut off in its last line is read up to it', () => {
    expect(read([`${HEADER}a,1795449042123456,1.5,,200,target=3,\na,17954490421`])).toEqual([ROW]);
    expect(read(['metric_na'])).toEqual([]);
  });

  const wrong = [
    {
      name: 'without the columns',
      text: 'hello\n',
      why: 'its columns metric_name, timestamp, metric_value, extra_tags are missing',
    },
    {
      name: 'with seconds in place of microseconds',
      text: `${HEADER}a,179544904,1,,,,\n`,
      why: '"179544904" is not a time',
    },
    {
      name: 'with a value that is no number',
      text: `${HEADER}a,1795449042123456,x,,,,\n`,
      why: '"x" is not a value of a',
    },
    { name: 'with an infinite value', text: `${HEADER}a,1795449042123456,Infinity,,,,\n`, why: 'is not a value of a' },
    { name: 'with a row that ends early', text: `${HEADER}a,1795449042123456\n`, why: '"" is not a value of a' },
    {
      name: 'with a quote that never ends',
      text: `${HEADER}"${'x'.repeat(1_100_000)}`,
      why: 'a record is longer than',
    },
  ];
  test.each(wrong)('$name is refused', ({ text, why }) => {
    expect(() => read([text])).toThrow(
      expect.objectContaining({ code: 'load-failed', message: expect.stringContaining(why) }),
    );
  });

  test('never fails but by an error that says what is wrong', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('a', ',', '"', '\n', '""', '&', '=', '1795449042123456', HEADER, 'a,1795449042123456,1,,,,\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, header) => {
        try {
          read([header ? HEADER : '', ...pieces]);
        } catch (error) {
          expect(error).toBeInstanceOf(StageError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('of the real k6, changed at random, never fails otherwise either', () => {
    const real = readFileSync('__tests__/fixtures/k6/script-v2.2.0.csv', 'utf8');
    fc.assert(
      fc.property(fc.nat(real.length - 1), fc.constantFrom('"', ',', '\n', '', 'x', '\0'), (at, character) => {
        try {
          read([real.slice(0, at) + character + real.slice(at + 1)], ['http_req_duration']);
        } catch (error) {
          expect(error).toBeInstanceOf(StageError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

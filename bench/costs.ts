import { Histogram } from '../src/load/counts/histogram.ts';
import { Recorder } from '../src/load/counts/recorder.ts';
import { ResponseParser } from '../src/load/http1/http1-parser.ts';
import { createRandom } from '../src/load/random.ts';
import { median, table } from './statistics.ts';

const OPERATIONS = 500_000;
const ROUNDS = 7;

const ANSWER = (date: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: ${date}\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nfoo\n`,
  );

/** CPU nanoseconds of the parts that run for each request. */
export function benchCosts(): { readonly name: string; readonly nanoseconds: number }[] {
  const histogram = new Histogram();
  const recorder = new Recorder([{ host: 'foo.localhost', path: '/' }]);
  const random = createRandom('bench');
  const values = Float64Array.from({ length: 4096 }, () => random.exponential(5));
  const parser = new ResponseParser(() => undefined);
  const same = ANSWER('Mon, 23 Nov 2026 14:53:18 GMT');
  const other = ANSWER('Mon, 23 Nov 2026 14:53:19 GMT');
  const parse = (bytes: Buffer): void => {
    parser.begin();
    parser.read(bytes, 0, bytes.length);
  };
  return [
    {
      name: 'read an answer, its header known',
      nanoseconds: cost(() => {
        parse(same);
      }),
    },
    {
      name: 'read an answer, its header new',
      nanoseconds: cost((i) => {
        parse(i % 2 === 0 ? same : other);
      }),
    },
    {
      name: 'count a value in a histogram',
      nanoseconds: cost((i) => {
        histogram.record((values[i & 4095] ?? 0) * 1000);
      }),
    },
    {
      name: 'record an outcome',
      nanoseconds: cost((i) => {
        recorder.record(
          0,
          {
            status: 200,
            bytes: 4,
            failure: null,
            serviceMs: values[i & 4095] ?? 0,
            waitingMs: values[i & 4095] ?? 0,
            handshake: null,
            retried: false,
          },
          0,
        );
      }),
    },
    {
      name: 'pick a target',
      nanoseconds: cost(() => {
        random.integer(2);
      }),
    },
    {
      name: 'read a percentile',
      nanoseconds: cost(() => {
        histogram.percentile(99);
      }, OPERATIONS / 500),
    },
  ];
}

function cost(operation: (i: number) => void, operations = OPERATIONS): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < operations; i++) operation(i);
    return (process.cpuUsage(before).user * 1000) / operations;
  });
  return median(rounds);
}

export function costsTable(results: ReturnType<typeof benchCosts>): string {
  return table(
    ['part', 'ns'],
    results.map(({ name, nanoseconds }) => [name, nanoseconds.toFixed(0)]),
  );
}

import { Histogram } from '../src/load/counts/histogram.ts';
import { Recorder } from '../src/load/counts/recorder.ts';
import { ResponseParser } from '../src/load/http1/http1-parser.ts';
import { ClientStream } from '../src/load/http2/client-stream.ts';
import { HeadParts } from '../src/load/http2/head-parts.ts';
import { Http2Client } from '../src/load/http2/http2-client.ts';
import { prepareRequest } from '../src/load/http2/request-head.ts';
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
    { name: 'write a request of HTTP/2 and read its answer', nanoseconds: cost(http2Exchange()) },
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

/** One stream after another, as a user has them; the answer is that of nginx. */
function http2Exchange(): () => void {
  const client = new Http2Client();
  const stream = new ClientStream({
    written: () => undefined,
    answered: () => undefined,
    began: () => undefined,
    data: () => undefined,
    ended: () => undefined,
    lost: (failure) => {
      throw new Error(failure);
    },
  });
  const { parts } = prepareRequest({ host: 'foo.localhost', scheme: 'https', path: '/' }, new HeadParts());
  const receive = (bytes: Buffer): void => {
    client.receive(bytes, 0, bytes.length);
  };
  client.begin(null);
  receive(Buffer.from('000000040000000000', 'hex'));
  // HEADERS with status, server, date, content-type and content-length; DATA with four bytes.
  const head =
    '880f2789aa6355e580ae212e1f0f1296d07abe94132a693f75040138a05ab8db3702f298b46f0f1087497ca58ae819aa0f0d0134';
  const answer = Buffer.from(`000034010400000000${head}000004000100000000666f6f0a`, 'hex');
  const data = answer.length - 13;
  let id = 1;
  return () => {
    stream.set(parts, [], null);
    client.open(stream);
    client.output.take();
    answer.writeUInt32BE(id, 5);
    answer.writeUInt32BE(id, data + 5);
    receive(answer);
    id += 2;
  };
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

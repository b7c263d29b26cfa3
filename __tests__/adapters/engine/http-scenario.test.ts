import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { openUndiciSender } from '../../../bench/undici-dispatch.ts';
import { openFastSender } from '../../../src/adapters/engine/connection.ts';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import type { Target } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { plan } from '../../load/engine/fakes.ts';
import { OK, onRequest, rawServer, sendOne } from './http-servers.ts';

const entry = new URL('./load-worker-entry.js', import.meta.url);
const read = (yaml: string): Target[] => {
  const { targets, faults } = parseScenario(yaml);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return targets.map((target) => ({ ...target, host: target.host ?? 'a.localhost' }));
};

let server: Server;
let port: number;
let seen: string[];
beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push(
        `${request.method ?? ''} ${request.headers.host ?? ''}${request.url ?? ''} ${String(request.headers['x-id'] ?? '')} ${body}`,
      );
      response.writeHead(request.method === 'POST' ? 201 : 404).end(`made ${body}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const SCENARIO = `requests:
  - {name: make, weight: 3, method: POST, path: "/things/{{int 1 1000000}}", headers: {x-id: "{{uuid}}"}, body: 'größe={{choice s m l}}', expect: {status: 201, text: 'größe='}}
  - {name: gone, path: /gone, expect: {status: 404}}
  - {name: wrong, method: PUT, path: /wrong, body: x}
`;

test('each request has its own verdict and its own figures', async () => {
  const { load: result } = await sendCountedLoad(plan({ targets: read(SCENARIO), requests: 400, warmupRequests: 5 }), {
    endpoint: onLoopback(port),
    workers: 1,
    entry,
  });
  const [make, gone, wrong] = result.hosts;
  expect([make?.name, gone?.name, wrong?.name]).toEqual(['make', 'gone', 'wrong']);
  expect(make).toMatchObject({ failed: 0, statuses: { 201: make?.sent }, path: '/things/{{int 1 1000000}}' });
  expect(gone).toMatchObject({ failed: 0, statuses: { 404: gone?.sent } });
  expect(wrong).toMatchObject({ succeeded: 0, failures: { 'http-status': wrong?.sent } });
  expect(make?.sent).toBeGreaterThan(180);
  expect(seen).toHaveLength(405);
  expect(seen).toContainEqual(expect.stringMatching(/^POST a\.localhost\/things\/\d+ [0-9a-f-]{36} größe=[sml]$/));
});

describe.each([1, 2])('with %p workers', (workers) => {
  test('the same seed sends the same requests, with the same values', async () => {
    const runs: string[][] = [];
    for (const seed of ['one', 'one', 'two']) {
      seen = [];
      await sendCountedLoad(plan({ targets: read(SCENARIO), requests: 200, warmupRequests: 10, seed }), {
        endpoint: onLoopback(port),
        workers,
        entry,
      });
      runs.push(seen.toSorted());
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  }, 60_000);
});

test('what is measured is the same after another warm-up and ramp', async () => {
  const send = async (rampUpMs: number, warmupRequests: number): Promise<Set<string>> => {
    seen = [];
    await sendCountedLoad(plan({ targets: read(SCENARIO), requests: 100, warmupRequests, rampUpMs }), {
      endpoint: onLoopback(port),
      workers: 1,
      entry,
    });
    return new Set(seen.filter((line) => line.startsWith('POST')));
  };
  const [short, long] = [await send(0, 0), await send(50, 20)];
  for (const request of short) expect(long).toContain(request);
});

test('a request that may not be repeated is not, when the server closes the idle connection', async () => {
  const table = [
    ['GET', 1],
    ['PUT', 1],
    ['POST', 0],
  ] as const;
  for (const [method, retries] of table) {
    const closing = await rawServer((socket, index) => {
      let requests = 0;
      onRequest(socket, () => {
        requests += 1;
        if (index === 0 && requests === 2) socket.destroy();
        else socket.write(OK);
      });
    });
    const sender = openFastSender({
      endpoint: onLoopback(closing.port),
      targets: read(`requests: [{method: ${method}}]`),
      connections: 1,
      requestTimeoutMs: 5000,
    });
    await sendOne(sender);
    await sleep(80);
    expect(await sendOne(sender)).toMatchObject({ retried: retries === 1, failure: retries === 1 ? null : 'reset' });
    await sender.close();
    await closing[Symbol.asyncDispose]();
  }
});

test('a connection that was idle for seconds is good enough for a request that may be repeated', async () => {
  const used = await Promise.all(
    (['GET', 'POST'] as const).map(async (method) => {
      await using server = await rawServer((socket) => {
        onRequest(socket, () => socket.write(OK));
      });
      const sender = openFastSender({
        endpoint: onLoopback(server.port),
        targets: read(`requests: [{method: ${method}}]`),
        connections: 1,
        requestTimeoutMs: 5000,
      });
      await sendOne(sender);
      await sleep(4100);
      expect(await sendOne(sender)).toMatchObject({ failure: null, retried: false });
      await sender.close();
      return [method, server.accepted()];
    }),
  );
  expect(used).toEqual([
    ['GET', 1],
    ['POST', 2],
  ]);
}, 30_000);

test('what could end a header early is not sent, wherever it comes from', () => {
  const [target] = read('requests: [{method: POST}]');
  const content = target?.content;
  if (target === undefined || content === undefined) throw new Error('there is one');
  const open = (changes: Partial<typeof content>) => () =>
    openFastSender({
      endpoint: onLoopback(port),
      targets: [{ ...target, content: { ...content, ...changes } }],
      connections: 1,
      requestTimeoutMs: 5000,
    });
  expect(open({ path: ['/a', { kind: 'choice', choices: ['b\r\n'] }] })).toThrow("can't be requested");
  expect(open({ path: [{ kind: 'uuid' }] })).toThrow("can't be requested");
  expect(open({ headers: [['x', ['a\r\ny: b']]] })).toThrow('The header "x" can\'t be sent');
  expect(open({ headers: [['x y', ['a']]] })).toThrow("can't be sent");
  expect(() =>
    openUndiciSender({ endpoint: onLoopback(port), targets: [target], connections: 1, requestTimeoutMs: 5000 }),
  ).toThrow('only plain GET');
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { loadResult } from '../../../src/model/load.ts';
import { plan } from '../../load/engine/fakes.ts';
import { AUTHORITY, overTls } from './tls-servers.ts';

const entry = new URL('./load-worker-entry.js', import.meta.url);

/** A shop with a login: it answers only to who has the token and the cookie of the same login. */
const shop = (): Server => createServer(answer);

const answer = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse): void => {
  const { url = '', headers } = request;
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    if (url === '/login') {
      const { user } = JSON.parse(body) as { user: string };
      response.setHeader('set-cookie', [`sid=${user}; HttpOnly; Secure; Path=/`, 'theme=dark']);
      response.writeHead(302, { location: `/home/${encodeURIComponent(user)}`, 'content-type': 'application/json' });
      response.end(JSON.stringify({ token: `t-${user}` }));
      return;
    }
    const user = /sid=([^;]+)/.exec(headers.cookie ?? '')?.[1];
    const known = user !== undefined && headers.authorization === `Bearer t-${user}` && url === `/home/${user}`;
    response.writeHead(known ? 200 : 403, { 'content-type': 'application/json' });
    response.write('{"user": ');
    response.end(`"${user ?? ''}", "ok": ${String(known)}}`);
  });
};

const SCENARIO = `journeys:
  - name: visit
    data: users.json
    steps:
      - name: login
        method: POST
        path: /login
        body: '{"user": {{json user}}}'
        expect: {status: 302, header: {location: /home/}}
        save:
          token: {regex: '"token":"([^"]+)"'}
          home: {header: location}
          sid: {cookie: sid}
      - name: home
        path: "{{home}}"
        headers: {authorization: "Bearer {{token}}"}
        expect: {json: {$.ok: true}}
`;

let server: Server;
beforeEach(async () => {
  server = shop();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function visits(changes: Partial<LoadPlan> = {}): LoadPlan {
  const users = Array.from({ length: 20 }, (_, index) => ({ user: `user-${String(index)}` }));
  const { targets, journeys, faults } = parseScenario(SCENARIO, () => JSON.stringify(users));
  expect(faults).toEqual([]);
  return plan({
    targets: targets.map((target) => ({ ...target, host: 'shop.localhost' })),
    journeys: journeys ?? [],
    requests: 60,
    warmupRequests: 5,
    ...changes,
  });
}

describe.each([1, 2])('with %p workers', (workers) => {
  test('users log in and go on with what they were given', async () => {
    const settings = { endpoint: onLoopback((server.address() as AddressInfo).port), workers, entry };
    const { load } = await sendCountedLoad(visits(), settings);
    expect(loadResult.parse(load).journeys).toMatchObject([
      { name: 'visit', begun: 60, completed: 60, failed: 0, unfinished: 0, problems: [] },
    ]);
    expect(load.total).toMatchObject({ sent: 120, succeeded: 120, statuses: { 200: 60, 302: 60 } });
    expect(JSON.stringify(load)).not.toMatch(/t-user|sid=/);
  }, 30_000);
});

test('the events of a stream are counted as they come, also when the time of the request ends it', async () => {
  const endless = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    let events = 0;
    const timer = setInterval(() => {
      response.write(`data: ${String(events)}\n\n`);
      events += 1;
      if (request.url === '/three' && events === 3) response.end();
    }, 20);
    response.on('close', () => {
      clearInterval(timer);
    });
  });
  endless.listen(0, '127.0.0.1');
  await once(endless, 'listening');
  const { targets, journeys } = parseScenario(`journeys:
  - name: follow
    steps: [{name: three, path: /three, stream: events}, {name: endless, path: /endless, stream: events}]
`);
  const followed = plan({
    targets: targets.map((target) => ({ ...target, host: 'news.localhost' })),
    journeys: journeys ?? [],
    model: { kind: 'closed', concurrency: 2 },
    requests: 2,
    requestTimeoutMs: 300,
  });
  const settings = { endpoint: onLoopback((endless.address() as AddressInfo).port), workers: 1, entry };
  const { load } = await sendCountedLoad(followed, settings);
  endless.closeAllConnections();
  endless.close();
  expect(loadResult.parse(load).total).toMatchObject({ sent: 4, failed: 0, statuses: { 200: 4 } });
  const [three, on] = load.journeys?.[0]?.steps ?? [];
  expect(three?.stream).toMatchObject({ streams: 2, events: 6 });
  expect(three?.stream?.firstByteMs?.p50).toBeLessThanOrEqual(three?.stream?.firstEventMs?.p50 ?? 0);
  expect(three?.stream?.betweenEventsMs).not.toBeNull();
  expect(on?.stream?.events).toBeGreaterThan(2);
}, 30_000);

test('journeys that arrive have each a user of their own', async () => {
  const model = { kind: 'open', ratePerSecond: 100, arrivals: 'poisson', concurrency: 10 } as const;
  const settings = { endpoint: onLoopback((server.address() as AddressInfo).port), workers: 1, entry };
  const { load } = await sendCountedLoad(visits({ model, requests: null, durationMs: 500 }), settings);
  const [visit] = load.journeys ?? [];
  expect(visit).toMatchObject({ failed: 0, problems: [] });
  expect(visit?.completed).toBeGreaterThan(0);
}, 30_000);

describe.each([1, 2] as const)('over TLS with HTTP/%p', (httpVersion) => {
  test('each user keeps its cookies and what it was given', async () => {
    const { certificates, privateKey } = await (await AUTHORITY).issue(['shop.localhost']);
    const secure = createSecureServer(
      { allowHTTP1: true, cert: certificates, key: privateKey },
      (request, response) => {
        answer(request, response as unknown as ServerResponse);
      },
    );
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const { targets } = visits();
    const load = visits({
      httpVersion,
      streams: 2,
      targets: targets.map((target) => ({ ...target, scheme: 'https' })),
    });
    const endpoint = await overTls({ port: (secure.address() as AddressInfo).port });
    const { load: result } = await sendCountedLoad(load, { endpoint, workers: 1, entry });
    secure.close();
    expect(loadResult.parse(result).journeys).toMatchObject([
      { name: 'visit', begun: 60, completed: 60, failed: 0, unfinished: 0, problems: [] },
    ]);
    expect(result.total).toMatchObject({ sent: 120, succeeded: 120, statuses: { 200: 60, 302: 60 } });
    expect(result.total.tlsHandshakes?.count).toBeGreaterThan(0);
  }, 30_000);
});

import { expect, test } from '@jest/globals';
import { rehearse } from '../../../src/adapters/engine/load-rehearsal.ts';
import { plan } from '../../load/engine/fakes.ts';
import { answering, OK } from './http-servers.ts';

const targets = [
  { host: 'foo.localhost', path: '/', expectedText: 'foo' },
  { host: 'bar.localhost', path: '/' },
];
const MODELS = [
  { kind: 'closed', concurrency: 4 },
  { kind: 'open', ratePerSecond: 1, arrivals: 'poisson', concurrency: 4 },
] as const;
const openSockets = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;

const OVER_TLS = [
  ...targets,
  { host: 'foo.localhost:8443', scheme: 'https', path: '/', expectedText: 'foo' },
  { host: '127.0.0.1', scheme: 'https', path: '/' },
] as const;

test.each([
  ...MODELS.map((model) => ({ what: `the ${model.kind} model`, model, targets })),
  { what: 'a load over TLS', model: MODELS[0], targets: OVER_TLS },
])(
  '$what is rehearsed, and nothing of it stays open',
  async ({ model, targets }) => {
    const before = openSockets();
    const endless = plan({
      targets,
      model,
      requests: null,
      durationMs: 3_600_000,
      warmupRequests: 100,
      rampUpMs: 60_000,
    });
    // A rehearsal takes a second: a busy machine needs more of them for as many answers.
    let answered = 0;
    for (let times = 0; times < 20 && answered <= 100; times++) answered += await rehearse(endless, undefined);
    expect(answered).toBeGreaterThan(100);
    // The last of the server's sockets learn a moment later that they were closed.
    while (openSockets() > before) await new Promise((resolve) => setImmediate(resolve));
  },
  30_000,
);

test('the system under test sees nothing of it', async () => {
  await using server = await answering(OK);
  await rehearse(plan({ targets }), undefined);
  expect(server.accepted()).toBe(0);
}, 30_000);

test('a plan that cannot be sent is left for the load to complain about', async () => {
  await expect(rehearse(plan({ targets: [{ host: 'a b', path: '/' }] }), undefined)).resolves.toBe(0);
});

test('it is left out when the load is cancelled before', async () => {
  await expect(rehearse(plan({ targets }), AbortSignal.abort())).resolves.toBe(0);
});

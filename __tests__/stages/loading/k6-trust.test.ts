import { expect, test } from '@jest/globals';
import type { HttpsHost } from '../../../src/model/https.ts';
import { asK6Trusts } from '../../../src/stages/loading/k6-trust.ts';
import { createWorld } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

const seen = (host: string, names: string[], verifiedBy: HttpsHost['verifiedBy']): HttpsHost => ({
  host,
  protocol: 'TLSv1.3',
  certificate: {
    subject: `CN=${host}`,
    issuer: 'CN=x',
    names,
    fingerprint: 'AA',
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2027-01-01T00:00:00.000Z',
    key: 'EC P-256',
  },
  verifiedBy,
  unverified: verifiedBy === null ? 'nobody knows it' : null,
});
const SYSTEM = { kind: 'system', name: 'CN=Root' } as const;
const ENDPOINT = { address: '127.0.0.1', port: 80, tls: { port: 443, authorities: [], unverified: ['c.localhost'] } };

test('k6 is not asked to verify what it accepts from nobody: a certificate without names', () => {
  const { context } = createWorld(folder(), { up: false, inputs: { engine: 'k6' } });
  context.store.update({
    httpsHosts: [
      seen('a.localhost', ['a.localhost'], SYSTEM),
      seen('b.localhost', [], SYSTEM),
      seen('c.localhost', [], null),
    ],
  });
  expect(asK6Trusts(context, ENDPOINT, true).tls?.unverified).toEqual(['c.localhost', 'b.localhost']);
  expect(context.store.state.warnings).toEqual([
    expect.stringMatching(/^The certificate of b\.localhost names its host only as common name .* k6 verifies none\.$/),
  ]);
});

test('an endpoint without HTTPS is left as it is, and so is one whose certificates k6 accepts', () => {
  const { context } = createWorld(folder(), { up: false, inputs: { engine: 'k6' } });
  const plain = { address: '127.0.0.1', port: 80 };
  expect(asK6Trusts(context, plain, false)).toBe(plain);
  context.store.update({ httpsHosts: [seen('a.localhost', ['a.localhost'], SYSTEM)] });
  expect(asK6Trusts(context, ENDPOINT, false)).toEqual(ENDPOINT);
  expect(context.store.state.warnings).toEqual([]);
});

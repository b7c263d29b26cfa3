import { expect, test } from '@jest/globals';
import { refuseUnseenCertificates } from '../../../src/stages/loading/seen-certificates.ts';
import { createWorld } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

test('a load over HTTPS is refused before check-health has looked at a certificate', () => {
  const { context } = createWorld(folder(), { up: true, inputs: { hosts: 'h0.localhost\nhttps://h1.localhost' } });
  expect(() => {
    refuseUnseenCertificates(context);
  }).toThrow(/certificates of h1\.localhost have not been checked/);
});

test('a load over HTTP needs none, and neither does one whose certificates were looked at', () => {
  const plain = createWorld(folder(), { up: true, inputs: { hosts: 'h0.localhost' } }).context;
  refuseUnseenCertificates(plain);
  const { context } = createWorld(folder(), { up: true, inputs: { hosts: 'https://h0.localhost' } });
  const certificate = { subject: 'CN=x', issuer: 'CN=x', names: ['h0.localhost'], fingerprint: 'AA', key: 'EC P-256' };
  const times = { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z' };
  context.store.update({
    httpsHosts: [
      {
        host: 'h0.localhost',
        protocol: 'TLSv1.3',
        certificate: { ...certificate, ...times },
        verifiedBy: null,
        unverified: 'nobody knows it',
      },
    ],
  });
  refuseUnseenCertificates(context);
  expect(context.store.state.warnings).toEqual([]);
});

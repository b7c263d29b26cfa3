import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../../src/adapters/certificates.ts';
import { givenAuthorities } from '../../../src/stages/health/given-authorities.ts';
import { createWorld } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

/** What comes of input `ca` with a file of this content. */
function given(content: string | null): () => ReturnType<typeof givenAuthorities> {
  const file = join(folder(), 'ca.pem');
  if (content !== null) writeFileSync(file, content);
  const { context } = createWorld(folder(), { up: false, inputs: { ca: file } });
  return () => givenAuthorities(context);
}

test('every certificate of the file is an authority, and whatever else it holds is nothing', async () => {
  const [one, other] = await Promise.all([createAuthority('one'), createAuthority('other')]);
  expect(given(`# ours\n${one.certificate}${other.certificate}`)()).toEqual([
    { pem: one.certificate, from: { kind: 'input', name: 'CN=one' } },
    { pem: other.certificate, from: { kind: 'input', name: 'CN=other' } },
  ]);
});

test('a certificate that is not whole is told, and not left out beside the others', async () => {
  const { certificate } = await createAuthority('one');
  for (const other of [
    certificate.slice(0, -40),
    certificate.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE'),
    certificate.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE'),
  ])
    expect(given(`${certificate}${other}\n${certificate}`)).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: expect.stringMatching(/of the 3 certificates that begin in that file only 2 can be read/),
      }),
    );
});

test.each([
  { name: 'line ends of Windows', change: (pem: string) => pem.replaceAll('\n', '\r\n') },
  { name: 'what openssl prints before it', change: (pem: string) => `subject=CN = one\n\nissuer=CN = one\n\n${pem}` },
  { name: 'a byte order mark', change: (pem: string) => `\ufeff${pem}` },
])('$name is no matter', async ({ change }) => {
  const { certificate } = await createAuthority('one');
  expect(given(change(certificate))()).toMatchObject([{ from: { name: 'CN=one' } }]);
});

const block = (label: string): string => `-----BEGIN ${label}-----\nc2VjcmV0\n-----END ${label}-----\n`;

test.each([
  {
    name: 'a key',
    content: block('PRIVATE KEY'),
    message: /holds a private key and no certificate/,
    hint: /certificate of the authority/,
  },
  {
    name: 'an old key',
    content: block('EC PRIVATE KEY'),
    message: /holds a private key and no/,
    hint: /key is not needed/,
  },
  {
    name: 'a request for a certificate',
    content: block('CERTIFICATE REQUEST'),
    message: /holds a certificate request and no/,
    hint: /BEGIN CERTIFICATE/,
  },
  { name: 'DER', content: '0\u0082\u0001', message: /has no certificate/, hint: /converts DER to PEM/ },
  { name: 'what was cut off', content: block('CERTIFICATE'), message: /can't be read/, hint: /truncated\?/ },
  { name: 'no file', content: null, message: /can't be read/, hint: /relative to the working directory/ },
])('$name is refused', ({ content, message, hint }) => {
  expect(given(content)).toThrow(
    expect.objectContaining({
      code: 'input-invalid',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    }),
  );
  // Nothing of the file is told.
  expect(given(content)).not.toThrow(/c2VjcmV0/);
});

test('a folder is refused, with how to make a file of it', () => {
  const certificates = join(folder(), 'certs');
  mkdirSync(certificates);
  const { context } = createWorld(folder(), { up: false, inputs: { ca: certificates } });
  expect(() => givenAuthorities(context)).toThrow(
    expect.objectContaining({
      code: 'input-invalid',
      tryThis: `cat ${certificates}/*.pem > ca.pem`,
    }),
  );
});

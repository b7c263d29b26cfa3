import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redaction, REDACTED } from '../../src/text/redaction.ts';

const TOKEN = 'ghs_planted/0123+456789=é';

function without(text: string, ...secrets: string[]): string {
  const redaction = new Redaction();
  for (const secret of secrets) redaction.add(secret);
  return redaction.apply(text);
}

describe('a text without secrets', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const forms = [
    { name: 'as it is', text: TOKEN },
    { name: 'in JSON', text: JSON.stringify({ token: TOKEN }) },
    { name: 'in a URL', text: `?token=${encodeURIComponent(TOKEN)}` },
    { name: 'in Base64', text: base64(TOKEN) },
    { name: 'in Base64 without padding', text: base64(TOKEN).replace(/=+$/, '') },
    { name: 'in the Base64 of URLs', text: Buffer.from(TOKEN).toString('base64url') },
  ];
  test.each(forms)('has none $name', ({ text }) => {
    expect(without(`a ${text} b`, TOKEN)).toContain(REDACTED);
    expect(without(`a ${text} b`, TOKEN)).not.toMatch(/planted|Z2hzX3/);
  });

  test('has none behind a user in Base64, whatever the user is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ minLength: 12, maxLength: 60 }), (user, password) => {
        fc.pre(password.trim().length >= 12);
        const shown = without(`Basic ${base64(`${user}:${password.trim()}`)}`, password);
        // What is left of both ends are characters that the secret has only a part in.
        return shown.includes(REDACTED) && shown.length <= 'Basic '.length + Math.ceil((user.length * 16) / 3) + 16;
      }),
    );
  });

  test('has none on one of several lines', () => {
    expect(without('the second line', 'first line\nsecond line')).toBe(`the ${REDACTED}`);
  });

  test('has the longest one replaced where one holds another', () => {
    expect(without('secret-of-mine', 'secret', 'secret-of-mine')).toBe(REDACTED);
  });

  test('is the same where a text is too short to be a secret', () => {
    expect(without('true story', 'true')).toBe('true story');
  });

  test('has no user in an address, known or not', () => {
    expect(without('from https://me:pass@registry.local:5000/v2 and postgres://a:b@db/x')).toBe(
      `from https://${REDACTED}@registry.local:5000/v2 and postgres://${REDACTED}@db/x`,
    );
    expect(without('127.0.0.1:80 at http://foo.localhost:80/a@b')).toBe('127.0.0.1:80 at http://foo.localhost:80/a@b');
  });

  test.each([
    `sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLXBsYW50ZWQ to`,
    `-H 'Authorization: Bearer planted.token-1/2'`,
    `{"authorization": "Basic cGxhbnRlZDpwbGFudGVk"}`,
    `-----BEGIN PRIVATE KEY-----\nplanted\nplanted\n-----END PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\nplanted\n-----END RSA PRIVATE KEY-----`,
  ])('has none that is one by its looks: %s', (text) => {
    expect(without(text)).toContain(REDACTED);
    expect(without(text)).not.toMatch(/planted|cGxhbnRlZ|eyJ/);
  });

  test('has no token of GitHub and no key of a kubeconfig, known or not', () => {
    expect(without(`ghp_${'a'.repeat(36)} client-key-data: ${'QUJD'.repeat(9)}`)).toBe(
      `${REDACTED} client-key-data: ${REDACTED}`,
    );
  });

  test('keeps numbers, keys, shape and the words of the program', () => {
    const redaction = new Redaction();
    redaction.add('passed');
    redaction.add('123456');
    const value = { code: 'passed', passed: [123456, null, true, 'it has passed 123456'] };
    expect(redaction.applyDeep(value)).toEqual({
      code: 'passed',
      passed: [123456, null, true, `it has ${REDACTED} ${REDACTED}`],
    });
  });
});

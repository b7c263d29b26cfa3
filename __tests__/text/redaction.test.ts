import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redaction, REDACTED } from '../../src/text/redaction.ts';

const TOKEN = 'ghs_planted/0123+456789=é';

function without(text: string, ...secrets: string[]): string {
  const redaction = new Redaction();
  for (const secret of secrets) redaction.add(secret);
  return redaction.apply(text);
}

/** Ways in which tools write a text, each with a character that it has a form of its own for. */
const WRITERS: readonly [name: string, write: (text: string) => string][] = [
  ['JSON', (text) => JSON.stringify(text)],
  ['JSON in JSON', (text) => JSON.stringify(JSON.stringify(text))],
  [
    'the JSON of Go',
    (text) => JSON.stringify(text).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  ],
  [
    'JSON in ASCII',
    (text) =>
      JSON.stringify(text).replace(
        /[^ -~]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`,
      ),
  ],
  ['the JSON of PHP', (text) => JSON.stringify(text).replaceAll('/', '\\/')],
  ['a URL', encodeURIComponent],
  ['a URL with small digits', (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase())],
  ['a URL within a URL', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['a URL that leaves what it may', encodeURI],
  ['a form', (text) => new URLSearchParams({ '': text }).toString()],
  [
    'a URL of strict rules',
    (text) => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`),
  ],
  [
    'HTML',
    (text) =>
      text.replace(/[&<>"']/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? '&#39;'),
  ],
  ['HTML by numbers', (text) => text.replace(/[^\w ]/gu, (char) => `&#x${(char.codePointAt(0) ?? 0).toString(16)};`)],
  ['Markdown', (text) => text.replace(/[\\`*_[\]|~!<>#.-]/g, '\\$&')],
  ['a shell', (text) => `'${text.replaceAll("'", "'\\''")}'`],
  ['a shell in double quotes', (text) => `"${text.replace(/["\\$`]/g, '\\$&')}"`],
  ['YAML', (text) => `'${text.replaceAll("'", "''")}'`],
  ['bytes', (text) => text.replace(/[^ -~]+/g, (rest) => Buffer.from(rest).toString('hex').replace(/../g, '\\x$&'))],
  ['Base64 in a URL', (text) => encodeURIComponent(Buffer.from(text).toString('base64'))],
];

describe('a text without secrets', () => {
  test.each(WRITERS)('has none in %s, whatever the secret is', (_, write) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }), (secret) => {
        fc.pre(secret.trim() === secret && !/[\p{Cc}\p{Cs}]/u.test(secret));
        expect(without(`before ${write(`planted-${secret}`)} behind`, `planted-${secret}`)).toMatch(
          /^before ["'=\\]*\*\*\*(?:%3D)*["'\\]* behind$/,
        );
      }),
    );
  });

  // A pattern that looks at each place of a long text anew would need minutes for these.
  test.each(['a.', 'a-', 'eyJ-', 'eyJaaaaaaaaaaa.', 'a://', 'a://b:c', 'authorization: ', 'ghp_', '\\', '%25', 'x@'])(
    'is there soon, also of a long one full of %j',
    (part) => {
      const text = part.repeat(2_000_000 / part.length);
      expect(without(text, '@planted-secret', '\\planted').length).toBeLessThanOrEqual(text.length + 3);
    },
  );

  test.each([
    ['redis://:planted@db/0', `redis://${REDACTED}@db/0`],
    ['https://me:planted@planted@host/x', `https://${REDACTED}@host/x`],
    ['https:\\/\\/me:planted@host', `https:\\/\\/${REDACTED}@host`],
    ['next=https%3A%2F%2Fme%3Aplanted%40host', `next=https%3A%2F%2F${REDACTED}%40host`],
    ['https://planted0123456789@host', `https://${REDACTED}@host`],
    ['map[Authorization:[Bearer planted.1]]', `map[Authorization:[Bearer ${REDACTED}]]`],
    ['{\\"authorization\\":\\"Basic planted1\\"}', `{\\"authorization\\":\\"Basic ${REDACTED}\\"}`],
    ['docker-pullable://a-long-name-of-an-image@sha256:1', 'docker-pullable://a-long-name-of-an-image@sha256:1'],
  ])('has none in %s', (text, expected) => {
    expect(without(text)).toBe(expected);
  });

  describe('has no private key', () => {
    const key = [
      '-----BEGIN EC PRIVATE KEY-----',
      'planted/planted+planted0',
      'plan==',
      '-----END EC PRIVATE KEY-----',
    ];
    test.each([
      { name: 'in a log', lines: key.map((line) => `[pod/a-b/c] ${line}`) },
      { name: 'without its beginning', lines: key.slice(1) },
      { name: 'without its end', lines: key.slice(0, 2) },
      { name: 'on one line', lines: [key.join('\\n')] },
      { name: 'that is encrypted', lines: [key[0] ?? '', 'Proc-Type: 4,ENCRYPTED', '', ...key.slice(1)] },
    ])('$name', ({ lines }) => {
      const shown = without([...lines, 'The next line of the log stays.'].join('\n'));
      expect(shown).not.toMatch(/plan/);
      expect(shown).toContain('The next line of the log stays.');
    });
  });

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

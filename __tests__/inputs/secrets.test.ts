import { describe, expect, test } from '@jest/globals';
import { parseInputs } from '../../src/inputs/parse.ts';

const secretsOf = (name: string, text: string): readonly string[] =>
  parseInputs((asked) => (asked === name ? text : '')).secrets;

describe('the secrets of inputs as they were written', () => {
  const written = [
    {
      input: 'registry-mirror',
      text: 'https://me:p%40ssword@mirror.local',
      secrets: ['me:p%40ssword', 'p%40ssword', 'p@ssword'],
    },
    { input: 'registry-mirror', text: 'https://me:pass/word@1@mirror.local', secrets: ['pass/word@1'] },
    { input: 'registry-mirror', text: 'ghcr.io=https://token-alone@mirror.local', secrets: ['token-alone'] },
    { input: 'registry-mirror', text: 'https://me:pass@word@mirror.local/v2', secrets: ['pass@word'] },
    { input: 'baseline-report', text: 'redis://:password@mirror.local/1', secrets: ['password'] },
    { input: 'hosts', text: 'https://me:password@shop.localhost', secrets: ['password'] },
    { input: 'github-token', text: 'token with spaces', secrets: ['token with spaces'] },
    { input: 'pull-secret', text: 'ghcr.io=me password', secrets: ['me password'] },
    { input: 'pull-secret', text: 'ghcr.io:me:password', secrets: ['me:password'] },
    { input: 'pull-secret', text: '{"auths": {"a": {"auth": "bm90IHZhbGlk"}}, ', secrets: ['bm90IHZhbGlk'] },
    {
      input: 'pull-secret',
      text: 'ghcr.io=me:password',
      secrets: ['password', Buffer.from('me:password').toString('base64')],
    },
    {
      input: 'helm-set',
      text: 'image.tag=ci\ndb.password=p4ss,db.token=t\\,1,auth.adminPassword=p5',
      secrets: ['p4ss', 't\\,1', 't,1', 'p5'],
    },
    {
      input: 'helm-set',
      text: 'oauth.clientSecret=s1,SMTP_PASS=s2,PGPASSWORD=s3,app.signingKey=s4,jwtSecret=s5,db.pwd=s6,SECRET_KEY_BASE=s7',
      secrets: ['s1', 's2', 's3', 's4', 's5', 's6', 's7'],
    },
  ];
  test.each(written)('$input: $text', ({ input, text, secrets }) => {
    expect(secretsOf(input, text)).toEqual(expect.arrayContaining(secrets));
  });

  test('are none where there is none', () => {
    expect(secretsOf('registry-mirror', 'https://mirror.gcr.io/a@b\nhttps://mirror.gcr.io:5000/a@b')).toEqual([]);
    expect(secretsOf('helm-set', 'image.tag=v1.2.3,replicas=3\nauth.enabled=true,auth.existingSecret=my-db')).toEqual(
      [],
    );
  });
});

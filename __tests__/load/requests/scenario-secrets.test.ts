import { describe, expect, test } from '@jest/globals';
import { parseScenario } from '../../../src/load/requests/scenario.ts';
import { credentialsInQuery, secretsOfScenario } from '../../../src/load/requests/scenario-secrets.ts';

const secretsOf = (headers: Readonly<Record<string, string>>): string[] =>
  secretsOfScenario(parseScenario(JSON.stringify({ requests: [{ headers }] })));

describe('the secrets of a scenario', () => {
  const headers = [
    { name: 'Authorization', value: 'Bearer abc.def', secret: 'abc.def' },
    { name: 'Cookie', value: 'theme=dark; session=s3cr3t-1', secret: 's3cr3t-1' },
    { name: 'X-Whatever', value: 'k-9911', secret: 'k-9911' },
    { name: 'X-Key', value: '{{choice key-one key-two}}', secret: 'key-two' },
  ];
  test.each(headers)('are in $name: $value', ({ name, value, secret }) => {
    expect(secretsOf({ [name]: value })).toContain(secret);
  });

  test('are not in headers that say what a client wants, and are no words', () => {
    expect(secretsOf({ Accept: 'application/json', 'User-Agent': 'a/1.2.3', 'X-Debug': 'enabled' })).toEqual([]);
  });
});

describe('a query that holds a credential', () => {
  test.each([
    ['/a?api_key=1&b=2', ['api_key']],
    ['/a?X-Amz-Signature=1&access_token=2', ['X-Amz-Signature', 'access_token']],
    ['/a?page=2&keyword=shoes&sort=key', []],
    ['/a?token=', []],
    ['/token=1', []],
  ])('%s', (path, names) => {
    expect(credentialsInQuery(path)).toEqual(names);
  });
});

import { describe, expect, test } from '@jest/globals';
import { parsePullSecret, pullSecretObjects, withPullSecret } from '../../src/cluster/pull-secret.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('what registries are asked with', () => {
  test('as lines', () => {
    const secret = parsePullSecret('ghcr.io=me:pass:word\ndocker.io=you:token');
    expect(JSON.parse(secret?.dockerConfig ?? '')).toEqual({
      auths: {
        'ghcr.io': { auth: base64('me:pass:word') },
        'https://index.docker.io/v1/': { auth: base64('you:token') },
      },
    });
    expect(secret?.secretTexts).toEqual([base64('me:pass:word'), 'pass:word', base64('you:token'), 'token']);
  });

  test('as a configuration of Docker, of which only the logins are taken', () => {
    const auths = {
      'ghcr.io': { auth: base64('me:hidden') },
      'a.io': { username: 'you', password: 'open', email: 'you@example.org' },
      'b.io': { identitytoken: 'id' },
    };
    const secret = parsePullSecret(JSON.stringify({ auths, HttpHeaders: { 'User-Agent': 'docker' } }));
    expect(JSON.parse(secret?.dockerConfig ?? '')).toEqual({ auths });
    expect(secret?.secretTexts).toEqual([base64('me:hidden'), 'hidden', 'open', 'id']);
  });

  test.each([
    'ghcr.io',
    'ghcr.io=me',
    'ghcr.io=:x',
    'https://ghcr.io=me:x',
    '{',
    '{}',
    '{"auths":{}}',
    '{"auths":{"a.io":{}}}',
    '{"auths":{"a.io":"x"}}',
  ])('not as %s', (text) => {
    expect(parsePullSecret(text)).toBeNull();
  });
});

test('every pod of the namespaces uses it, whatever its service account is', () => {
  const account = (name: string, namespace: string, more: object = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace },
    ...more,
  });
  const objects = withPullSecret(
    [account('own', 'shop', { imagePullSecrets: [{ name: 'other' }] }), account('default', 'shop')],
    ['shop', 'cart'],
  );
  const ours = { name: 'loadtest-pull-secret' };
  expect(objects).toEqual([
    account('own', 'shop', { imagePullSecrets: [{ name: 'other' }, ours] }),
    account('default', 'shop', { imagePullSecrets: [ours] }),
    account('default', 'cart', { imagePullSecrets: [ours] }),
  ]);
  expect(JSON.stringify(objects)).not.toContain(base64('me:x'));
});

test('each namespace gets its Secret', () => {
  const secret = parsePullSecret('ghcr.io=me:x');
  if (secret === null) throw new Error('it is one');
  const [object] = pullSecretObjects(secret, ['shop']);
  expect(object).toMatchObject({
    kind: 'Secret',
    metadata: { name: 'loadtest-pull-secret', namespace: 'shop' },
    type: 'kubernetes.io/dockerconfigjson',
  });
  expect(
    Buffer.from((object?.['data'] as Record<string, string>)['.dockerconfigjson'] ?? '', 'base64').toString(),
  ).toBe(secret.dockerConfig);
});

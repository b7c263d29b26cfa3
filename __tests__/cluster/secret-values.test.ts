import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';
import { credentialsInObjects } from '../../src/cluster/secret-values.ts';

const LOGIN = '{"auths":{"ghcr.io":{"auth":"bWU6cDRzcy13b3Jk"}}}';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const object = (kind: string, fields: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'one' },
  ...fields,
});
const container = (...env: object[]): object => ({ name: 'app', image: 'app', env });

describe('credentials in manifests', () => {
  test.each([
    ['data of a Secret', object('Secret', { data: { password: base64('p4ss-word') } }), ['p4ss-word']],
    ['texts of a Secret', object('Secret', { stringData: { 'postgres-password': 'p4ss' } }), ['p4ss']],
    [
      'the login of a registry',
      object('Secret', { data: { '.dockerconfigjson': base64('{"auths":{}}') } }),
      ['{"auths":{}}'],
    ],
    [
      'what a login is made of',
      object('Secret', { data: { '.dockerconfigjson': base64(LOGIN) } }),
      [LOGIN, base64('me:p4ss-word'), 'p4ss-word'],
    ],
    [
      'what nobody would remember',
      object('Secret', { stringData: { stripe: 'live51HabcDEF0123' } }),
      ['live51HabcDEF0123'],
    ],
    [
      'an address with a password',
      object('Secret', { stringData: { url: 'postgres://shop:p4ss-word@db/shop' } }),
      ['shop:p4ss-word', 'p4ss-word'],
    ],
    [
      'arguments of a container',
      object('Pod', {
        spec: {
          containers: [
            {
              command: ['redis-server', '--requirepass', 'p4-1'],
              args: ['--db.password=p4-2', 'PGPASSWORD="p4-3 x" psql', '-Dauth.jwtSecret=p4-4', '--key=cart'],
            },
          ],
        },
      }),
      ['p4-1', 'p4-2', 'p4-3 x', 'p4-4'],
    ],
    [
      'a key',
      object('Secret', { data: { 'tls.key': base64('-----BEGIN'), 'tls.crt': base64('public') } }),
      ['-----BEGIN'],
    ],
    [
      'the environment of a container',
      object('Deployment', {
        spec: { template: { spec: { containers: [container({ name: 'PGPASSWORD', value: 'p4ss' })] } } },
      }),
      ['p4ss'],
    ],
    [
      'that of one before them, of a Pod',
      object('Pod', { spec: { containers: [], initContainers: [container({ name: 'TOKEN', value: 't-1' })] } }),
      ['t-1'],
    ],
  ])('are found: %s', (_, one, expected) => {
    expect(credentialsInObjects([one, one])).toEqual(expected);
  });

  test.each([
    ['a ConfigMap', object('ConfigMap', { data: { password: 'p4ss-word' } })],
    [
      'another key of a Secret',
      object('Secret', { stringData: { host: 'db.shop.svc', name: 'shop-database-v12-main' } }),
    ],
    ['a plain word', object('Secret', { stringData: { password: 'postgres' } })],
    [
      'another setting',
      object('Pod', { spec: { containers: [container({ name: 'CACHE_KEY', value: 'shop-cart' })] } }),
    ],
    ['the name of an object', object('Pod', { spec: { containers: [container({ name: 'TOKEN', value: 'one' })] } })],
    ['what is no text', object('Secret', { stringData: { password: 5 }, data: null })],
    [
      'a reference',
      object('Pod', { spec: { containers: [container({ name: 'TOKEN', valueFrom: {} }), { env: 'x' }, null] } }),
    ],
  ])('are none: %s', (_, one) => {
    expect(credentialsInObjects([one])).toEqual([]);
  });
});

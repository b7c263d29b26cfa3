import { describe, expect, test } from '@jest/globals';
import { hostsFiles, parseRegistryMirror, readsHostsFolder } from '../../src/cluster/registry-mirrors.ts';

describe('a line', () => {
  const table = [
    ['https://mirror.gcr.io', { registry: 'docker.io', url: 'https://mirror.gcr.io' }],
    ['http://10.0.0.5:5000/', { registry: 'docker.io', url: 'http://10.0.0.5:5000' }],
    ['ghcr.io=http://10.0.0.5:5000/v2/ghcr', { registry: 'ghcr.io', url: 'http://10.0.0.5:5000/v2/ghcr' }],
    ['registry.local:5000=https://m', { registry: 'registry.local:5000', url: 'https://m' }],
    ['mirror.gcr.io', null],
    ['ftp://m', null],
    ['https://me:pw@m', null],
    ['https://m/"x', null],
    ['../x=https://m', null],
    ['https://m?a=b', null],
    ['', null],
  ] as const;
  test.each(table)('%s', (line, expected) => {
    expect(parseRegistryMirror(line)).toEqual(expected);
  });
});

test('containerd is told of the mirrors of each registry in their order', () => {
  const files = hostsFiles([
    { registry: 'docker.io', url: 'https://a' },
    { registry: 'ghcr.io', url: 'http://b:5000/v2/ghcr' },
    { registry: 'docker.io', url: 'https://c' },
  ]);
  expect(files).toEqual([
    {
      folder: '/etc/containerd/certs.d/docker.io',
      text: 'server = "https://registry-1.docker.io"\n\n[host."https://a"]\n  capabilities = ["pull", "resolve"]\n\n[host."https://c"]\n  capabilities = ["pull", "resolve"]\n',
    },
    {
      folder: '/etc/containerd/certs.d/ghcr.io',
      text: '[host."http://b:5000/v2/ghcr"]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n',
    },
  ]);
});

test('it is known whether containerd looks there', () => {
  expect(readsHostsFolder('  [plugins.x.registry]\n    config_path = "/etc/containerd/certs.d"\n')).toBe(true);
  expect(readsHostsFolder("      config_path = '/etc/containerd/certs.d:/etc/docker/certs.d'\n")).toBe(true);
  expect(readsHostsFolder('config_path = ""\n')).toBe(false);
  expect(readsHostsFolder('config_path = "/other"\n')).toBe(false);
});

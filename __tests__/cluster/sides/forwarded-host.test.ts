import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseManifests } from '../../../src/cluster/manifests.ts';
import { handingForwardedHostOn } from '../../../src/cluster/sides/forwarded-host.ts';
import { targetsOfVersion } from '../../../src/cluster/sides/version-names.ts';
import { requestText } from '../../../src/load/http1/request-text.ts';

const read = (file: string) => parseManifests(readFileSync(`manifests/platform/${file}.yaml`, 'utf8'));

test('ingress-nginx takes the header', () => {
  const [config] = handingForwardedHostOn(read('ingress-nginx/controller-config'));
  expect(config?.['data']).toMatchObject({ 'use-forwarded-headers': 'true', 'allow-snippet-annotations': 'false' });
});

test.each(['traefik', 'traefik-gateway'])('%s takes the header at both of its entry points', (name) => {
  const [deployment] = handingForwardedHostOn(read(`${name}/deployment`));
  const text = JSON.stringify(deployment);
  expect(text).toContain('"--entryPoints.web.forwardedHeaders.insecure=true"');
  expect(text).toContain('"--entryPoints.websecure.forwardedHeaders.insecure=true"');
});

test('requests to a version name the host that the user gave, unless they name one', () => {
  const own = {
    method: 'GET' as const,
    path: ['/b'],
    headers: [['x-forwarded-host', ['www.shop']]] as const,
    body: null,
  };
  const [plain, given] = targetsOfVersion('head', [
    { host: 'shop.localhost', path: '/a' },
    { host: 'shop.localhost', path: '/b', content: own },
  ]);
  expect(plain === undefined ? '' : requestText(plain, null)).toBe(
    'GET /a HTTP/1.1\r\nhost: shop.head.localhost\r\nconnection: keep-alive\r\nX-Forwarded-Host: shop.localhost\r\n\r\n',
  );
  expect(given?.content).toEqual(own);
});

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../src/adapters/files.ts';
import { openRendered } from '../../src/adapters/rendered-manifests.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';
import { temporaryFolders } from '../fakes/folder.ts';

const folder = temporaryFolders();
const FOO: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'foo' } };
const ignore = (): void => undefined;
const BAR: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bar' } };

test('what was not rendered has no objects', () => {
  expect(openRendered(folder(), ignore).read('application')).toEqual([]);
});

test('what is kept is there at once, and in a later process', () => {
  const place = folder();
  const rendered = openRendered(place, ignore);
  rendered.keep('application', [FOO]);
  rendered.keep('prometheus', [BAR]);
  rendered.keep('application', [FOO, BAR]);
  for (const one of [rendered, openRendered(place, ignore)]) {
    expect(one.read('application')).toEqual([FOO, BAR]);
    expect(one.read('prometheus')).toEqual([BAR]);
  }
});

test('a file is read once, and when it comes late', () => {
  const place = folder();
  const rendered = openRendered(place, ignore);
  expect(rendered.read('application')).toEqual([]);
  makeFolder(join(place, 'manifests'));
  writeFileSync(
    join(place, 'manifests', 'application.yaml'),
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: foo}\n',
  );
  const objects = rendered.read('application');
  expect(objects).toEqual([FOO]);
  rmSync(join(place, 'manifests'), { recursive: true });
  expect(rendered.read('application')).toBe(objects);
});

test('what may be a credential in them is told, in a later process too', () => {
  const place = folder();
  const told: string[] = [];
  const tell = (value: string): void => {
    told.push(value);
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db' },
    stringData: { password: 'p-1-planted' },
  };
  openRendered(place, tell).keep('application', [FOO, secret]);
  expect(told).toEqual(['p-1-planted']);
  openRendered(place, tell).read('application');
  expect(told).toEqual(['p-1-planted', 'p-1-planted']);
});

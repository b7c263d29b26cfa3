import { expect, test } from '@jest/globals';
import { parseInputs } from '../../../src/inputs/parse.ts';
import { hostsText, loadTargets } from '../../../src/load/requests/targets.ts';

const ECHO = [
  { host: 'foo.localhost', path: '/', expectedText: 'foo' },
  { host: 'bar.localhost', path: '/', expectedText: 'bar' },
];
const FOUND = [{ host: 'shop.localhost', path: '/' }];

const table = [
  { name: 'the action’s own application, and what it answers', values: {}, found: null, expected: ECHO },
  {
    name: 'one host of it with another path',
    values: { hosts: 'bar.localhost=/x' },
    found: null,
    expected: [{ host: 'bar.localhost', path: '/x', expectedText: 'bar' }],
  },
  {
    name: 'a host that it does not have',
    values: { hosts: 'baz.localhost' },
    found: null,
    expected: [{ host: 'baz.localhost', path: '/', expectedText: undefined }],
  },
  {
    name: 'hosts that were found',
    values: { manifests: 'app' },
    found: FOUND,
    expected: [{ host: 'shop.localhost', path: '/', expectedText: undefined }],
  },
  {
    name: 'hosts that were given, whatever was found, and without a text',
    values: { manifests: 'app', hosts: 'foo.localhost' },
    found: FOUND,
    expected: [{ host: 'foo.localhost', path: '/', expectedText: undefined }],
  },
];
test.each(table)('$name', ({ values, found, expected }) => {
  const given: Readonly<Record<string, string>> = values;
  expect(loadTargets(parseInputs((name) => given[name] ?? '').inputs, found)).toEqual(expected);
});

test('addresses are written as the input takes them', () => {
  const text = 'shop.localhost\nshop.localhost=/cart?a=b';
  expect(hostsText(parseInputs((name) => (name === 'hosts' ? text : '')).inputs.hosts ?? [])).toBe(text);
});

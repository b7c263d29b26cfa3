import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { requestText, variesByRequest } from '../../../src/load/http1/request-text.ts';
import { createRandom } from '../../../src/load/random.ts';
import type { Target } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

const GOOD = `requests:
  - name: front page
    weight: 8
    host: shop.localhost
  - method: POST
    host: shop.localhost
    path: /cart/{{int 1 9}}
    headers:
      content-type: application/json
      x-count: 3
    body: '{"name": "Tee – {{choice grün weiß}}"}'
    expect:
      status: [200, 201]
      text: ok
  - method: DELETE
    path: /cart
    expect: {status: 404}
`;

const read = (text: string): Target[] => {
  const { targets, faults } = parseScenario(text);
  expect(faults).toEqual([]);
  return targets.map((target) => ({ ...target, host: target.host ?? 'first.localhost' }));
};

test('a scenario is understood', () => {
  expect(parseScenario(GOOD)).toMatchObject({
    faults: [],
    targets: [
      { name: 'front page', host: 'shop.localhost', path: '/', weight: 8, content: { method: 'GET' } },
      { name: 'POST shop.localhost/cart/{{int 1 9}}', weight: 1, expectedStatuses: [200, 201], expectedText: 'ok' },
      { name: 'DELETE /cart', host: null, expectedStatuses: [404] },
    ],
  });
});

test('its requests are sent as it says', () => {
  const [page, post, remove] = read(GOOD);
  if (page === undefined || post === undefined || remove === undefined) throw new Error('there are three');
  expect([page, post, remove].map(variesByRequest)).toEqual([false, true, false]);
  expect(requestText(page, null)).toBe('GET / HTTP/1.1\r\nhost: shop.localhost\r\nconnection: keep-alive\r\n\r\n');
  expect(requestText(remove, null)).toBe(
    'DELETE /cart HTTP/1.1\r\nhost: first.localhost\r\nconnection: keep-alive\r\n\r\n',
  );
  const values = createRandom('s');
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const text = requestText(post, values);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(
      /^POST \/cart\/[1-9] HTTP\/1\.1\r\nhost: shop\.localhost\r\nconnection: keep-alive\r\ncontent-type: application\/json\r\nx-count: 3\r\ncontent-length: \d+$/,
    );
    expect(body).toMatch(/^\{"name": "Tee – (grün|weiß)"\}$/);
    // In bytes, not in characters.
    expect(head).toContain(`content-length: ${String(new TextEncoder().encode(body).length)}`);
    seen.add(text);
  }
  expect(seen.size).toBe(18);
});

test('a POST without a body says that it has none', () => {
  const [post] = read('requests: [{method: POST, host: a}]');
  expect(post === undefined ? '' : requestText(post, null)).toContain('\r\ncontent-length: 0\r\n\r\n');
});

describe('every fault is told with its line', () => {
  const table: { name: string; text: string; faults: [line: number, message: RegExp][] }[] = [
    { name: 'no YAML', text: 'requests:\n  - [\n', faults: [[3, /./]] },
    { name: 'an empty file', text: '', faults: [[1, /the file: /]] },
    { name: 'an alias of nothing', text: 'requests: *all\n', faults: [[1, /the file: its aliases/]] },
    {
      name: 'aliases of aliases that stand for too much',
      text: `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, n) => `a${String(n + 1)}: &a${String(n + 1)} [*a${String(n)}, *a${String(n)}]\n`).join('')}requests: *a40\n`,
      faults: [[1, /the file: its aliases/]],
    },
    { name: 'no requests', text: 'requests: []\n', faults: [[1, /requests: /]] },
    { name: 'an unknown key', text: 'requests:\n  - host: a\n    wieght: 3\n', faults: [[3, /wieght/]] },
    {
      name: 'several at once',
      text: 'requests:\n  - weight: 0\n    method: TRACE\n  - host: A\n    path: cart\n',
      faults: [
        [2, /requests\.0\.weight/],
        [3, /requests\.0\.method/],
        [4, /requests\.1\.host/],
        [5, /requests\.1\.path/],
      ],
    },
    {
      name: 'a status that is none',
      text: 'requests:\n  - expect:\n      status: 99\n',
      faults: [[3, /requests\.0\.expect\.status/]],
    },
    {
      name: 'an unknown placeholder',
      text: 'requests:\n  - path: /{{now}}\n',
      faults: [[2, /requests\.0\.path: \{\{now\}\} is not a placeholder/]],
    },
    { name: 'a path with a space', text: 'requests:\n  - path: /a b\n', faults: [[2, /without spaces/]] },
    {
      name: 'a path that a choice spoils',
      text: 'requests:\n  - path: /{{choice a "b c"}}\n',
      faults: [[2, /without spaces/]],
    },
    {
      name: 'a header of two lines',
      text: 'requests:\n  - headers:\n      x: "a\\r\\ny: b"\n',
      faults: [[3, /requests\.0\.headers\.x: a header is one line/]],
    },
    {
      name: 'a header that is no name',
      text: 'requests:\n  - headers:\n      "x y": a\n',
      faults: [[3, /requests\.0\.headers\.x y/]],
    },
    {
      name: 'headers of the generator',
      text: 'requests:\n  - headers: {Host: a}\n  - headers: {Content-Length: 5}\n    path: /b\n',
      faults: [
        [2, /give host/],
        [3, /set by the load generator/],
      ],
    },
    { name: 'a GET with a body', text: 'requests:\n  - body: x\n', faults: [[2, /a GET has no body/]] },
    {
      name: 'one name twice',
      text: 'requests:\n  - name: a\n  - name: a\n    path: /b\n',
      faults: [[3, /another request with the name "a"/]],
    },
    { name: 'the same request twice', text: 'requests:\n  - host: a\n  - host: a\n', faults: [[3, /another request/]] },
  ];
  test.each(table)('$name', ({ text, faults }) => {
    const found = parseScenario(text);
    expect(found.faults.map(({ line, message }) => ({ line, message }))).toEqual(
      faults.map(([line, message]) => ({ line, message: expect.stringMatching(message) })),
    );
  });
});

test('the JSON Schema takes what the program takes', () => {
  const schema = JSON.parse(readFileSync('schemas/scenario.schema.json', 'utf8')) as object;
  const valid = new Ajv2020({ strict: false }).compile(schema);
  expect(valid(parse(GOOD))).toBe(true);
  expect(valid(parse('requests: [{host: a, wieght: 3}]'))).toBe(false);
  expect(valid(parse('requests: []'))).toBe(false);
});

test.each([
  ['null', 'it must be a mapping of fields to values'],
  ['requests: []', 'it must have at least 1 of them'],
  ['requests: [{host: 5}]', 'it must be a text'],
  [
    'requests: [{weight: 0}]',
    'it must be a whole number from 1 to 1000, in relation to the weights of the others; make a comment of what is not to be sent',
  ],
  ['requests: [{scheme: ftp}]', 'it must be http or https'],
  ['requests: [{method: 5}]', 'it must be'],
])('what is wrong is said without words of a library: %s', (text, words) => {
  const { faults } = parseScenario(text);
  expect(faults.map(({ message }) => message).join()).toContain(words);
  expect(faults.map(({ message }) => message).join()).not.toMatch(/Invalid|expected|received|Too /);
});

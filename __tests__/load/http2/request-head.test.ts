import { expect, test } from '@jest/globals';
import { FrameWriter } from '../../../src/load/http2/frame-writer.ts';
import { HeadParts } from '../../../src/load/http2/head-parts.ts';
import { HeaderDecoder } from '../../../src/load/http2/hpack-decoder.ts';
import { HeaderEncoder } from '../../../src/load/http2/hpack-encoder.ts';
import { prepareRequest } from '../../../src/load/http2/request-head.ts';
import { createRandom } from '../../../src/load/random.ts';
import type { Target } from '../../../src/load/requests/plan.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

/** A request as the server reads it. */
function read(target: Target): { head: string[]; body: string | null } {
  const { parts, body, made } = prepareRequest(target, new HeadParts());
  const own = made?.(createRandom('test')) ?? { values: [], body };
  const writer = new FrameWriter();
  new HeaderEncoder().write(parts, own.values, writer);
  const block = writer.take();
  return {
    head: (new HeaderDecoder().decode(block, 0, block.length) ?? []).map(([name, value]) => `${name}: ${value}`),
    body: own.body === null ? null : Buffer.from(own.body).toString(),
  };
}

const scenario = (yaml: string): Target => {
  const [target] = parseScenario(`requests: [${yaml}]`).targets;
  if (target === undefined) throw new Error('no request');
  return { ...target, host: 'foo.localhost:8443', scheme: 'https' };
};
const PSEUDO = (method: string, path: string): string[] => [
  `:method: ${method}`,
  ':scheme: https',
  ':authority: foo.localhost:8443',
  `:path: ${path}`,
];

test.each<[string, Target, string[], string | null]>([
  ['a plain one', { host: 'foo.localhost:8443', scheme: 'https', path: '/a?b=c' }, PSEUDO('GET', '/a?b=c'), null],
  [
    'one with headers, in lower case, and a body with its length in bytes',
    scenario('{method: PUT, path: /a, headers: {X-Id: "7", Authorization: "Bearer x"}, body: "ä"}'),
    [...PSEUDO('PUT', '/a'), 'x-id: 7', 'authorization: Bearer x', 'content-length: 2'],
    'ä',
  ],
  [
    'one whose server expects a body that there is not',
    scenario('{method: POST, path: /}'),
    [...PSEUDO('POST', '/'), 'content-length: 0'],
    null,
  ],
  [
    'one with values of its own',
    scenario('{method: POST, path: "/{{int 7 7}}", headers: {X-Id: "{{choice a}}", X-Same: b}, body: "n={{int 5 5}}"}'),
    [...PSEUDO('POST', '/7'), 'x-id: a', 'x-same: b', 'content-length: 3'],
    'n=5',
  ],
  ['one with a value of its own and no body', scenario('{path: "/{{int 7 7}}"}'), PSEUDO('GET', '/7'), null],
])('%s', (_, target, head, body) => {
  expect(read(target)).toEqual({ head, body });
});

test('a header of the connection is refused', () => {
  expect(() => read(scenario('{path: /, headers: {Proxy-Connection: close}}'))).toThrow(
    'The header "Proxy-Connection" can\'t be sent: HTTP/2 has none for the connection',
  );
});

import { expect, test } from '@jest/globals';
import { beforePreparation, probesOf } from '../../../src/load/requests/probes.ts';
import { parseScenario } from '../../../src/load/requests/scenario.ts';

const scenario = parseScenario(`requests:
  - {host: a.localhost, path: "/p/{{int 1 9}}", headers: {x: "{{choice y}}"}, expect: {status: 404, text: none}}
  - {host: a.localhost, method: DELETE}
  - {host: b.localhost, method: POST}
`).targets.map((target) => ({ ...target, host: target.host ?? '' }));

test('without a scenario every target is asked', () => {
  const [probe] = probesOf([{ host: 'a.localhost', path: '/x', expectedText: 'foo' }]);
  expect(probe).toMatchObject({ host: 'a.localhost', path: '/x', headers: {}, expectedText: 'foo' });
  expect([200, 308, 399, 400, 503].map((status) => probe?.isRight(status))).toEqual([true, false, false, false, false]);
});

test('of a scenario only what changes nothing is asked, and a host without such a request for /', () => {
  const [get, post, ...others] = probesOf(scenario);
  expect(others).toEqual([]);
  expect(get).toMatchObject({
    host: 'a.localhost',
    path: expect.stringMatching(/^\/p\/[1-9]$/),
    headers: { x: 'y' },
    expectedText: 'none',
  });
  expect([200, 404].map((status) => get?.isRight(status))).toEqual([false, true]);
  expect(post).toMatchObject({ host: 'b.localhost', path: '/', headers: {} });
  expect([200, 404, 405, 500, 502, 503, 504].map((status) => post?.isRight(status))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('before the application is prepared, any answer of it will do', () => {
  const [probe] = probesOf([{ host: 'shop.localhost', path: '/cart', expectedText: 'hello' }]).map(beforePreparation);
  expect(probe).toMatchObject({ host: 'shop.localhost', path: '/cart', expectedText: undefined, standsForHost: true });
  expect([200, 302, 404, 500].map((status) => probe?.isRight(status))).toEqual([true, true, true, true]);
  expect([502, 503, 504].map((status) => probe?.isRight(status))).toEqual([false, false, false]);
});

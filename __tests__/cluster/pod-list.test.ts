import { expect, test } from '@jest/globals';
import { readPodList } from '../../src/cluster/pod-list.ts';

test('pods that are not well come first', () => {
  const text = `shop  web-1  Running  True  0
shop  db-0  Pending  <none>  <none>
shop  seed-x  Succeeded  False  0
shop  web-2  Running  True  0,3
shop  api-1  Running  False  0
`;
  expect(readPodList(text).map(({ name, isWell }) => `${name} ${String(isWell)}`)).toEqual([
    'db-0 false',
    'web-2 false',
    'api-1 false',
    'web-1 true',
    'seed-x true',
  ]);
});

import { describe, expect, test } from '@jest/globals';
import { markObject, ownerName, readMark, whyNotReused, type ClusterMark } from '../../src/cluster/reusable-cluster.ts';

const RUN = { onGitHub: true, repository: 'octo/app', id: '77', attempt: 1, job: 'load-test' };
const WANTED: ClusterMark = { owner: ownerName(RUN, '{"a": 1}'), nodeImage: 'kindest/node:v1', nodes: 3 };

describe('the owner of a cluster', () => {
  test.each([
    { name: 'another repository', run: { ...RUN, repository: 'octo/other' }, matrix: '{"a": 1}' },
    { name: 'another run', run: { ...RUN, id: '78' }, matrix: '{"a": 1}' },
    { name: 'another attempt', run: { ...RUN, attempt: 2 }, matrix: '{"a": 1}' },
    { name: 'another job', run: { ...RUN, job: 'lint' }, matrix: '{"a": 1}' },
    { name: 'another leg of the matrix', run: RUN, matrix: '{"a": 2}' },
    { name: 'a laptop', run: { ...RUN, onGitHub: false }, matrix: '' },
  ])('is not that of $name', ({ run, matrix }) => {
    expect(ownerName(run, matrix)).not.toBe(WANTED.owner);
  });

  test('is the machine where there are no jobs', () => {
    expect(ownerName({ ...RUN, onGitHub: false, id: 'x' }, 'null')).toBe(
      ownerName({ ...RUN, onGitHub: false, id: 'y' }, ''),
    );
  });
});

describe('the mark of a cluster', () => {
  test.each([WANTED, { ...WANTED, nodes: null }])('is read as it was written', (mark) => {
    expect(readMark(JSON.stringify(markObject(mark)))).toEqual(mark);
  });

  test.each([
    '',
    '{}',
    'null',
    'Error',
    JSON.stringify({ data: { owner: 'x', nodeImage: 'y', nodes: 'many' } }),
    JSON.stringify({ data: { owner: 'x' } }),
  ])('is not found in %s', (text) => {
    expect(readMark(text)).toBeNull();
  });
});

describe('a cluster that is there', () => {
  test('is used again when it is what was asked for', () => {
    expect(whyNotReused({ ...WANTED }, WANTED)).toBeNull();
  });

  test.each([
    { found: null, why: /not created by this tool/ },
    { found: { ...WANTED, owner: 'octo/app 1 1 x' }, why: /another job created it/ },
    {
      found: { ...WANTED, nodeImage: 'kindest/node:v0' },
      why: /its nodes use kindest\/node:v0, but input node-image is kindest\/node:v1/,
    },
    { found: { ...WANTED, nodes: 1 }, why: /created with 1 node \(nodes\), not 3 nodes/ },
    {
      found: { ...WANTED, nodes: null },
      why: /created with the nodes of a configuration \(config\), not 3 nodes/,
    },
  ])('is left alone when it is not: $why', ({ found, why }) => {
    expect(whyNotReused(found, WANTED)).toMatch(why);
  });
});

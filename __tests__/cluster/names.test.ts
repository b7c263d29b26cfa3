import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clusterName } from '../../src/cluster/names.ts';

describe('clusterName', () => {
  const table = [
    {
      name: 'has run, attempt and the random part',
      run: { onGitHub: true, id: '123', attempt: 2 },
      expected: 'lt-123-2-abc123',
    },
    { name: 'is local on a laptop', run: { onGitHub: false, id: 'local', attempt: 1 }, expected: 'lt-local-abc123' },
    {
      name: 'holds only what kind allows',
      run: { onGitHub: true, id: 'A/b c', attempt: 1 },
      expected: 'lt-a-b-c-1-abc123',
    },
  ];
  test.each(table)('$name', ({ run, expected }) => {
    expect(clusterName(run, 'abc123')).toBe(expected);
  });

  test('kind takes every name, and two runs of the same job have two', () => {
    const random = fc.stringMatching(/^[0-9a-f]{6}$/);
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.string({ maxLength: 20 }),
        fc.integer({ min: 1, max: 999 }),
        random,
        random,
        (onGitHub, id, attempt, one, other) => {
          const name = clusterName({ onGitHub, id, attempt }, one);
          expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,48}[a-z0-9]$/);
          fc.pre(one !== other);
          expect(clusterName({ onGitHub, id, attempt }, other)).not.toBe(name);
        },
      ),
    );
  });
});

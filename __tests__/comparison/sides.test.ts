import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { labelsOf, revisionLabel, sideHeadings, sideNames } from '../../src/comparison/sides.ts';
import { comparison } from '../fakes/comparison.ts';

const MAIN = '1a2b3c4d'.repeat(5);
const TOPIC = '5d6e7f8a'.repeat(5);

describe('a version is called by branch and short commit', () => {
  test.each([
    { branch: 'main', expected: 'main 1a2b3c4' },
    { branch: 'v1.2.3', expected: 'v1.2.3 1a2b3c4' },
    { branch: undefined, expected: '1a2b3c4' },
    { branch: 'someone:feature/cart', expected: 'someone:feature/cart 1a2b3c4' },
    { branch: '機能/カート', expected: '機能/カート 1a2b3c4' },
    {
      branch: 'dependabot/npm_and_yarn/services/cart/fastify-5.2.1',
      expected: 'dependabot/npm_an…astify-5.2.1 1a2b3c4',
    },
    { branch: 'main\u202e\u2066evil', expected: 'mainevil 1a2b3c4' },
    { branch: 'תכונה', expected: '1a2b3c4' },
    { branch: 'ميزة', expected: '1a2b3c4' },
    { branch: '\u200b', expected: '1a2b3c4' },
  ])('$branch', ({ branch, expected }) => {
    expect(revisionLabel({ commit: MAIN, ...(branch === undefined ? {} : { branch }) })).toBe(expected);
  });

  test('however long the branch is, its name fits into a table', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (branch) => {
        const label = revisionLabel({ commit: MAIN, branch });
        expect([...new Intl.Segmenter('en').segment(label)].length).toBeLessThanOrEqual(38);
        expect(label.endsWith('1a2b3c4')).toBe(true);
        expect(label).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('the labels of two versions', () => {
  const main = { commit: MAIN, branch: 'main' };
  const topic = { commit: TOPIC, branch: 'topic' };
  test.each([
    { name: 'both known', given: { base: main, head: topic }, expected: ['main 1a2b3c4', 'topic 5d6e7f8'] },
    { name: 'one known', given: { base: main }, expected: ['main 1a2b3c4', 'head'] },
    { name: 'none known', given: {}, expected: ['base', 'head'] },
    { name: 'of one commit', given: { base: main, head: main }, expected: ['base', 'head'] },
  ])('$name', ({ given, expected }) => {
    const labels = labelsOf(given);
    expect([labels.base, labels.head]).toEqual(expected);
  });
});

describe('in a report', () => {
  const called = (base: string, head: string) => ({
    base: { ...comparison().base, label: base },
    head: { ...comparison().head, label: head },
  });

  test('versions go by their labels, as they are', () => {
    const sides = called('main 1a2b3c4', 'topic 5d6e7f8');
    expect(sideNames(sides)).toEqual({ base: 'main 1a2b3c4', head: 'topic 5d6e7f8' });
    expect(sideHeadings(sides)).toEqual({ base: 'main 1a2b3c4', head: 'topic 5d6e7f8' });
  });

  test('what both are called tells nothing, and a side that has no name begins a sentence in capitals', () => {
    expect(sideNames(called('echo services', 'echo services'))).toEqual({ base: 'base', head: 'head' });
    expect(sideHeadings(called('main 1a2b3c4', 'head'))).toEqual({ base: 'main 1a2b3c4', head: 'Head' });
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { OUTCOMES } from '../src/errors.ts';

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/[`*]/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

const text = readFileSync('docs/troubleshooting.md', 'utf8');
const anchors = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
const codes = Object.keys(OUTCOMES).filter((code) => code !== 'passed');

describe('docs/troubleshooting.md', () => {
  test.each(codes)('says what to do about %s', (code) => {
    expect(anchors).toContain(code);
  });

  test('has each heading once, for the second would get another anchor', () => {
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
  });

  test('explains no outcome that does not exist', () => {
    const likeCodes = [...text.matchAll(/^#{2,6} `([a-z-]+)`\s*$/gm)].map(([, code = '']) => code);
    expect(likeCodes.filter((code) => !(code in OUTCOMES))).toEqual([]);
  });
});

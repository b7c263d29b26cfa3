import { describe, expect, test } from '@jest/globals';
import { inline } from '../../../src/report/markdown/markdown-text.ts';

/** What GitHub's Markdown makes a link of by itself (cmark-gfm, and references of github.com). */
const LINKED = /(?:https?|ftp):\/\/|\bwww\.|\bmailto:|\bGH-\d|#\d|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])|@[a-z]/i;

describe('text of any origin in a heading or a sentence', () => {
  test.each([
    'see https://evil.example/x',
    'see HTTP://evil.example',
    'ftp://evil.example',
    'www.evil.example',
    'mailto:me@evil.example',
    'fixes GH-1 and gh-22',
    'octo/app#1',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'commit da39a3e, @octo',
  ])('%s holds no link', (text) => {
    expect(inline(text)).not.toMatch(LINKED);
    expect(inline(text).replace(/[\u2060\\]/g, '')).toBe(text);
  });

  test.each([
    '- a list',
    '-- not',
    '--- a rule',
    '=== a heading',
    '+ a list',
    '1. a list',
    '2) a list',
    '  - indented',
    '* a',
    '> a',
    '# a',
  ])('"%s" stays a sentence', (text) => {
    expect(inline(text)).not.toMatch(/^ ?(?:[-+](?:\s|$)|--|==|[*>]|\d+[.)](?:\s|$)|#+ )/);
  });

  test('a figure at its beginning stays as it is', () => {
    expect(inline('1.5 ms of 30')).toBe('1.5 ms of 30');
    expect(inline('-5 %')).toBe('-5 %');
    expect(inline('100000000')).toBe('100000000');
  });
});

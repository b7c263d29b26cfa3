import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRandom } from '../../../src/load/random.ts';
import { isConstant, parseTemplate, renderTemplate, textsIn } from '../../../src/load/requests/template.ts';

const rendered = (text: string, seed = 's', count = 200): string[] => {
  const [template, random] = [parseTemplate(text), createRandom(seed)];
  return Array.from({ length: count }, () => renderTemplate(template, random));
};

describe('a placeholder', () => {
  test('int gives every whole number of its range, and no other', () => {
    expect([...new Set(rendered('{{int -1 2}}'))].sort()).toEqual(['-1', '0', '1', '2']);
  });

  test('int keeps to its range, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e14, max: 1e14 }),
        fc.nat({ max: 2 ** 32 - 1 }),
        fc.string(),
        (min, span, seed) => {
          for (const text of rendered(`{{int ${String(min)} ${String(min + span)}}}`, seed, 5)) {
            expect(Number(text)).toBeGreaterThanOrEqual(min);
            expect(Number(text)).toBeLessThanOrEqual(min + span);
            expect(text).toMatch(/^-?\d+$/);
          }
        },
      ),
    );
  });

  test('choice gives every word, also quoted ones', () => {
    expect([...new Set(rendered('{{choice tea "green tea" ""}}'))].sort()).toEqual(['', 'green tea', 'tea']);
  });

  test('choice is even', () => {
    const counts = rendered('{{choice a b c d}}', 's', 8000).filter((text) => text === 'a').length;
    // Three standard deviations of a binomial distribution.
    expect(Math.abs(counts - 2000)).toBeLessThan(3 * Math.sqrt(8000 * 0.25 * 0.75));
  });

  test('uuid is one of version 4, and never the same', () => {
    const uuids = rendered('{{uuid}}', 's', 1000);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(uuids).size).toBe(1000);
  });

  test('may stand beside others and text', () => {
    for (const text of rendered('/p/{{ int 1 9 }}?c={{choice red blue}}&x'))
      expect(text).toMatch(/^\/p\/[1-9]\?c=(red|blue)&x$/);
  });
});

describe('what is refused', () => {
  const table = [
    { text: '{{int 1}}', message: 'needs two whole numbers' },
    { text: '{{int 5 1}}', message: 'the smaller one first' },
    { text: '{{int 1 b}}', message: 'needs two whole numbers' },
    { text: '{{int 1 2 3}}', message: 'needs two whole numbers' },
    { text: '{{int 0 4294967296}}', message: 'at most 4294967296 values apart' },
    { text: '{{choice}}', message: '{{choice}} is not a placeholder' },
    { text: '{{uuid 4}}', message: '{{uuid 4}} is not a placeholder' },
    { text: '{{ .Values.host }}', message: 'Placeholders are {{int MIN MAX}}' },
    { text: 'a {{int 1 2', message: 'not closed' },
  ];
  test.each(table)('$text', ({ text, message }) => {
    expect(() => parseTemplate(text)).toThrow(message);
  });
});

test('the same seed gives the same texts, another one others', () => {
  const text = '{{uuid}}{{int 1 1000000}}{{choice a b c}}';
  expect(rendered(text, 'a')).toEqual(rendered(text, 'a'));
  expect(rendered(text, 'a')).not.toEqual(rendered(text, 'b'));
});

test('a text without placeholders stays as it is, single braces too', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('{{')),
      (text) => {
        const template = parseTemplate(text);
        expect(isConstant(template)).toBe(true);
        expect(renderTemplate(template, createRandom('s'))).toBe(text);
      },
    ),
  );
});

test('every text that can come out is known beforehand', () => {
  expect(textsIn(parseTemplate('/a{{int 1 2}}/{{choice b c}}'))).toEqual(['/a', '/', 'b', 'c']);
});

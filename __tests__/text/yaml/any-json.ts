import fc from 'fast-check';
import type { Json } from '../../../src/text/yaml/read.ts';

/** Texts that a reader takes for something else unless they stand in quotes, or that can't stand in a file as they are. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '.', 'e1', '612e904', '0o022', '0644', '0x1F', '1_000', '1:30', 'yes', 'No', 'y', '~', 'null', '', ' ', '<<', '=',
    '2026-01-01', '-', '--', '---', '...', '--- a', '- a', '? a', 'a: b', 'a #b', '#', '%a', '@a', '`', '*a', '&a', '!a', '|', '>',
    'a\nb', 'a\nb\n', 'a\n\n', '\na', '\n', ' a\nb', '\ta\nb', 'a\n  \nb', 'a\n\tb', 'a \nb', '# a\n# b\n', '---\na\n---\n',
    'it\x80s', 'a\u0085b', 'a\u2028b\nc', '\ufeffa', 'a\u200db', '\ud83d\ude00', 'a\0b', '\x1b[31m', 'a\r\nb', 'a\\b"c\'d',
    '/etc', '--flag=x: y', 'a:', 'a: ', 'x'.repeat(1100), '__proto__',
  ),
  fc.array(fc.constantFrom('a', ' ', '\n', '\t', ':', '#', '-', '\u0085', "'", '"'), { maxLength: 12 }).map((parts) => parts.join('')),
); // prettier-ignore

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 0.1, 1e17, 1e21, 1e-7, 2 ** 53, -(2 ** 63), 1.7e308, 5e-324),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);

/** What an object of Kubernetes may hold. */
export const { json: anyJson } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.constant(null), fc.boolean(), number, text),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('json')), { maxLength: 4 }).map((fields) => Object.fromEntries(fields)),
  ),
}));

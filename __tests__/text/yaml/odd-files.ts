import type { Json } from '../../../src/text/yaml/read.ts';

interface OddFile {
  readonly name: string;
  readonly text: string;
  /** What it says; null when it is refused. */
  readonly value: readonly Json[] | null;
}

const of = (name: string, text: string, ...value: Json[]): OddFile => ({ name, text, value });
const refused = (name: string, text: string): OddFile => ({ name, text, value: null });
const ALIASES = Array.from({ length: 150 }, (_, index) => index);

/** Files whose meaning readers of YAML disagree on, with what kubectl reads from them. */
export const ODD_FILES: readonly OddFile[] = [
  of('a lone dot', 'dir: .', { dir: '.' }),
  of('a short commit that is no finite number', 'commit: 612e904', { commit: '612e904' }),
  of('a short commit that is one', 'commit: 612e9', { commit: 612e9 }),
  of('names like the end of a number', 'metadata: {name: e1, labels: {zone: E2, tier: .}}', {
    metadata: { name: 'e1', labels: { zone: 'E2', tier: '.' } },
  }),
  of('octal numbers', 'a: [0644, 0o644, 0O17, "0o022", 08, 0_17]', { a: [0o644, 0o644, 0o17, '0o022', 8, 0o17] }),
  of('underscores after a point', 'a: [.2_546, .1_0e1_0, .6__4, .6_, ._6, .6_e1, .6e_1]', {
    a: [0.2546, 1e9, '.6__4', '.6_', '._6', '.6_e1', '.6e_1'],
  }),
  of('other bases', 'a: [0x1F, 0b101, -0b1, 0b-1, 1_000, 0x]', { a: [31, 5, -1, -1, 1000, '0x'] }),
  of('times and numbers of base 60', 'a: [2026-01-31, 12:30:45, 1:30, 2001-12-14t21:59:43.10-05:00]', {
    a: ['2026-01-31', '12:30:45', '1:30', '2001-12-14t21:59:43.10-05:00'],
  }),
  of('words', 'a: [yes, No, on, OFF, y, N, tRue, Null, ~, ]', {
    a: [true, false, true, false, true, false, 'tRue', null, null],
  }),
  of('wide integers', 'a: [9007199254740993, 18446744073709551615, -9223372036854775808, 18446744073709551616]', {
    a: [9007199254740993n, 18446744073709551615n, -9223372036854775808n, 18446744073709551616],
  }),
  of('wide integers in JSON', '{"a": [9007199254740993, 18446744073709551615, 1.0, 0.12345678901234567890]}', {
    a: [9007199254740993n, 18446744073709551615n, 1, 0.12345678901234568],
  }),
  of('keys that are no texts', '1: a\n1.50: b\ntrue: c\n0x10: d\n1e6: e\n', {
    '1': 'a',
    '1.5': 'b',
    true: 'c',
    '16': 'd',
    '1e+06': 'e',
  }),
  of('the last of two equal keys', 'a: 1\na: 2\n', { a: 2 }),
  of('a merge after a key', 'base: &b {x: 1, z: 2}\na: {x: 3, <<: *b}\nc: {<<: *b, x: 3}\n', {
    base: { x: 1, z: 2 },
    a: { x: 1, z: 2 },
    c: { x: 3, z: 2 },
  }),
  of('a key that would be a prototype', '__proto__: {a: 1}\n', JSON.parse('{"__proto__": {"a": 1}}') as Json),
  of('U+0085, U+2028 and C1 characters behind a backslash', String.raw`a: "1;\u0085b\Lc it\x80\x99s \N\_"`, {
    a: '1;\u0085b\u2028c it\x80\x99s \u0085\u00a0',
  }),
  of('U+0085 and U+2028 as they are', 'a: x\u0085  y\nb: "p\u2028  q"\n', { a: 'x y', b: 'p\u2028q' }),
  of('a BOM before each document', '\ufeffa: 1\n---\n\ufeffb: 2\n', { a: 1 }, { b: 2 }),
  of('a BOM inside of a text', 'a: x\ufeffy\n', { a: 'x\ufeffy' }),
  of('a quoted text that closes at the column of its key', 'data:\n  panel: \'{\n  "a": 1\n  }\'\n', {
    data: { panel: '{ "a": 1 }' },
  }),
  of('150 aliases', `a: &a x\nb: [${ALIASES.map(() => '*a').join(', ')}]\n`, { a: 'x', b: ALIASES.map(() => 'x') }),
  of('a block text at the end without a line break', 'a: |\n  x', { a: 'x\n' }),
  of('folded, kept and cut', 'a: >\n  x\n  y\n\n  z\nb: |+\n  x\n\nc: >-\n  x\n', {
    a: 'x y\nz\n',
    b: 'x\n\n',
    c: 'x',
  }),
  of(
    'Windows line ends',
    'a: |\r\n  x\r\n  y\r\nb: "p\r\n  q"\r\n---\r\nc: 1\r\n',
    { a: 'x\ny\n', b: 'p q' },
    { c: 1 },
  ),
  of('a tab behind a value', 'a: 1\t\nb:\t2\n', { a: 1, b: 2 }),
  of('separators with comments, and without anything between', '# x\n---\n---  # y\n\n---\na: 1\n', { a: 1 }),
  of('text behind the end of a document', 'a: 1\n...\nb: 2\n', { a: 1 }),
  of('JSON one after another', '{"a": 1}{"b": 2}\n{"c": 3}', { a: 1 }, { b: 2 }, { c: 3 }),
  of('YAML behind JSON', '{"a": 1}\n---\nb: 2\n', { a: 1 }, { b: 2 }),
  of('a mapping in braces without quotes', '{a: b, c: [1, x]}\n', { a: 'b', c: [1, 'x'] }),
  of('pairs and halves of pairs in JSON', String.raw`{"a": "\ud83d\ude00\/", "b": "\ud83d"}`, {
    a: '😀/',
    b: '\ufffd',
  }),
  of('tags', 'a: [!!str 1, !!int "7", !!float 1, !!binary aGk=, !x 1, ! 2]', { a: ['1', 7, 1, 'hi', '1', '2'] }),
  of('a colon within a plain text in a flow', '{a:b, c: d:e}', { 'a:b': null, c: 'd:e' }),
  of('a key with a question mark', '? a\n: b\n? c\n', { a: 'b', c: null }),
  refused('no number', 'a: .nan'),
  refused('no finite number', 'a: [1, -.INF]'),
  refused('a list as a key', '? [a]\n: b\n'),
  refused('nothing as a key', '~: a'),
  refused('a mapping that holds itself', 'a: &a {b: *a}'),
  refused('an alias of nothing', 'a: *b'),
  refused('a merge of a text', '<<: a'),
  refused('a tab that indents', 'a:\n\tb: 1\n'),
  refused('half of a pair', String.raw`a: "\ud83d"`),
  refused('a control character', 'a: x\x07y\n'),
  refused('a C1 character as it is', 'a: x\x80y\n'),
  refused('a document behind the separator', '--- {a: 1}\n'),
  refused('a separator of four dashes', 'a: 1\n----\nb: 2\n'),
  refused('a key that is too long', `${'x'.repeat(1100)}: 1\n`),
  refused('directives before the first separator, which is cut off from them', '%YAML 1.1\n---\na: 1\n'),
  refused('a newer version', '%YAML 1.2\n---\na: 1\n'),
  refused('YAML behind two values of JSON', '{"a": 1}{"b": 2}\n---\nc: 3\n'),
  refused('a number of JSON that no double holds', '{"a": 1e400}'),
  refused('a plain text that goes on as a key', 'a: b: c\n'),
  refused('an indicator', 'a: @b'),
];

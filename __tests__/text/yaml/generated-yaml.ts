import fc from 'fast-check';

/** What begins, ends or makes up a scalar that a reader may take for something else. */
const PIECES = [
  '0',
  '1',
  '7',
  '8',
  '9',
  '00',
  '12',
  '064',
  '0644',
  '0o',
  '0O',
  '0x',
  '0X',
  '0b',
  '0B',
  '-',
  '+',
  '.',
  '..',
  '_',
  'e',
  'E',
  'e1',
  'e+',
  'e-',
  'f',
  'a',
  'F',
  'x',
  '612e904',
  '9007199254740993',
  '18446744073709551615',
  '9223372036854775808',
  '1e400',
  '1e-400',
  '.inf',
  '.Inf',
  '-.INF',
  '.nan',
  'NaN',
  'Infinity',
  'y',
  'Y',
  'yes',
  'No',
  'NO',
  'on',
  'Off',
  'true',
  'TRUE',
  'tRue',
  'false',
  'null',
  'Null',
  '~',
  '<<',
  '=',
  'n',
  'N',
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '2001-12-14 21:59:43.10',
  '12:30',
  '190:20:30',
  '1:2',
  ' ',
  '  ',
  '\t',
  ':',
  ': ',
  ' #',
  '#',
  ',',
  '[',
  ']',
  '{',
  '}',
  '?',
  '? ',
  '- ',
  '&a',
  '&a ',
  '*a',
  '!',
  '! ',
  '!!str ',
  '!!int ',
  '!!float ',
  '!!bool ',
  '!!null ',
  '!!binary ',
  '!!timestamp ',
  '!<x> ',
  '!e!t ',
  '!a%C3%A4 ',
  '|',
  '>',
  '%',
  '@',
  '`',
  '"',
  "'",
  "''",
  '\\',
  '\\n',
  '\\x41',
  '\\x80',
  '\\u0085',
  '\\u2028',
  '\\U0001F600',
  '\\ud83d',
  '\\/',
  '\\0',
  '\\ ',
  '\\\n',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\u0080',
  '\u0007',
  '\u007f',
  '\ufffe',
  'ä',
  '日本',
  '😀',
  '\r',
  '\r\n',
  '\n',
  '\n ',
  '\n  ',
  '\n\n',
  '\n\t',
] as const;

const piece = fc.constantFrom(...PIECES);

const soup = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof({ weight: 6, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ maxLength: 3 }) }), {
      minLength: 1,
      maxLength,
    })
    .map((parts) => parts.join(''));

const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const ofCharacters = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength });

/** A text that stands for one value, or tries to. */
const scalar: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: soup(4) },
  { weight: 1, arbitrary: ofCharacters(HEX, 7, 7) },
  { weight: 1, arbitrary: ofCharacters(`${DIGITS}e.`, 1, 9) },
  { weight: 1, arbitrary: ofCharacters(`${DIGITS}+-_.eExobOXBafAF:`, 1, 24) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String) },
  {
    weight: 1,
    arbitrary: fc
      .bigInt({ min: 0n, max: 2n ** 65n })
      .map(
        (value) =>
          `0${['x', 'o', 'b', ''].at(Number(value % 4n)) ?? ''}${value.toString([16, 8, 2, 8].at(Number(value % 4n)))}`,
      ),
  },
);

const indented = (text: string): string => text.replaceAll('\n', '\n  ');

/** A file around one scalar, which stands in one of the places where scalars stand. */
export const scalarFile: fc.Arbitrary<string> = fc
  .tuple(
    scalar,
    fc.constantFrom<((text: string) => string)[]>(
      (text) => `v: ${text}`,
      (text) => `v: ${text}\n`,
      (text) => `- ${text}\n- z\n`,
      (text) => `${text}: v\n`,
      (text) => text,
      (text) => `v: [${text}]\n`,
      (text) => `v: {k: ${text}}\n`,
      (text) => `{${text}: v}`,
      (text) => `v: "${text}"\n`,
      (text) => `v: '${text}'\n`,
      (text) => `"${text}": v\n`,
      (text) => `v: |\n  ${indented(text)}\n`,
      (text) => `v: >-\n  ${indented(text)}\nw: x\n`,
      (text) => `v: |+\n  ${indented(text)}\n\nw: x\n`,
      (text) => `v: >2\n  ${indented(text)}\n`,
      (text) => `v:\n  ${indented(text)}\nw: x\n`,
      (text) => `{"v": "${text}"}`,
      (text) => `{"v": ${text}}`,
      (text) => `# ${text}\nv: w # ${text}\n`,
    ),
  )
  .map(([text, place]) => place(text));

/** Lines of a file without any sense. */
const line = fc
  .tuple(
    fc.constantFrom('', '', '  ', '  ', '    ', '      ', ' ', '   ', '\t', '  \t'),
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          'a: 1',
          'b:',
          'c: x',
          '- ',
          '- d',
          '- e: f',
          '- - g',
          '-',
          '? h',
          ': i',
          '?',
          ':',
          'j: &a',
          'j: &a k',
          'l: *a',
          '<<: *a',
          '<<: [*a, {m: n}]',
          '<<: {o: p}',
          '"q": r',
          "'s' : t",
          'u: |',
          'u: >',
          'u: |-',
          'u: >+',
          'u: |1',
          'u: >2-',
          'v: "w',
          'x"',
          "v: 'w",
          "x'",
          'text',
          'text # y',
          '# y',
          '',
          '---',
          '--- # y',
          '--- y',
          '---y',
          '...',
          '... # y',
          '%YAML 1.1',
          '%YAML 1.2',
          '%TAG !e! tag:e,1:',
          'z: [1, 2',
          '3]',
          '{4: 5,',
          '6: 7}',
          '[8: 9]',
          '{a, b: c}',
          '!!str',
          'd: !!int',
          '!!map',
          '&a',
          '*a : e',
          '1: f',
          '1.50: g',
          'true: h',
          'null: i',
          '~: j',
          '? [k]',
          '? {l: m}',
          'n: !e!o p',
          '{"q": 1}',
          '{}',
          '[]',
          'k: \u0085',
          'r: s\u2028t',
          '\ufeffu: v',
          'w: "x\\',
          '\u00a0',
        ),
      },
      { weight: 2, arbitrary: scalar },
      { weight: 1, arbitrary: scalar.map((text) => `k: ${text}`) },
    ),
  )
  .map(([indent, text]) => indent + text);

/** Values whose every part may be written in any of the styles of YAML. */
const { value: styled } = fc.letrec<{ value: (indent: number) => string; leaf: (indent: number) => string }>((tie) => ({
  leaf: fc.oneof(
    scalar.map((text) => () => text),
    fc.string().map((text) => () => JSON.stringify(text)),
    fc.string({ unit: 'binary' }).map((text) => () => JSON.stringify(text)),
    fc.string().map((text) => () => `'${text.replaceAll("'", "''")}'`),
    fc
      .tuple(
        fc.constantFrom('|', '>', '|-', '>-', '|+', '>+'),
        fc.array(fc.oneof(soup(3), fc.constantFrom('', ' x', '  y', 'word word')), { minLength: 1, maxLength: 5 }),
      )
      .map(
        ([header, lines]) =>
          (indent: number) =>
            `${header}\n${lines.map((text) => ' '.repeat(indent + 2) + text).join('\n')}`,
      ),
  ),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc
      .array(fc.tuple(scalar, tie('value')), { minLength: 1, maxLength: 4 })
      .map(
        (fields) => (indent: number) =>
          fields.map(([key, value]) => `\n${' '.repeat(indent + 2)}${key}: ${value(indent + 2)}`).join(''),
      ),
    fc
      .array(tie('value'), { minLength: 1, maxLength: 4 })
      .map((items) => (indent: number) => items.map((item) => `\n${' '.repeat(indent)}- ${item(indent + 2)}`).join('')),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => () => `[${items.map((item) => item(0)).join(', ')}]`),
    fc
      .array(fc.tuple(scalar, tie('value')), { maxLength: 3 })
      .map((fields) => () => `{${fields.map(([key, value]) => `${key}: ${value(0)}`).join(', ')}}`),
    fc.tuple(fc.constantFrom('&a ', '!!str ', '!!map ', '! ', '*a'), tie('value')).map(
      ([property, value]) =>
        (indent: number) =>
          property + value(indent),
    ),
  ),
}));

const jsonStream = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.json(),
        fc.constantFrom(
          '{"a": 12345678901234567890}',
          '{"a": 1.0}',
          '{"a": "\\ud83d"}',
          '{"a": -0}',
          '{"a": 0.12345678901234567}',
          'null',
          '{a: b}',
        ),
      ),
      fc.constantFrom('', ' ', '\n', '\n---\n', '---', ',', '\n#\n'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.flat().join(''));

/** A file of any kind: lines without sense, values in mixed styles, JSON, and what becomes of a sound file when some of it is replaced. */
export const documentFile = (sound: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n')) },
    { weight: 3, arbitrary: styled.map((value) => `k: ${value(0)}\n`) },
    { weight: 1, arbitrary: jsonStream },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom(...sound),
          fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.oneof(piece, line)), { maxLength: 3 }),
        )
        .map(([text, changes]) => changes.reduce(changed, text)),
    },
  );

/** By characters: half of a surrogate pair can't stand in a file, so no reader of files has to take it. */
function changed(text: string, [place, length, replacement]: [number, number, string]): string {
  const characters = Array.from(text);
  characters.splice(place % (characters.length + 1), length, replacement);
  return characters.join('');
}

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { YamlError } from '../../../src/text/yaml/cursor.ts';
import { readDocuments } from '../../../src/text/yaml/documents.ts';
import { readJson, writeJson } from '../../../src/text/yaml/json.ts';
import { writeYaml } from '../../../src/text/yaml/write.ts';
import { anyJson } from './any-json.ts';
import { ODD_FILES } from './odd-files.ts';

const read = (text: string): unknown[] => readDocuments(text).map(({ value }) => value);

describe('readDocuments', () => {
  test.each(ODD_FILES)('$name', ({ text, value }) => {
    if (value === null) expect(() => read(text)).toThrow(YamlError);
    else expect(read(text)).toStrictEqual(value);
  });

  const places = [
    { name: 'in a later document', text: 'a: 1\n---\n# b\nb: [1\nc: 2\n', line: 5, message: "expected ',' or ']'" },
    { name: 'in a quoted text', text: 'a: 1\nb: "x\n\ny\n', line: 2, message: 'unexpected end of stream' },
    { name: 'at a character', text: 'a: 1\nb: xyz\x07\n', line: 2, column: 7, message: 'control characters' },
    { name: 'at a separator', text: 'a: 1\n---b\n', line: 2, message: 'invalid Yaml document separator: b' },
    { name: 'at a number', text: 'a:\n  b: .nan\n', line: 2, column: 6, message: 'JSON has no number .nan' },
    { name: 'behind JSON', text: '{"a": 1}\n\n{"b": 2}\n{"c": }\n', line: 4, message: 'JSON' },
    { name: 'in YAML behind JSON', text: '{"a": 1}\n---\nb: *c\n', line: 3, message: "unknown anchor 'c'" },
  ];
  test.each(places)('tells the place of a fault: $name', ({ text, line, column, message }) => {
    const error = failureOf(() => read(text));
    expect(error).toBeInstanceOf(YamlError);
    const { what, place } = error as YamlError;
    expect(what).toContain(message);
    expect(place.line).toBe(line);
    if (column !== undefined) expect(place.column).toBe(column);
  });

  test('says in which line each document begins', () => {
    const text = '\n# one\na: 1\n---\nb: 2\n---\n---\nc: 3\n';
    expect(readDocuments(text).map(({ line }) => line)).toEqual([1, 5, 7]);
  });

  test('refuses what is nested deeper than the stack goes, and takes what is not', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(read(nested(900))).toHaveLength(1);
    expect(() => read(nested(100_000))).toThrow('exceeded max depth');
  });

  test('refuses a few lines that stand for millions of values', () => {
    const names = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const lines = names.map((name, index) => `${name}: &${name} [${`*${'abcdefgh'.charAt(index)},`.repeat(9)}]`);
    expect(() => read(['a: &a [x,x,x]', ...lines].join('\n'))).toThrow('excessive aliasing');
  });
});

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

describe('writeYaml', () => {
  test('writes for people', () => {
    const object = {
      apiVersion: 'apps/v1',
      metadata: { name: 'web', labels: {}, annotations: { commit: '612e904', on: 'yes', note: 'it\x80s' } },
      spec: {
        replicas: 2,
        wide: 9007199254740993n,
        args: ['--flag=a', '-c', '.', 'a: b', '', 'größer'],
        empty: [],
        nested: [['a'], [{ b: null, c: true }]],
        script: '#!/bin/sh\necho "x"\n\nexit\n',
        indented: '  x\ny',
      },
    };
    expect(writeYaml([object, { a: 1 }])).toBe(`apiVersion: apps/v1
metadata:
  name: web
  labels: {}
  annotations:
    commit: "612e904"
    "on": "yes"
    note: "it\\u0080s"
spec:
  replicas: 2
  wide: 9007199254740993
  args:
    - --flag=a
    - -c
    - "."
    - "a: b"
    - ""
    - größer
  empty: []
  nested:
    - - a
    - - b: null
        c: true
  script: |
    #!/bin/sh
    echo "x"

    exit
  indented: |2-
      x
    y
---
a: 1
`);
  });

  test('what is written is read back, from YAML and from JSON', () => {
    fc.assert(
      fc.property(fc.array(anyJson, { maxLength: 3 }), (values) => {
        const given = values.map((value) => ({ value }));
        expect(read(writeYaml(given))).toStrictEqual(given);
        // JSON does not tell the double 2^53 from the integer.
        const json = writeJson(given);
        expect(writeJson(readJson(json))).toBe(json);
        expect(writeJson(read(given.map((value) => `${writeJson(value)}\n`).join('')))).toBe(json);
      }),
    );
  });
});

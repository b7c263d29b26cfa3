/** A sample of the text that a program shows to Prometheus. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * The samples of some metrics in Prometheus' text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Lines that are none are passed over.
 *
 * @param names of the metrics; the others, mostly thousands of buckets, are not read.
 */
export function samplesIn(text: string, names: readonly string[]): ExposedSample[] {
  return text.split('\n').flatMap((line) => {
    if (!names.some((name) => line.startsWith(name))) return [];
    const [, name = '', labels = '', value = ''] = LINE.exec(line.trim()) ?? [];
    return names.includes(name) ? [{ name, labels: labelsIn(labels), value: Number(value) }] : [];
  });
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

const labelsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replace(/\\(.)/g, (whole, character: string) => ESCAPES[character] ?? whole),
    ]),
  );

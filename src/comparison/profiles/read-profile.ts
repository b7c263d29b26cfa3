import { gunzipSync } from 'node:zlib';
import { Profile as Pprof } from 'pprof-format';
import { z } from 'zod';
import { StageError } from '../../errors.ts';

/** What a program spent its time on. */
export interface CpuProfile {
  /** The unit of the values: CPU time in milliseconds, or samples when the profile has no times. */
  readonly unit: 'ms' | 'samples';
  /** How long it took; null when the profile does not say. */
  readonly seconds: number | null;
  /** The number of samples. */
  readonly samples: number;
  readonly stacks: readonly Stack[];
}

interface Stack {
  /** From the outermost function to the one that ran. */
  readonly frames: readonly string[];
  readonly value: number;
}

/** More than this is not a CPU profile of some seconds; it also limits what a small compressed file can expand to. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Reads a CPU profile in one of three formats, which it tells apart by how they begin: pprof (compressed or not; Go,
 * and what many tools write), the `.cpuprofile` of V8 in JSON (Node.js), and folded stacks, one per line with its
 * number of samples behind it (py-spy, async-profiler, perf with stackcollapse).
 *
 * @throws StageError `unexpected-answer` for anything else, and for a profile without a sample.
 */
export function readProfile(bytes: Uint8Array): CpuProfile {
  const profile = parse(bytes);
  if (profile.stacks.length === 0) throw unreadable('it has no samples; check whether the process used the CPU at all');
  return profile;
}

function parse(bytes: Uint8Array): CpuProfile {
  if (bytes.length === 0) throw unreadable('it is empty');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return parse(unzipped(bytes));
  const text = Buffer.from(bytes).toString('utf8');
  if (/^\s*\{/.test(text)) return readCpuProfile(text);
  const folded = readFolded(text);
  return folded ?? readPprof(bytes);
}

function unzipped(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw unreadable('its compression is damaged', error);
  }
}

/** Both kinds of numbers that the decoder gives; ids fit into 53 bits or are only compared. */
const numberOf = (value: number | bigint): number => Number(value);

/** https://github.com/google/pprof/blob/main/proto/profile.proto */
function readPprof(bytes: Uint8Array): CpuProfile {
  const profile = decoded(bytes);
  const texts = profile.stringTable.strings;
  const textAt = (index: number | bigint): string => texts[numberOf(index)] ?? '';
  const kinds = profile.sampleType.map(({ type, unit }) => ({ type: textAt(type), unit: textAt(unit) }));
  const cpu = kinds.findIndex(({ type, unit }) => type === 'cpu' && unit in MS_OF);
  const timed = cpu >= 0 ? cpu : kinds.findIndex(({ unit }) => unit in MS_OF);
  const chosen = timed >= 0 ? timed : kinds.findIndex(({ unit }) => unit === 'count');
  if (chosen < 0)
    throw unreadable(
      `it has no CPU time and no samples, but ${kinds.map(({ type, unit }) => `${type} in ${unit}`).join(', ')}`,
    );
  const factor = MS_OF[kinds[chosen]?.unit ?? ''] ?? 1;
  const functions = new Map(profile.function.map(({ id, name }) => [id, textAt(name)]));
  const locations = new Map(
    profile.location.map(({ id, address, line }) => [
      id,
      line.length === 0
        ? [`0x${address.toString(16)}`]
        : line.map(({ functionId }) => functions.get(functionId) ?? '(unknown)'),
    ]),
  );
  const stacks = profile.sample.map(({ locationId, value }) => ({
    // Leaf first, as are inlined functions in a location.
    frames: locationId.flatMap((id) => locations.get(id) ?? []).reverse(),
    value: numberOf(value[chosen] ?? 0) * factor,
  }));
  const seconds = numberOf(profile.durationNanos) / 1e9;
  const counted = kinds.findIndex(({ unit }) => unit === 'count');
  const samples = profile.sample.map(({ value }) => (counted < 0 ? 1 : numberOf(value[counted] ?? 0)));
  return {
    samples: sum(samples),
    unit: timed >= 0 ? 'ms' : 'samples',
    seconds: seconds > 0 ? seconds : null,
    stacks: stacks.filter(({ frames, value }) => value > 0 && frames.length > 0),
  };
}

/** Milliseconds by the names of units that pprof knows. */
const MS_OF: Readonly<Record<string, number>> = {
  nanoseconds: 1e-6,
  microseconds: 1e-3,
  milliseconds: 1,
  seconds: 1000,
};

function decoded(bytes: Uint8Array): Pprof {
  const neither = (error?: unknown): StageError =>
    unreadable(`it is not pprof, a .cpuprofile or folded stacks; it begins with ${beginning(bytes)}`, error);
  try {
    const profile = Pprof.decode(bytes);
    // Arbitrary bytes may pass for unknown fields.
    if (profile.sampleType.length > 0) return profile;
  } catch (error) {
    throw neither(error);
  }
  throw neither();
}

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile; times are in microseconds. */
const v8Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string().default('') }),
      children: z.array(z.number()).default([]),
    }),
  ),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

function readCpuProfile(text: string): CpuProfile {
  const { nodes, samples, timeDeltas, startTime, endTime } = v8Of(text);
  const parents = new Map(nodes.flatMap(({ id, children }) => children.map((child) => [child, id] as const)));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, v8Name(callFrame)]));
  const spent = new Map<number, number>();
  samples.forEach((id, index) => {
    // The time until the next sample belongs to this one.
    spent.set(id, (spent.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0) / 1000);
  });
  const stacks = [...spent].map(([id, value]) => ({ frames: v8Frames(id, parents, names), value }));
  return {
    unit: 'ms',
    seconds: (endTime - startTime) / 1e6,
    samples: samples.filter((id) => names.get(id) !== '(idle)').length,
    stacks: stacks.filter(({ frames, value }) => value > 0 && frames.length > 0 && frames.at(-1) !== '(idle)'),
  };
}

function v8Of(text: string): z.infer<typeof v8Profile> {
  try {
    return v8Profile.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable('it looks like JSON, but is not a V8 .cpuprofile', error);
  }
}

/** Line numbers differ between two versions of a file, so they are not part of the name. */
function v8Name({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const file = url.split('/').at(-1) ?? '';
  const name = functionName === '' ? '(anonymous)' : functionName;
  return file === '' ? name : `${name} ${file}`;
}

function v8Frames(id: number, parents: ReadonlyMap<number, number>, names: ReadonlyMap<number, string>): string[] {
  const frames: string[] = [];
  const seen = new Set<number>();
  for (let at: number | undefined = id; at !== undefined && !seen.has(at); at = parents.get(at)) {
    seen.add(at);
    frames.push(names.get(at) ?? '(unknown)');
  }
  return frames.reverse().filter((name) => name !== '(root)');
}

/** Null when a line is not part of a stack. */
function readFolded(text: string): CpuProfile | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const stacks = lines.map((line) => /^(.*\S)\s+(\d+)$/.exec(line));
  if (lines.length === 0 || stacks.includes(null) || text.includes('\0')) return null;
  const read = stacks.map((match) => ({ frames: (match?.[1] ?? '').split(';'), value: Number(match?.[2]) }));
  return { unit: 'samples', seconds: null, samples: sum(read.map(({ value }) => value)), stacks: read };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Enough to recognise an HTML page or an error text. */
const beginning = (bytes: Uint8Array): string =>
  JSON.stringify(Buffer.from(bytes.subarray(0, 80)).toString('latin1').replace(/\s+/g, ' '));

const unreadable = (why: string, cause?: unknown): StageError =>
  new StageError('unexpected-answer', `The profile can't be read: ${why}.`, { cause });

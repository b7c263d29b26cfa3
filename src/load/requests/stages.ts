import { parseDuration, parseRate } from '../../text/durations.ts';

/** A part of a load with a planned level. */
export interface LoadStage {
  /** Constant, or a ramp, over which the level changes evenly. */
  readonly held: boolean;
  readonly durationMs: number;
  /** Requests per second, or users. */
  readonly from: number;
  readonly to: number;
}

/** A load in stages. `rate`: requests per second (open model). `users`: how many send at a time (closed model). */
export interface StagedLoad {
  readonly unit: 'rate' | 'users';
  readonly stages: readonly LoadStage[];
}

const MOST_STAGES = 100;
const SHORTEST_MS = 100;
const LONGEST_MS = 6 * 3_600_000;
const HIGHEST_RATE = 1_000_000;
const MOST_USERS = 10_000;

interface Held {
  readonly kind: 'hold';
  readonly durationMs: number;
  readonly level: number;
  readonly unit: StagedLoad['unit'];
}

type Item = Held | { readonly kind: 'ramp'; readonly durationMs: number };

/**
 * Reads stages, apart by commas or line ends: `30s@50, ramp 10s, 1m@200` holds 50 requests per second, grows evenly,
 * and holds 200. A level may be per minute or hour (`1m@3000/m`), or a number of users (`1m@20 users`), but not both
 * kinds in one load. A ramp leads from the stage before it, or from 0, to the one behind it, or to 0.
 *
 * @returns null when the text is anything else.
 */
export function parseStages(text: string): StagedLoad | null {
  const parts = text.split(/[,\n]/).map((part) => part.trim());
  const items = parts.filter((part, index) => part !== '' || index < parts.length - 1).map(itemOf);
  const read = items.filter((item) => item !== null);
  const held = read.filter((item) => item.kind === 'hold');
  const [first] = held;
  if (read.length < items.length || first === undefined || items.length > MOST_STAGES) return null;
  const stages = read.map((item, index): LoadStage => {
    if (item.kind === 'hold') return { held: true, durationMs: item.durationMs, from: item.level, to: item.level };
    return { held: false, durationMs: item.durationMs, from: levelOf(read[index - 1]), to: levelOf(read[index + 1]) };
  });
  const isWhole =
    held.every(({ unit }) => unit === first.unit) &&
    held.some(({ level }) => level > 0) &&
    read.every(({ kind }, index) => kind === 'hold' || read[index + 1]?.kind !== 'ramp') &&
    stages.reduce((sum, { durationMs }) => sum + durationMs, 0) <= LONGEST_MS;
  return isWhole ? { unit: first.unit, stages } : null;
}

/** Why a text does not describe stages, in one clause that names the part that is wrong. */
export function stagesFault(text: string): string {
  const parts = text.split(/[,\n]/).map((part) => part.trim());
  const given = parts.filter((part, index) => part !== '' || index < parts.length - 1);
  for (const part of given) {
    const fault = itemOf(part) === null ? itemFault(part) : null;
    if (fault !== null) return `${JSON.stringify(part)}: ${fault}`;
  }
  const items = given.flatMap((part) => itemOf(part) ?? []);
  const held = items.filter((item) => item.kind === 'hold');
  if (items.length > MOST_STAGES)
    return `there are ${String(items.length)} stages, and at most ${String(MOST_STAGES)} are possible`;
  if (held.length === 0) return 'there is no stage with a level, such as 30s@50';
  if (new Set(held.map(({ unit }) => unit)).size > 1)
    return 'some levels are requests per second and others are users; give all of one kind';
  if (held.every(({ level }) => level === 0)) return 'every level is 0, so that nothing would be sent';
  if (items.some(({ kind }, index) => kind === 'ramp' && items[index + 1]?.kind === 'ramp'))
    return 'two ramps follow each other; give the level between them, such as 100ms@200';
  return 'they last more than 6h together';
}

function itemFault(text: string): string {
  if (text === '') return 'there is nothing between two commas';
  const isRamp = /^ramp\b/.test(text);
  const [time = '', ...levels] = text
    .replace(/^ramp\b/, '')
    .split('@')
    .map((part) => part.trim());
  const level = levels.join('@');
  const durationMs = parseDuration(time);
  if (durationMs === null) return `${JSON.stringify(time)} is not a time such as 30s or 1m30s`;
  if (durationMs < SHORTEST_MS) return `a stage takes at least ${String(SHORTEST_MS)}ms`;
  if (isRamp) return 'a ramp has a time alone, as in ramp 10s; its levels are those of the stages beside it';
  if (levels.length === 0) return 'it has no level; write @ and one behind the time, as in 30s@50';
  if (/^\d{1,15}\s*users?$/.test(level)) return `at most ${String(MOST_USERS)} users are possible`;
  const rate = parseRate(level);
  if (rate !== null) return `at most ${String(HIGHEST_RATE)} requests per second are possible`;
  return `${JSON.stringify(level)} is not a level such as 50, 50/s, 3000/m or 20 users`;
}

const levelOf = (item: Item | undefined): number => (item?.kind === 'hold' ? item.level : 0);

function itemOf(text: string): Item | null {
  const [, ramp, time = '', level = ''] = /^(?:(ramp)\s+(\S+)|(?:\S+?)\s*@\s*(.+))$/.exec(text) ?? [];
  const durationMs = parseDuration(ramp === undefined ? (/^([^@]*?)\s*@/.exec(text)?.[1] ?? '') : time);
  if (durationMs === null || durationMs < SHORTEST_MS) return null;
  if (ramp !== undefined) return { kind: 'ramp', durationMs };
  const users = /^(\d{1,5})\s*users?$/.exec(level)?.[1];
  if (users !== undefined)
    return Number(users) <= MOST_USERS ? { kind: 'hold', durationMs, level: Number(users), unit: 'users' } : null;
  const rate = parseRate(level);
  return rate !== null && rate <= HIGHEST_RATE ? { kind: 'hold', durationMs, level: rate, unit: 'rate' } : null;
}

/** Length of a load in stages, in milliseconds. */
export const durationOf = (stages: readonly LoadStage[]): number =>
  stages.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** The highest level of a load in stages. */
export const highestOf = (stages: readonly LoadStage[]): number =>
  Math.max(...stages.flatMap(({ from, to }) => [from, to]));

/** The mean level over a whole load in stages. */
export const meanOf = (stages: readonly LoadStage[]): number =>
  stages.reduce((sum, { durationMs, from, to }) => sum + (durationMs * (from + to)) / 2, 0) / durationOf(stages);

/** The number of each stage in rules, starting at 1, for constant stages; null for a ramp. */
export function numbersOf(stages: readonly LoadStage[]): (number | null)[] {
  let held = 0;
  return stages.map((stage) => (stage.held ? ++held : null));
}

/**
 * journeys/ has everything that depends on an earlier answer: sequences of steps, values kept for later steps, cookies,
 * and rows of data. Like all of load/, it is pure; src/load/engine/journey-traffic.ts walks the journeys. Plain
 * requests need none of it.
 */
import type { Template } from '../requests/template.ts';
import { type Echo, echoPausesMs } from './echo.ts';
import type { JsonPath } from './json-path.ts';
import type { StreamKind } from './stream-watch.ts';

/** What users do, step by step. Plain data that can be sent to another thread. */
export interface Journey {
  readonly name: string;
  /** How often it is begun, relative to the others: a whole number. */
  readonly weight: number;
  readonly steps: readonly Step[];
  readonly data: JourneyData | null;
}

/** A request of a journey, and how its answer is used. */
export interface Step {
  readonly name: string;
  /** Its index among the targets of the plan. */
  readonly target: number;
  /** How long the user pauses after it, in milliseconds: random between both. */
  readonly thinkMs: readonly [least: number, most: number];
  readonly save: readonly Saving[];
  readonly expect: readonly Expectation[];
  /** Its answer is a stream whose events are counted; missing otherwise. */
  readonly stream?: StreamKind | undefined;
  /** It opens a WebSocket, over which this is said; missing otherwise. */
  readonly echo?: Echo | undefined;
}

/** A value of an answer that later steps use. */
export interface Saving {
  readonly name: string;
  readonly from: Source;
  /** A header can't hold every text. */
  readonly inHeader: boolean;
}

/** Where a value is taken from. With `part`, a regex, only what that finds in it. */
export type Source =
  | { readonly kind: 'json'; readonly text: string; readonly path: JsonPath; readonly part?: string }
  | { readonly kind: 'header'; readonly header: string; readonly part?: string }
  | { readonly kind: 'cookie'; readonly cookie: string; readonly part?: string }
  | { readonly kind: 'regex'; readonly pattern: string };

/** What a right answer has, beside its status. */
export type Expectation =
  /** `text` stands in the body. */
  | { readonly kind: 'text'; readonly text: Template }
  /** `value` is missing when it is enough that there is one. One with saved values is compared by its text. */
  | { readonly kind: 'json'; readonly text: string; readonly path: JsonPath; readonly value?: Scalar | Template }
  /** The header must contain `text`; every header contains an empty one. */
  | { readonly kind: 'header'; readonly header: string; readonly text: Template };

export type Scalar = string | number | boolean | null;

/** Rows that users take one after another. */
interface JourneyData {
  /** `user`: each user keeps its row. `pass`: each walk takes the next one, as another user. */
  readonly each: 'user' | 'pass';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The longest total pause of a walk, in milliseconds, including pauses between WebSocket messages. */
export const longestThinkingMs = (journeys: readonly Journey[]): number =>
  Math.max(0, ...journeys.map(({ steps }) => sumOver(steps, longestPauseMs)));

/** The average total pause of a walk, in milliseconds, over all journeys by weight. */
export function meanThinkingMs(journeys: readonly Journey[]): number {
  if (journeys.length === 0) return 0;
  const weights = journeys.reduce((sum, { weight }) => sum + weight, 0);
  return journeys.reduce((sum, { weight, steps }) => sum + (weight / weights) * sumOver(steps, meanPauseMs), 0);
}

const sumOver = (steps: readonly Step[], pauseMs: (step: Step) => number): number =>
  steps.reduce((sum, step) => sum + pauseMs(step), 0);

const longestPauseMs = ({ thinkMs: [, most], echo }: Step): number =>
  most + (echo === undefined ? 0 : echoPausesMs(echo).longest);

const meanPauseMs = ({ thinkMs: [least, most], echo }: Step): number =>
  (least + most) / 2 + (echo === undefined ? 0 : echoPausesMs(echo).mean);

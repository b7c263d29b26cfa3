/**
 * imports/ makes a scenario from what others have written down: a HAR of a browser, an OpenAPI description, or the log of a
 * server. Nothing is sent, and what looks like a credential or a person stays out of the file.
 */
import { HOST_NAME, METHODS, type RequestContent } from '../requests/plan.ts';

/** A request that was found, as it stands in the source. */
export interface FoundRequest {
  readonly method: string;
  /** Null where the source has none. */
  readonly host: string | null;
  /** With its query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  /** That was answered; null where the source has none. */
  readonly status: number | null;
  /** What to call it; null: its method and path. */
  readonly name: string | null;
  /** How often it stands there. */
  readonly count: number;
}

/** What was read of a source. */
export interface Found {
  readonly requests: readonly FoundRequest[];
  /** What could not be taken, each in a sentence, with how often. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** Counts why things were left out. */
export class LeftOut {
  readonly #reasons = new Map<string, number>();

  add(reason: string, count = 1): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count);
  }

  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
  }
}

export const isKnownMethod = (method: string): method is RequestContent['method'] =>
  (METHODS as readonly string[]).includes(method);

export const isHost = (host: string): boolean => HOST_NAME.test(host);

const STATIC = /\.(?:css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp4|webm)$/i;

/** Whether a path is that of a file that servers hand out as it is. */
export const isStatic = (path: string): boolean => STATIC.test(path.split('?')[0] ?? '');

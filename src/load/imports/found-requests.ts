/**
 * imports/ makes a scenario from existing records: a HAR of a browser, an OpenAPI description, or a server's log.
 * Nothing is sent, and values that look like credentials or personal data are left out.
 */
import { HOST_NAME, METHODS, type RequestContent } from '../requests/plan.ts';

/** A request as it appears in the source. */
export interface FoundRequest {
  readonly method: string;
  /** Null when the source has none. */
  readonly host: string | null;
  /** Includes the query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  /** That was answered; null where the source has none. */
  readonly status: number | null;
  /** Its name; null for its method and path. */
  readonly name: string | null;
  /** How often it occurs. */
  readonly count: number;
}

/** What was read from a source. */
export interface Found {
  readonly requests: readonly FoundRequest[];
  /** What could not be used, each in a sentence, with how often. */
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

/** Whether a path is that of a static file. */
export const isStatic = (path: string): boolean => STATIC.test(path.split('?')[0] ?? '');

/**
 * requests/ says what is asked: the plan of a load, its targets, scenarios with their templates, and the probes that
 * come before. When a request is sent is decided in engine/.
 */
import type { LoadModel } from '../../model/load.ts';
import type { Echo } from '../journeys/echo.ts';
import type { Journey } from '../journeys/journey.ts';
import type { LoadStage } from './stages.ts';
import type { Template } from './template.ts';

export const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** What a path may be made of: printable ASCII without #, as a client never sends what stands behind one. */
export const PATH_CHARACTERS = /^[!"$-~]*$/;

/** Whether a path can be requested as it is, without any encoding. */
export const isRequestPath = (text: string): boolean => text.startsWith('/') && PATH_CHARACTERS.test(text);

/** Not HEAD, whose answers say nothing about a body, and not CONNECT and TRACE, which are not for an application. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** What a request of a scenario is made of. */
export interface RequestContent {
  readonly method: (typeof METHODS)[number];
  readonly path: Template;
  readonly headers: readonly (readonly [name: string, value: Template])[];
  readonly body: Template | null;
}

/** One address that the load is spread over, or one request of a scenario. */
export interface Target {
  /** Sent as the Host header; never looked up in DNS. */
  readonly host: string;
  /** `http` without it. `https` needs an endpoint that speaks TLS. */
  readonly scheme?: 'http' | 'https' | undefined;
  /** As the report shows it; in a scenario it may hold placeholders. */
  readonly path: string;
  /** A text that a right answer contains; without it any text is right. */
  readonly expectedText?: string | undefined;
  /** Statuses of a right answer; without them any below 400 that is no redirect. */
  readonly expectedStatuses?: readonly number[] | undefined;
  /** What the scenario calls it. */
  readonly name?: string | undefined;
  /** How often it is asked, in relation to the others: a whole number, 1 without it. */
  readonly weight?: number | undefined;
  /** It is a step of a journey: made anew each time, with the cookies of its user. */
  readonly step?: true | undefined;
  /** It opens a WebSocket, over which this is said; it is a step then. */
  readonly echo?: Echo | undefined;
  /** What is sent; a plain GET of the path without it. */
  readonly content?: RequestContent | undefined;
}

/** Everything that decides what is sent. */
export interface LoadPlan {
  readonly targets: readonly Target[];
  readonly model: LoadModel;
  /** Ends the load after this many requests; null when only the duration ends it. */
  readonly requests: number | null;
  /** Ends the load after this time in milliseconds; null when only the count ends it. */
  readonly durationMs: number | null;
  /** Sent first, one per connection and host in turn, and not counted. */
  readonly warmupRequests: number;
  /** After the warm-up the load grows to its full strength over this time in milliseconds; not counted either. */
  readonly rampUpMs: number;
  readonly requestTimeoutMs: number;
  readonly seed: string;
  /** Of HTTP; 1 stands for HTTP/1.1, as it does without it. 2 needs TLS, where client and server agree on it (ALPN). */
  readonly httpVersion?: 1 | 2 | undefined;
  /** How many users share one connection of HTTP/2, each with one stream at a time; 1 without it. */
  readonly streams?: number | undefined;
  /** Percentiles of the latency, 0 to 100, that the result holds beside the usual ones. */
  readonly percentiles?: readonly number[] | undefined;
  /** How the strength of the load changes by plan, over exactly `durationMs`; missing when it stays as it is. */
  readonly stages?: readonly LoadStage[] | undefined;
  /** What users do step by step, instead of single requests; `targets` are their steps. */
  readonly journeys?: readonly Journey[] | undefined;
  /** The part of the arrivals of the open model that this plan sends; all of them without it. */
  readonly share?: LoadShare | undefined;
}

/** Every `of`-th request, beginning with number `index`: what one of several workers sends. */
export interface LoadShare {
  readonly index: number;
  readonly of: number;
  /** Of the whole load. */
  readonly seed?: string | undefined;
}

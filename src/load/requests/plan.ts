/**
 * requests/ has what is requested: the plan of a load, its targets, scenarios with their templates, and the probes
 * before a load. engine/ decides when a request is sent.
 */
import type { LoadModel } from '../../model/load.ts';
import type { Echo } from '../journeys/echo.ts';
import type { Journey } from '../journeys/journey.ts';
import type { LoadStage } from './stages.ts';
import type { Template } from './template.ts';

export const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The characters of a path: printable ASCII without #, because a client never sends the part after one. */
export const PATH_CHARACTERS = /^[!"$-~]*$/;

/** Whether a path can be requested without encoding. */
export const isRequestPath = (text: string): boolean => text.startsWith('/') && PATH_CHARACTERS.test(text);

/** Not HEAD, whose answers say nothing about a body, and not CONNECT and TRACE, which are not for an application. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The content of a request of a scenario. */
export interface RequestContent {
  readonly method: (typeof METHODS)[number];
  readonly path: Template;
  readonly headers: readonly (readonly [name: string, value: Template])[];
  readonly body: Template | null;
}

/** One address to load, or one request of a scenario. */
export interface Target {
  /** Sent as the Host header; never looked up in DNS. */
  readonly host: string;
  /** `http` if missing. `https` needs an endpoint that accepts TLS. */
  readonly scheme?: 'http' | 'https' | undefined;
  /** As in the report; in a scenario it can contain placeholders. */
  readonly path: string;
  /** A text that a right answer contains; without it any text is right. */
  readonly expectedText?: string | undefined;
  /** Statuses of a right answer; without them any below 400 except redirects. */
  readonly expectedStatuses?: readonly number[] | undefined;
  /** Its name in the scenario. */
  readonly name?: string | undefined;
  /** How often it is requested, relative to the others: a whole number, 1 if missing. */
  readonly weight?: number | undefined;
  /** It is a step of a journey: built anew each time, with the cookies of its user. */
  readonly step?: true | undefined;
  /** It opens a WebSocket, over which this is said; it is a step then. */
  readonly echo?: Echo | undefined;
  /** What is sent; a plain GET of the path if missing. */
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
  /** The version of HTTP; 1, the default, is HTTP/1.1. 2 needs TLS, where client and server negotiate it (ALPN). */
  readonly httpVersion?: 1 | 2 | undefined;
  /** How many users share one connection of HTTP/2, each with one stream at a time; 1 without it. */
  readonly streams?: number | undefined;
  /** Further percentiles of the latency, 0 to 100, for the result. */
  readonly percentiles?: readonly number[] | undefined;
  /** How the level of the load changes, over exactly `durationMs`; missing for a constant load. */
  readonly stages?: readonly LoadStage[] | undefined;
  /** What users do step by step, instead of single requests; `targets` are their steps. */
  readonly journeys?: readonly Journey[] | undefined;
  /** The share of the open model's arrivals that this plan sends; all of them if missing. */
  readonly share?: LoadShare | undefined;
}

/** Every `of`-th request, starting with number `index`: the share of one of several workers. */
export interface LoadShare {
  readonly index: number;
  readonly of: number;
  /** Of the whole load. */
  readonly seed?: string | undefined;
}

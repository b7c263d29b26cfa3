import type { HostResult, LoadResult } from '../../model/load.ts';
import { type LoadMeasurement, loadResult } from '../counts/measurement.ts';
import { Recorder } from '../counts/recorder.ts';
import { Timeline } from '../counts/timeline.ts';
import type { LoadProgress } from '../engine/generate.ts';
import { failureOfStatus, isExpectedStatus } from '../http1/status.ts';
import type { LoadPlan, Target } from '../requests/plan.ts';
import type { Outcome } from '../sender.ts';
import type { K6Sample } from './k6-csv.ts';
import { connectionFailed, failureOfConnection, type K6Answer } from './k6-failures.ts';
import { callOf, isOfProtocol, K6Protocols, PROTOCOL_METRICS } from './k6-protocols.ts';
import { ANSWER_METRIC, BODY_METRIC, MEASURED_SCENARIO, plannedRequests } from './k6-script.ts';

/** A request, as described by a sample. */
interface Request {
  readonly target: number;
  readonly outcome: Outcome;
}

/** How one kind of script is read. */
interface Reading {
  /** The metrics that are needed; others are ignored. */
  readonly metrics: readonly string[];
  /** The request that a sample is about; null when it is not about one that counts. */
  readonly requestOf: (sample: K6Sample) => Request | null;
  /** Whether a sample belongs to the load, not to what a script does before or after it. */
  readonly isMeasured: (sample: K6Sample) => boolean;
  /** The number of the host that a sample of a part of a request is about; null when there is none. */
  readonly targetOfPart: (sample: K6Sample) => number | null;
}

/** k6 has a row of each for every request: 0 when no byte came, or no connection was opened. */
const WAITING_METRIC = 'http_req_waiting';
const HANDSHAKE_METRIC = 'http_req_tls_handshaking';

/** A script that requests ever more hosts would need ever more memory; the rest are counted together. */
const MOST_HOSTS = 100;
const OTHER_HOSTS = 'other hosts';
/** As for hosts: a script may make up names of checks as it runs. */
const MOST_CHECKS = 100;
const OTHER_CHECKS = 'other checks';

/**
 * Adds up the samples of k6 with the same histograms, timeline and intervals as those of the
 * built-in engine, in memory that does not grow with their number.
 *
 * Latency is k6's `http_req_duration`: from writing the request to the last byte of its answer, over
 * whole answers. Connecting is not part of it.
 */
export class K6Samples {
  readonly #plan: LoadPlan;
  readonly #reading: Reading;
  readonly #targets: Target[];
  readonly #recorders: Recorder[];
  readonly #bodyBytes: number[] = [];
  readonly #timeline = new Timeline();
  #firstMs: number | null = null;
  #startMs = Infinity;
  #endMs = -Infinity;
  #sent = 0;
  #answered = 0;
  #failed = 0;
  #dropped = 0;
  #users: number | null = null;
  readonly #protocols = new K6Protocols();
  /** Of check() in a script, by name. */
  readonly #checks = new Map<string, { passed: number; failed: number }>();

  /** @param script whether the user's own script is run, not the generated one. */
  constructor(plan: LoadPlan, script: boolean) {
    this.#plan = plan;
    this.#targets = script ? [] : [...plan.targets];
    this.#recorders = this.#targets.map((target) => new Recorder([target]));
    this.#reading = script ? this.#readScript() : readGenerated(plan.targets.length);
  }

  /** The metrics whose samples `add` takes. */
  get metrics(): readonly string[] {
    return [...this.#reading.metrics, WAITING_METRIC, HANDSHAKE_METRIC, 'dropped_iterations', 'vus'];
  }

  add(sample: K6Sample): void {
    const { metric, value } = sample;
    const scenario = sample.systemTag('scenario');
    if (metric === 'dropped_iterations' && scenario !== 'ramp-up') this.#dropped += value;
    if (metric === 'vus') this.#users = Math.max(this.#users ?? 0, value);
    if (isOfProtocol(metric)) this.#protocols.add(metric, value);
    if (metric === 'checks') this.#addCheck(sample.systemTag('check'), value);
    if (metric === BODY_METRIC) this.#addBody(Number(sample.ownTag('target')), value);
    if (metric === WAITING_METRIC || metric === HANDSHAKE_METRIC) this.#addPart(sample);
    const request = this.#reading.requestOf(sample);
    if (request === null) return;
    this.#record(request, sample.timeMs);
    // A line of a log has the size and the parts with it.
    if (sample.ownTag('bytes') === '') return;
    this.#addBody(request.target, Number(sample.ownTag('bytes')));
    this.#addWaiting(request.target, Number(sample.ownTag('waiting')));
    this.#addHandshake(request.target, Number(sample.ownTag('tls')), true);
  }

  #addPart(sample: K6Sample): void {
    const target = this.#reading.targetOfPart(sample);
    if (target === null) return;
    const measured = this.#reading.isMeasured(sample);
    if (sample.metric === HANDSHAKE_METRIC) this.#addHandshake(target, sample.value, measured);
    else if (measured) this.#addWaiting(target, sample.value);
  }

  #addWaiting(target: number, ms: number): void {
    if (ms > 0) this.#recorders[target]?.recordWaiting(0, ms);
  }

  /** Go's TLS, which k6 uses, does not say whether a session was resumed; as k6 sets it up none is. */
  #addHandshake(target: number, ms: number, inWindow: boolean): void {
    if (ms > 0) this.#recorders[target]?.recordHandshake(0, { ms, resumed: false }, inWindow);
  }

  /** How far the measured window has come. */
  progress(): LoadProgress {
    const elapsedMs = this.#sent === 0 ? 0 : this.#endMs - this.#startMs;
    return { elapsedMs, sent: this.#sent, answered: this.#answered, failed: this.#failed };
  }

  /**
   * The part of the report about a load that the generated script sent.
   *
   * @param whole whether k6 came to its regular end.
   */
  result(whole: boolean): LoadResult {
    const { durationMs, requests } = this.#plan;
    // A run that ended early was not supposed to send what would have come later.
    const planned = whole ? plannedRequests(this.#plan) : requests;
    // As with the built-in engine, a window with a given length has exactly that length.
    const length = whole && durationMs !== null ? durationMs : this.#lengthMs();
    const notSent = planned === null ? this.#dropped : planned - this.#sent;
    const load = loadResult(this.#plan, this.#measurement(length, Math.max(0, notSent)), 1, null);
    return withBodies(load, (index) => this.#bodyBytes[index] ?? 0);
  }

  /** The part of the report about a load that a script sent, and about which nothing else is known. */
  scriptResult(script: string): LoadResult {
    const plan = { ...this.#plan, targets: this.#targets, warmupRequests: 0, rampUpMs: 0 };
    const load = withBodies(loadResult(plan, this.#measurement(this.#lengthMs(), this.#dropped), 1, null), () => null);
    const checks = [...this.#checks].map(([name, { passed, failed }]) => ({ name, passed, failed }));
    return {
      ...load,
      ...(checks.length === 0 ? {} : { checks }),
      ...this.#protocols.result(load.durationSeconds, this.#plan.percentiles),
      model: { kind: 'script', script, concurrency: this.#users },
    };
  }

  #measurement(durationMs: number, notSent: number): LoadMeasurement {
    const startedAt = Number.isFinite(this.#startMs) ? this.#startMs : 0;
    return {
      startedAt,
      endedAt: startedAt + durationMs,
      durationMs,
      // k6 drops an arrival that finds no free connection; it never sends late.
      sentLate: 0,
      notSent,
      sendDelay: null,
      tallies: this.#recorders.flatMap((recorder) => recorder.snapshot()),
      timeline: this.#timeline.snapshot(),
    };
  }

  #lengthMs(): number {
    return this.#sent === 0 ? 0 : Math.max(0, this.#endMs - this.#startMs);
  }

  #record({ target, outcome }: Request, endMs: number): void {
    const startMs = endMs - outcome.serviceMs;
    this.#firstMs ??= startMs;
    this.#startMs = Math.min(this.#startMs, startMs);
    this.#endMs = Math.max(this.#endMs, endMs);
    this.#sent += 1;
    if (outcome.status !== 0) this.#answered += 1;
    if (outcome.failure !== null) this.#failed += 1;
    this.#recorders[target]?.record(0, outcome, 0);
    this.#timeline.record(endMs - this.#firstMs, outcome, 0);
  }

  #addCheck(name: string, value: number): void {
    const isKnown = this.#checks.has(name) || this.#checks.size < MOST_CHECKS;
    const key = isKnown ? name : OTHER_CHECKS;
    const check = this.#checks.get(key) ?? { passed: 0, failed: 0 };
    if (value === 1) check.passed += 1;
    else check.failed += 1;
    this.#checks.set(key, check);
  }

  #addBody(target: number, bytes: number): void {
    this.#bodyBytes[target] = (this.#bodyBytes[target] ?? 0) + bytes;
  }

  /** k6's own samples: what succeeded is what k6 takes for it, by the callback of the script. */
  #readScript(): Reading {
    const indexes = new Map<string, number>();
    const indexOf = (host: string, path = '/'): number => {
      const key = `${host}${path}`;
      const known = indexes.get(key);
      if (known !== undefined) return known;
      if (indexes.size > MOST_HOSTS) return MOST_HOSTS;
      const isOther = indexes.size === MOST_HOSTS;
      indexes.set(isOther ? OTHER_HOSTS : key, indexes.size);
      const target = isOther ? { host: OTHER_HOSTS, path: '/' } : { host, path };
      this.#targets.push(target);
      this.#recorders.push(new Recorder([target]));
      return indexes.size - 1;
    };
    return {
      metrics: ['http_req_duration', 'checks', ...PROTOCOL_METRICS],
      requestOf: (sample) => {
        if (!isOutsideSetup(sample)) return null;
        const call = callOf(sample);
        if (call !== null) return { target: indexOf(call.host, call.path), outcome: call.outcome };
        if (sample.metric !== 'http_req_duration') return null;
        const answer: K6Answer = {
          status: Number(sample.systemTag('status')) || 0,
          errorCode: Number(sample.systemTag('error_code')) || 0,
          error: sample.systemTag('error'),
        };
        const unexpected = sample.systemTag('expected_response') === 'false';
        return {
          target: indexOf(hostOf(sample.systemTag('url'))),
          outcome: outcomeOf(answer, unexpected, sample.value),
        };
      },
      isMeasured: isOutsideSetup,
      targetOfPart: (sample) => (isOutsideSetup(sample) ? indexOf(hostOf(sample.systemTag('url'))) : null),
    };
  }
}

/** The generated script's own samples. */
function readGenerated(targets: number): Reading {
  const isMeasured = (sample: K6Sample): boolean => sample.systemTag('scenario') === MEASURED_SCENARIO;
  const targetOf = (sample: K6Sample): number | null => {
    const target = Number(sample.ownTag('target'));
    return sample.ownTag('target') !== '' && Number.isInteger(target) && target >= 0 && target < targets
      ? target
      : null;
  };
  return {
    metrics: [ANSWER_METRIC, BODY_METRIC],
    requestOf: (sample) => {
      if (sample.metric !== ANSWER_METRIC || !isMeasured(sample)) return null;
      const target = targetOf(sample);
      if (target === null) return null;
      const answer: K6Answer = {
        status: Number(sample.ownTag('http_status')) || 0,
        errorCode: Number(sample.ownTag('code')) || 0,
        error: decoded(sample.ownTag('reason')),
      };
      const failed = !isExpectedStatus(answer.status, null) || sample.ownTag('wrong') === '1';
      return { target, outcome: outcomeOf(answer, failed, sample.value) };
    },
    isMeasured,
    targetOfPart: targetOf,
  };
}

const isOutsideSetup = (sample: K6Sample): boolean => !/^::(setup|teardown)\b/.test(sample.systemTag('group'));

/** @param failed whether an answer, if there is one, is not the expected one. */
function outcomeOf(answer: K6Answer, failed: boolean, durationMs: number): Outcome {
  const serviceMs = Math.max(0, durationMs);
  const none = { bytes: 0, serviceMs, waitingMs: NaN, handshake: null, retried: false };
  if (connectionFailed(answer)) return { ...none, status: 0, failure: failureOfConnection(answer) };
  const status = answer.status <= 999 ? answer.status : 0;
  if (!failed) return { ...none, status, failure: null };
  return { ...none, status, failure: isExpectedStatus(status, null) ? 'wrong-answer' : failureOfStatus(status) };
}

/** k6 retries a request on a fresh connection itself, without reporting it. */
function withBodies(load: LoadResult, bytesOf: (target: number) => number | null): LoadResult {
  const hosts = load.hosts.map((host, index): HostResult => ({
    ...host,
    retried: null,
    bytesReceived: bytesOf(index),
  }));
  const known = hosts.every(({ bytesReceived }) => bytesReceived !== null);
  const bytesReceived = known ? hosts.reduce((sum, host) => sum + (host.bytesReceived ?? 0), 0) : null;
  return {
    ...load,
    hosts,
    total: { ...load.total, retried: null, bytesReceived: hosts.length === 0 ? null : bytesReceived },
  };
}

function hostOf(url: string): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1];
  return host === undefined ? url.slice(0, 100) : host.slice(0, 253).toLowerCase();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

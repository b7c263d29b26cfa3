import type { Clock } from '../../clock.ts';
import { JourneyCounts, type SocketEvent } from '../counts/journey-counts.ts';
import type { Recorder } from '../counts/recorder.ts';
import { StageCounts } from '../counts/stage-counts.ts';
import { Timeline } from '../counts/timeline.ts';
import { Cookies } from '../journeys/cookies.ts';
import { rowOrder } from '../journeys/data-rows.ts';
import { type Echo, EchoSession } from '../journeys/echo.ts';
import type { Journey, Step } from '../journeys/journey.ts';
import { KeptAnswer } from '../journeys/kept-answer.ts';
import { type StreamKind, StreamWatch } from '../journeys/stream-watch.ts';
import { AnswerUse, looksAtBody, setCookies } from '../journeys/use-answer.ts';
import { isExpectedStatus } from '../http1/status.ts';
import { createRandom } from '../random.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { Values } from '../requests/template.ts';
import { isAnswered, type Outcome, type Sender } from '../sender.ts';
import type { LoadTraffic, TrafficPorts } from './pacing.ts';
import { targetSequence } from './schedule.ts';
import { NEVER_ANSWERED } from './traffic.ts';

/** A step with what it needs to check its answers. */
interface ReadyStep extends Step {
  readonly host: string;
  readonly use: AnswerUse;
  readonly withBody: boolean;
  readonly expectedStatuses: readonly number[] | null;
}

/** A journey that is ready to be walked, and the rows of its data in order. */
interface ReadyJourney {
  readonly steps: readonly ReadyStep[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly rowOf: (turn: number) => number;
  readonly keepsRow: boolean;
}

/** Who walks: a new user for each walk of a connection, or the same one again. */
interface User {
  readonly number: number;
  cookies: Cookies;
}

/** One walk through a journey, on one connection. */
interface Pass {
  readonly journey: number;
  readonly user: User;
  readonly values: PassValues;
  readonly measured: boolean;
  readonly stage: number;
  /** Before the first step only: how late it was. */
  delayMs: number;
  step: number;
  /** The sum of its response times, without thinking. */
  tookMs: number;
  /** It ends after the current pause. */
  over: boolean;
  /** Ends the current pause. */
  pause: AbortController | null;
  /** The exchange over the open WebSocket; null without one. */
  session: EchoSession | null;
}

/** A step on its way. */
interface Exchange {
  readonly connection: number;
  readonly pass: Pass;
  readonly step: ReadyStep;
  readonly answer: KeptAnswer;
  /** Null unless the answer is a stream. */
  readonly stream: StreamWatch | null;
}

interface PassValues extends Values {
  readonly saved: Map<string, string>;
}

/**
 * Walks the journeys of a plan: each connection belongs to one user at a time, who takes the steps one after another,
 * with pauses between them. Where plain traffic sends a request, this begins a journey; the connection is free when
 * that has come to its end, failed, or time is up.
 *
 * Walk number n is the same for the same seed, whatever the answers are: its journey, its random values and its pauses.
 * The row of its data is that of turn n, or of its user.
 *
 * In the closed model a user keeps its cookies from one walk to the next, unless each walk takes a row of its own; in
 * the open model each arrival is another user.
 */
export class JourneyTraffic implements LoadTraffic {
  readonly recorder: Recorder;
  readonly timeline = new Timeline();
  readonly stages: StageCounts | null;
  readonly counts: JourneyCounts;
  stage = 0;
  windowBeganMs = 0;
  inFlight = 0;
  /** Measured walks begun so far. */
  sent = 0;
  answered = 0;
  failed = 0;
  requestsSent = 0;
  readonly #journeys: readonly ReadyJourney[];
  readonly #sender: Sender;
  readonly #clock: Clock;
  readonly #onFree: (connection: number) => void;
  readonly #next: () => number;
  readonly #seed: string;
  readonly #open: boolean;
  /** With WebSockets, sends one message without pauses. */
  readonly #quick: boolean;
  readonly #share: { readonly index: number; readonly of: number };
  readonly #passes: (Pass | null)[];
  readonly #users: (User | null)[];
  readonly #answers: readonly KeptAnswer[];
  /** Measured walks are numbered separately from earlier ones: the ramp-up must not change what is measured. */
  #begun = { measured: 0, before: 0 };
  #walking = 0;
  #stopped = false;
  #cancelled = false;

  constructor(
    plan: LoadPlan,
    journeys: readonly Journey[],
    { sender, clock, recorder, onFree }: TrafficPorts,
    purpose: 'load' | 'warm-up' = 'load',
  ) {
    this.#quick = purpose === 'warm-up';
    const { concurrency } = plan.model;
    this.#share = plan.share ?? { index: 0, of: 1 };
    this.#seed = plan.seed;
    this.#open = plan.model.kind === 'open';
    this.#journeys = readyJourneys(plan, journeys);
    this.recorder = recorder;
    this.stages = plan.stages === undefined ? null : new StageCounts(plan.stages);
    this.counts = new JourneyCounts(journeys);
    this.#sender = sender;
    this.#clock = clock;
    this.#onFree = onFree;
    this.#next = targetSequence(journeys, plan.seed);
    this.#passes = Array.from({ length: concurrency }, () => null);
    this.#users = Array.from({ length: concurrency }, () => null);
    this.#answers = Array.from({ length: concurrency }, () => new KeptAnswer());
  }

  get idle(): boolean {
    return this.#walking === 0;
  }

  send(connection: number, delayMs: number, measured: boolean): void {
    const turn = measured ? this.#begun.measured++ : this.#begun.before++;
    const number = turn * this.#share.of + this.#share.index;
    const journey = measured ? this.#next() : turn % this.#journeys.length;
    const pass: Pass = {
      journey,
      user: this.#userOf(connection, journey, number),
      values: this.#valuesOf(measured ? `pass-${String(number)}` : `before-${String(number)}`),
      measured,
      stage: this.stage,
      delayMs,
      step: 0,
      tookMs: 0,
      over: false,
      pause: null,
      session: null,
    };
    this.#giveRow(pass, number);
    this.#passes[connection] = pass;
    this.#walking += 1;
    if (measured) {
      this.sent += 1;
      this.counts.begun(journey);
      this.stages?.addBegun(pass.stage);
    }
    this.#sendStep(connection, pass);
  }

  stop(): void {
    this.#stopped = true;
    this.#passes.forEach((pass, connection) => {
      if (pass === null) return;
      pass.session?.stop();
      if (pass.pause === null) return;
      pass.pause.abort();
      pass.pause = null;
      this.#end(connection);
    });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#passes.forEach((pass) => {
      if (pass === null) return;
      if (pass.pause === null) this.#record(pass, NEVER_ANSWERED);
      else pass.pause.abort();
    });
    this.inFlight = 0;
    this.#walking = 0;
  }

  /**
   * In the closed model, with a row for each user or without data, the user of a connection stays; otherwise each walk
   * has a new user.
   */
  #userOf(connection: number, journey: number, number: number): User {
    const { keepsRow } = this.#journeys[journey] ?? { keepsRow: false };
    const stays = !this.#open && keepsRow;
    const known = this.#users[connection] ?? null;
    if (stays && known !== null) return known;
    const user = {
      number: this.#open ? number : connection * this.#share.of + this.#share.index,
      cookies: new Cookies(() => this.#clock.date().getTime()),
    };
    this.#users[connection] = stays ? user : null;
    return user;
  }

  #valuesOf(name: string): PassValues {
    const saved = new Map<string, string>();
    return { ...createRandom(`${this.#seed}/${name}`), saved, named: (key) => saved.get(key) ?? '' };
  }

  #giveRow({ journey, user, values }: Pass, number: number): void {
    const ready = this.#journeys[journey];
    if (ready === undefined || ready.rows.length === 0) return;
    const row = ready.rows[ready.rowOf(ready.keepsRow ? user.number : number)] ?? [];
    ready.columns.forEach((column, index) => values.saved.set(column, row[index] ?? ''));
  }

  #sendStep(connection: number, pass: Pass): void {
    const step = this.#stepOf(pass);
    const answer = this.#answers[connection];
    if (step === undefined || answer === undefined) return;
    const stream = step.stream === undefined ? null : this.#watch(pass, step.stream);
    const exchange: Exchange = { connection, pass, step, answer, stream };
    answer.begin(step.withBody, stream);
    this.inFlight += 1;
    if (pass.measured) this.requestsSent += 1;
    pass.session = step.echo === undefined ? null : this.#session(pass, step.echo);
    const values = {
      ...pass.values,
      answer,
      cookie: (path: string): string => pass.user.cookies.header(step.host, path),
      asked: '',
      ...(pass.session === null ? {} : { session: pass.session }),
    };
    this.#sender.send(
      connection,
      step.target,
      (outcome) => {
        if (outcome.failure === null) stream?.end();
        this.#done(exchange, this.#streamed(exchange, outcome), values.asked);
      },
      values,
    );
  }

  #watch(pass: Pass, kind: StreamKind): StreamWatch {
    const { step, journey, measured } = pass;
    return new StreamWatch(
      kind,
      () => this.#clock.now(),
      (ms) => {
        if (measured && !this.#cancelled) this.counts.gap(journey, step, ms);
      },
    );
  }

  #session(pass: Pass, echo: Echo): EchoSession {
    const { step, journey, measured } = pass;
    const count = (told: SocketEvent, ms = 0): void => {
      if (measured && !this.#cancelled) this.counts.socket(journey, step, told, ms);
    };
    if (measured) this.counts.socket(journey, step, 'begun', 0);
    const session = new EchoSession(echo, pass.values, this.#quick, {
      opened: (ms) => {
        count('opened', ms);
      },
      sent: () => {
        count('sent');
      },
      received: () => {
        count('received');
      },
      roundTrip: (ms) => {
        count('roundTrip', ms);
      },
      ended: (ms) => {
        count('ended', ms);
      },
    });
    if (this.#stopped) session.stop();
    return session;
  }

  /** A stream that continues when its request is out of time was followed for as long as requested. */
  #streamed({ pass, step, answer, stream }: Exchange, outcome: Outcome): Outcome {
    if (stream === null) return outcome;
    const { times } = stream;
    if (pass.measured && !this.#cancelled) this.counts.streamed(pass.journey, pass.step, times);
    const { status } = answer;
    const goesOn = outcome.failure === 'timeout' && times.events > 0 && isExpectedStatus(status, step.expectedStatuses);
    return goesOn ? { ...outcome, status, failure: null } : outcome;
  }

  /** @param path as it was asked, to which the cookies of the answer belong. */
  #done(exchange: Exchange, sent: Outcome, path: string): void {
    if (this.#cancelled) return;
    const { connection, pass, step, answer } = exchange;
    this.inFlight -= 1;
    if (sent.handshake !== null) this.recorder.recordHandshake(step.target, sent.handshake, pass.measured);
    if (isAnswered(sent)) pass.user.cookies.set(step.host, path, setCookies(answer));
    const use = sent.failure === null ? step.use.look(answer, pass.values, path) : { saved: [] };
    const { session } = pass;
    pass.session = null;
    const lacking = 'problem' in use ? use.problem : null;
    const outcome = lacking === null ? sent : { ...sent, failure: 'wrong-answer' as const };
    const problem = lacking ?? session?.problem ?? null;
    if ('saved' in use) for (const [name, value] of use.saved) pass.values.saved.set(name, value);
    this.#record(pass, outcome);
    pass.tookMs += pass.delayMs + outcome.serviceMs + (session?.roundTripsMs ?? 0);
    pass.delayMs = 0;
    if (session?.cut === true && outcome.failure === null) this.#end(connection);
    else this.#goOn(exchange, outcome, problem);
  }

  #goOn({ connection, pass, step }: Exchange, { failure }: Outcome, problem: string | null): void {
    const { steps = [] } = this.#journeys[pass.journey] ?? {};
    const isLast = pass.step + 1 >= steps.length;
    if (pass.measured && failure !== null) this.counts.failed(pass.journey, pass.step, problem);
    if (pass.measured && failure === null && isLast) this.counts.completed(pass.journey, pass.tookMs);
    pass.over = isLast || failure !== null;
    // A user of the open model who is done no longer needs the connection.
    if (this.#stopped || (pass.over && this.#open)) {
      this.#end(connection);
      return;
    }
    const [least, most] = step.thinkMs;
    const ms = least + pass.values.uniform() * (most - least);
    if (ms > 0) void this.#pause(connection, pass, ms);
    else this.#continue(connection, pass);
  }

  async #pause(connection: number, pass: Pass, ms: number): Promise<void> {
    const pause = new AbortController();
    pass.pause = pause;
    await this.#clock.sleep(ms, pause.signal).catch(() => undefined);
    if (pass.pause !== pause || this.#cancelled) return;
    pass.pause = null;
    this.#continue(connection, pass);
  }

  #continue(connection: number, pass: Pass): void {
    if (pass.over) {
      this.#end(connection);
      return;
    }
    pass.step += 1;
    this.#sendStep(connection, pass);
  }

  #end(connection: number): void {
    this.#passes[connection] = null;
    this.#walking -= 1;
    this.#onFree(connection);
  }

  #stepOf({ journey, step }: Pass): ReadyStep | undefined {
    return this.#journeys[journey]?.steps[step];
  }

  #record(pass: Pass, outcome: Outcome): void {
    if (!pass.measured) return;
    if (isAnswered(outcome)) this.answered += 1;
    if (outcome.failure !== null && outcome.failure !== 'cancelled') this.failed += 1;
    this.recorder.record(this.#stepOf(pass)?.target ?? 0, outcome, pass.delayMs);
    if (this.stages !== null) this.stages.record(pass.stage, outcome, pass.delayMs);
    if (outcome.failure !== 'cancelled')
      this.timeline.record(this.#clock.now() - this.windowBeganMs, outcome, pass.delayMs);
  }
}

function readyJourneys({ targets, seed, share }: LoadPlan, journeys: readonly Journey[]): ReadyJourney[] {
  return journeys.map(({ name, steps, data }) => ({
    steps: steps.map((step) => ({
      ...step,
      host: targets[step.target]?.host ?? '',
      use: new AnswerUse(step),
      withBody: looksAtBody(step),
      expectedStatuses: targets[step.target]?.expectedStatuses ?? null,
    })),
    columns: data?.columns ?? [],
    rows: data?.rows ?? [],
    // All workers share one order, and each takes its turns.
    rowOf: rowOrder(data?.rows.length ?? 0, `${share?.seed ?? seed}/${name}`),
    keepsRow: data?.each !== 'pass',
  }));
}

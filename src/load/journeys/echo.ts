import { renderTemplate, type Template, type Values } from '../requests/template.ts';

/** The messages over a WebSocket, one after another. Plain data that can be sent to another thread. */
export interface Echo {
  /** Texts that are sent in turn. */
  readonly send: readonly Template[];
  /** How many messages are sent in all. */
  readonly messages: number;
  /** The pause between an answer and the next message, in milliseconds: random between both. */
  readonly everyMs: readonly [least: number, most: number];
  readonly answer: EchoAnswer;
  /** Messages that the server sends first, before the client sends anything. */
  readonly greetings: number;
}

/** What the answer to a message must be: the same text, anything, or a message that contains a text. */
type EchoAnswer = 'same' | 'any' | { readonly text: string };

/** What is counted in a session; times in milliseconds. */
interface EchoCounts {
  /** The WebSocket is open, so long after its opening was begun. */
  opened(ms: number): void;
  sent(): void;
  received(): void;
  /** A message got a right answer. */
  roundTrip(ms: number): void;
  /** Every message was answered and the session closed, so long after its opening was begun. */
  ended(ms: number): void;
}

/** The longest that one session pauses in all, in milliseconds, and how long it does on average. */
export function echoPausesMs({ messages, everyMs: [least, most] }: Echo): { longest: number; mean: number } {
  const pauses = messages - 1;
  return { longest: pauses * most, mean: (pauses * (least + most)) / 2 };
}

/**
 * One WebSocket session: decides what is said next and whether the answers are right. Whoever holds the socket tells
 * it what happens, and asks it what to do.
 *
 * A message that comes while none is awaited is counted and nothing else: servers send some on their own.
 */
export class EchoSession {
  readonly #echo: Echo;
  readonly #values: Values;
  readonly #counts: EchoCounts;
  readonly #messages: number;
  readonly #quick: boolean;
  #greetingsLeft: number;
  #sent = 0;
  #answered = 0;
  #awaited: string | null = null;
  #stopped = false;
  /** What was wrong, in words without any content of an answer; null if nothing. */
  problem: string | null = null;
  /** Called when time is up, so that a pause is ended. */
  onStop: (() => void) | null = null;
  /** Time between messages and their answers, in milliseconds, in total. */
  roundTripsMs = 0;

  /** @param quick sends one message without pauses, as a warm-up does. */
  constructor(echo: Echo, values: Values, quick: boolean, counts: EchoCounts) {
    this.#echo = echo;
    this.#values = values;
    this.#counts = counts;
    this.#messages = quick ? 1 : echo.messages;
    this.#quick = quick;
    this.#greetingsLeft = echo.greetings;
  }

  opened(ms: number): void {
    this.#counts.opened(ms);
  }

  /** Whether the server must send something first. */
  get awaitsGreeting(): boolean {
    return this.#greetingsLeft > 0;
  }

  /** Whether the server must answer. */
  get awaitsAnswer(): boolean {
    return this.#awaited !== null;
  }

  /** There is nothing left to send. */
  get over(): boolean {
    return this.problem !== null || this.#answered >= this.#messages || (this.#stopped && this.#awaited === null);
  }

  /** `stop` ended it before everything was sent. */
  get cut(): boolean {
    return this.#stopped && this.#answered < this.#messages;
  }

  /** The next message; it must be sent now. */
  next(): string {
    const { send } = this.#echo;
    const text = renderTemplate(send[this.#sent % send.length] ?? [], this.#values);
    this.#sent += 1;
    this.#awaited = text;
    this.#counts.sent();
    return text;
  }

  /** The pause before the next message, in milliseconds. */
  pauseMs(): number {
    const [least, most] = this.#quick ? [0, 0] : this.#echo.everyMs;
    return least + this.#values.uniform() * (most - least);
  }

  /**
   * A message arrived.
   *
   * @param text null for a binary one.
   * @param ms since the message was sent whose answer is awaited.
   */
  received(text: string | null, ms: number): void {
    this.#counts.received();
    if (this.#greetingsLeft > 0) {
      this.#greetingsLeft -= 1;
      return;
    }
    if (this.#awaited === null) return;
    if (isRight(this.#echo.answer, text, this.#awaited)) {
      this.#answered += 1;
      this.roundTripsMs += ms;
      this.#counts.roundTrip(ms);
    } else this.problem = `message ${this.#which()} was not answered ${inWords(this.#echo.answer)}`;
    this.#awaited = null;
  }

  /** No answer arrived within input `request-timeout`. */
  timedOut(ms: number): void {
    const seconds = `${String(ms / 1000)} s`;
    this.problem = this.awaitsGreeting
      ? `no greeting from the server arrived within ${seconds}`
      : `message ${this.#which()} was not answered within ${seconds}`;
  }

  /**
   * The server closed it.
   *
   * @param code of its close frame (RFC 6455, 7.4); 1006 without one.
   */
  closedEarly(code: number): void {
    const how = code === 1006 ? 'without a close frame' : `with code ${String(code)}`;
    this.problem ??= `the server closed ${how} after ${String(this.#answered)} of ${String(this.#messages)} messages`;
  }

  /** What arrived was not a WebSocket frame, or one that is not allowed there. */
  broken(): void {
    this.problem ??= `what the server sent after ${String(this.#answered)} of ${String(this.#messages)} messages is not a WebSocket frame`;
  }

  /** It was closed with nothing wrong, so long after its opening was begun. */
  ended(ms: number): void {
    if (!this.cut) this.#counts.ended(ms);
  }

  /** Time is up: the message in flight is awaited, and nothing follows it. */
  stop(): void {
    this.#stopped = true;
    this.onStop?.();
  }

  #which(): string {
    return `${String(this.#sent)} of ${String(this.#messages)}`;
  }
}

function isRight(answer: EchoAnswer, text: string | null, sent: string): boolean {
  if (answer === 'any') return true;
  return text !== null && (answer === 'same' ? text === sent : text.includes(answer.text));
}

const inWords = (answer: EchoAnswer): string =>
  typeof answer === 'object' ? `by one with ${JSON.stringify(answer.text)}` : 'by the same text';

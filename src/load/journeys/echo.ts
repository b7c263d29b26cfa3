import { renderTemplate, type Template, type Values } from '../requests/template.ts';

/** What is said over a WebSocket, one message after another. Plain data that can cross to another thread. */
export interface Echo {
  /** Texts that are sent in turn. */
  readonly send: readonly Template[];
  /** How many messages are sent in all. */
  readonly messages: number;
  /** The pause between an answer and the next message, in milliseconds: evenly between both. */
  readonly everyMs: readonly [least: number, most: number];
  readonly answer: EchoAnswer;
  /** Messages that the server sends first, before anything is sent. */
  readonly greetings: number;
}

/** What the answer to a message has to be: the same text, whatever comes next, or a message with a text in it. */
type EchoAnswer = 'same' | 'any' | { readonly text: string };

/** What is counted of a session; times in milliseconds. */
interface EchoCounts {
  /** The WebSocket is open, so long after its opening was begun. */
  opened(ms: number): void;
  sent(): void;
  received(): void;
  /** A message was answered as it should be. */
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
  /** What was wrong, in words without any text of an answer; null while nothing is. */
  problem: string | null = null;
  /** Called when time is up, so that a pause is ended. */
  onStop: (() => void) | null = null;
  /** Time between messages and their answers, in milliseconds, all together. */
  roundTripsMs = 0;

  /** @param quick says one message and makes no pause, as a warm-up does. */
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

  /** Whether the server has to speak first. */
  get awaitsGreeting(): boolean {
    return this.#greetingsLeft > 0;
  }

  /** Whether the server has to answer. */
  get awaitsAnswer(): boolean {
    return this.#awaited !== null;
  }

  /** Nothing is left to be said. */
  get over(): boolean {
    return this.problem !== null || this.#answered >= this.#messages || (this.#stopped && this.#awaited === null);
  }

  /** It was ended by `stop` before everything was said. */
  get cut(): boolean {
    return this.#stopped && this.#answered < this.#messages;
  }

  /** The next message; it has to be sent now. */
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
   * A message has come.
   *
   * @param text null for a binary one.
   * @param ms since the message was sent that is awaited an answer to.
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

  /** Nothing came for as long as an answer may take, as the input `request-timeout` says. */
  timedOut(ms: number): void {
    const seconds = `${String(ms / 1000)} s`;
    this.problem = this.awaitsGreeting
      ? `no greeting of the server came within ${seconds}`
      : `message ${this.#which()} was not answered within ${seconds}`;
  }

  /**
   * The server has ended it.
   *
   * @param code of its close frame (RFC 6455, 7.4); 1006 when there was none.
   */
  closedEarly(code: number): void {
    const how = code === 1006 ? 'without a close frame' : `with code ${String(code)}`;
    this.problem ??= `the server closed ${how} after ${String(this.#answered)} of ${String(this.#messages)} messages`;
  }

  /** What came was no frame of a WebSocket, or one that may not be there. */
  broken(): void {
    this.problem ??= `what the server sent after ${String(this.#answered)} of ${String(this.#messages)} messages is no WebSocket frame`;
  }

  /** It was closed with nothing wrong, so long after its opening was begun. */
  ended(ms: number): void {
    if (!this.cut) this.#counts.ended(ms);
  }

  /** Time is up: the message on its way is awaited, and nothing follows it. */
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

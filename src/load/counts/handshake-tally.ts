import type { Handshake } from '../sender.ts';
import { COARSE_BITS, Histogram, type HistogramSnapshot } from './histogram.ts';

/** Handshakes as plain data that can cross to another thread. */
export interface HandshakeSnapshot {
  readonly inWindow: number;
  readonly resumed: number;
  readonly time: HistogramSnapshot;
}

/** Counts TLS handshakes, which are few compared to requests. */
export class HandshakeTally {
  /** Those in the measured window. */
  inWindow = 0;
  resumed = 0;
  /** Microseconds since the TCP connection opened. */
  readonly time = new Histogram(COARSE_BITS);

  add({ ms, resumed }: Handshake, inWindow: boolean): void {
    if (inWindow) this.inWindow += 1;
    if (resumed) this.resumed += 1;
    this.time.record(ms * 1000);
  }

  snapshot(): HandshakeSnapshot {
    return { inWindow: this.inWindow, resumed: this.resumed, time: this.time.snapshot() };
  }

  addSnapshot({ inWindow, resumed, time }: HandshakeSnapshot): void {
    this.inWindow += inWindow;
    this.resumed += resumed;
    this.time.addSnapshot(time);
  }
}

import type { ReplicaRecord } from '../../src/state.ts';

/** Unix time in seconds of the beginning of the window. */
export const START = Date.parse('2026-11-23T10:03:00.000Z') / 1000;

/** Two pods of 0.1 requested cores each became five at 20 s. */
export const RECORD: ReplicaRecord = {
  namespace: 'echo',
  kind: 'Deployment',
  name: 'foo',
  autoscaler: 'foo',
  minReplicas: 2,
  maxReplicas: 6,
  targetUtilization: 0.5,
  cpuRequest: 0.1,
  replicas: [
    { time: START - 30, desired: 1, ready: 1 },
    { time: START - 10, desired: 2, ready: 2 },
    { time: START + 20, desired: 5, ready: 2 },
    { time: START + 22.5, desired: 5, ready: 3 },
    { time: START + 24, desired: 5, ready: 5 },
  ],
  seenUtilization: [{ time: START + 20, share: 1.2 }],
};

/** Cores of a minute: idle, busy from 3 s on, and less than the target of five pods from 24 s on. */
export const CPU: readonly (number | null)[] = Array.from({ length: 60 }, (_, second) =>
  second < 3 ? 0.02 : second < 24 ? 0.3 : 0.25,
);

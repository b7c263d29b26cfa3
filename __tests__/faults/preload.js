/**
 * Loaded into a step by NODE_OPTIONS before its own code (see preload.ts): changes what Node's own
 * modules tell it, or makes something happen at the start of a stage. Its children load it too, as the
 * variable is inherited, and do nothing.
 */
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

const isStep = isMainThread && /dist[/\\](main|post)[/\\]index\.js$/.test(process.argv[1] ?? '');
if (isStep) begin(process.env['PRELOADED_FAULT'], process.env['PRELOADED_AT']);

function begin(fault, stage) {
  switch (fault) {
    case 'inotify':
      replaceReads({
        '/proc/sys/fs/inotify/max_user_watches': '8192\n',
        '/proc/sys/fs/inotify/max_user_instances': '128\n',
      });
      break;
    case 'container':
      markAsContainer();
      break;
    case 'small-disk':
      fsPromises.statfs = () => Promise.resolve({ bavail: 2 * 2 ** 18, bsize: 4096 });
      break;
    case 'free-port':
      // Port 80 can be bound, whatever this machine and user are.
      allowLowPorts();
      break;
    case 'disk-full':
      atStage(stage, refuseWrites);
      break;
    case 'exception':
      atStage(stage, () =>
        setTimeout(() => {
          throw new Error('planted exception');
        }, 20),
      );
      break;
    case 'rejection':
      atStage(stage, () => setTimeout(() => void Promise.reject(new Error('planted rejection')), 20));
      break;
    case 'memory':
      atStage(stage, () =>
        setTimeout(() => {
          for (const kept = []; ;) kept.push(Array.from({ length: 1e6 }, Math.random));
        }, 20),
      );
      break;
    case 'stall':
      // Well within a load of some seconds.
      atStage(stage, () =>
        setTimeout(() => {
          for (const end = performance.now() + 2000; performance.now() < end;);
        }, 2500),
      );
      break;
    case 'clock':
      jumpAtEachStage();
      break;
    case 'fast-clock':
      atStage(stage, () => runClockFaster(Number(process.env['PRELOADED_FACTOR'])));
      break;
  }
  syncBuiltinESMExports();
}

function replaceReads(texts) {
  const { readFileSync } = fs;
  fs.readFileSync = (file, ...rest) => texts[file] ?? readFileSync(file, ...rest);
}

/** Docker leaves this file in every container. */
function markAsContainer() {
  const { existsSync } = fs;
  fs.existsSync = (file) => file === '/.dockerenv' || existsSync(file);
}

function allowLowPorts() {
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (options, ...rest) {
    return listen.call(this, options?.port === 80 ? { ...options, port: 0 } : options, ...rest);
  };
}

/** Every write to the output folder fails, as on a disk that has just become full. */
function refuseWrites() {
  const { writeFileSync } = fs;
  fs.writeFileSync = (file, ...rest) => {
    if (String(file).includes('/artifacts/'))
      throw Object.assign(new Error(`ENOSPC: no space left on device, write '${String(file)}'`), { code: 'ENOSPC' });
    writeFileSync(file, ...rest);
  };
  syncBuiltinESMExports();
}

/** Runs something once, when the log shows that a stage begins. */
function atStage(stage, happen) {
  let done = false;
  onStage((name) => {
    if (done || name !== stage) return;
    done = true;
    happen();
  });
}

function onStage(tell) {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk, ...rest) => {
    const wrote = write(chunk, ...rest);
    const name = /^::group::(.*)$/m.exec(String(chunk))?.[1];
    if (name !== undefined) tell(name.trim());
    return wrote;
  };
}

/** The calendar is set forward and back by an hour; what counts time must not notice. */
function jumpAtEachStage() {
  const RealDate = Date;
  let offset = 0;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() + offset);
      else super(...args);
    }
    static now() {
      return RealDate.now() + offset;
    }
  };
  const HOUR = 3_600_000;
  let next = 1;
  onStage(() => {
    offset = next * HOUR;
    next = next === 1 ? -1 : 1;
  });
}

/** Waits and deadlines of the program's own pass so many times as fast, and it sees them last as long as ever. */
function runClockFaster(factor) {
  const now = performance.now.bind(performance);
  const start = now();
  performance.now = () => start + (now() - start) * factor;
  const { setTimeout: wait } = globalThis;
  globalThis.setTimeout = Object.assign((run, ms, ...args) => wait(run, (ms ?? 0) / factor, ...args), wait);
  const { setTimeout: sleep } = timers;
  timers.setTimeout = (ms, ...rest) => sleep((ms ?? 0) / factor, ...rest);
  syncBuiltinESMExports();
}

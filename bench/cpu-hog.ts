/**
 * Takes its core for BUSY of every EVERY milliseconds: `cpu-hog.ts BUSY EVERY`. It ends with the program that started it.
 */
const [busyMs, everyMs] = process.argv.slice(2).map(Number) as [number, number];

setInterval(() => {
  const until = performance.now() + busyMs;
  while (performance.now() < until);
}, everyMs);
process.on('disconnect', () => process.exit());

/** The first reason why text could not be printed; null while all was. */
let firstLoss: string | null = null;

type LogStream = Pick<NodeJS.WriteStream, 'on'>;

/**
 * Keeps this process going when nobody reads its log any more, or nothing more can be written to it: the reader of a
 * pipe has ended, a terminal is gone, a disk is full. Node would end the process, and with it leave the run without its
 * report and the machine with its cluster. Every write is tried all the same, as a disk may have room again.
 *
 * To be called once, before anything is printed.
 */
export function surviveLogErrors(streams: readonly LogStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) {
    stream.on('error', (error: Error) => {
      firstLoss ??= error.message;
    });
  }
}

/** Why part of the log is missing, in the system's words; null when it is complete. */
export const logLoss = (): string | null => firstLoss;

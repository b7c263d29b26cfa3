import { afterEach } from '@jest/globals';
import type { RawServer } from './http-servers.ts';

/** What a test opens, and how it is closed; all of it is after each test of the file. */
export function openedServers(): {
  readonly opened: (() => Promise<void>)[];
  readonly serve: <Server extends RawServer>(starting: Promise<Server>) => Promise<Server>;
} {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((close) => close()));
  });
  return {
    opened,
    serve: async (starting) => {
      const server = await starting;
      opened.push(async () => {
        await server[Symbol.asyncDispose]();
      });
      return server;
    },
  };
}

/**
 * Connections go to this address and never through DNS: `*.localhost` is not resolved everywhere,
 * and `localhost` may be ::1, where kind does not listen.
 */
export const LOOPBACK = '127.0.0.1';

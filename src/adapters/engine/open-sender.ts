import type { Sender } from '../../load/sender.ts';
import { openFastSender } from './connection.ts';
import { openHttp2Sender } from './http2-sender.ts';
import type { HttpSenderSettings } from './http-target.ts';

/**
 * The sender for the requested version of HTTP.
 *
 * @throws Error when a target can't be requested.
 */
export const openSender = (settings: HttpSenderSettings): Sender =>
  settings.httpVersion === 2 ? openHttp2Sender(settings) : openFastSender(settings);

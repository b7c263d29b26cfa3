/** What the peer sent breaks the protocol so that the connection has to end (RFC 9113, 5.4.1). */
export class ConnectionFault extends Error {
  /** Of RFC 9113, 7. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'ConnectionFault';
    this.code = code;
  }
}

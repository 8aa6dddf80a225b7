/**
 * Whether a `Host` header names this machine itself. A name that merely resolves to a loopback address does not: that is how a
 * foreign page would reach in from a browser here (DNS rebinding). Pure.
 */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** Whether the other end of a socket is on this machine. Pure. */
export function isLoopbackAddress(address: string): boolean {
  return /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i.test(address);
}

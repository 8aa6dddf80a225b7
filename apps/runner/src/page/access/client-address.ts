/**
 * The address that asked. Each trusted proxy has appended one entry to `X-Forwarded-For`, so the one that counts stands that many
 * places from its end; what is left of it anybody may have written. Pure.
 * @param socketAddress the other end of the socket, or "unknown".
 * @param trustedProxies 0: the header is not looked at.
 */
export function toClientAddress(socketAddress: string, forwardedFor: string | null, trustedProxies: number): string {
  if (trustedProxies === 0 || forwardedFor === null) return socketAddress;
  const entries = forwardedFor.split(",").map((entry) => entry.trim());
  const address = entries.at(-trustedProxies) ?? "";
  return /^[0-9a-fA-F:.%]{2,64}$/.test(address) ? address : socketAddress;
}

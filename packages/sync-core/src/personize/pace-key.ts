import { hash } from "node:crypto";

/** Under which name the pacer and the quota ledger keep what a key uses. The key cannot be got back from it. */
export function paceKeyOf(account: { readonly baseUrl: string; readonly secretKey: string }): string {
  return hash("sha256", `${account.baseUrl}\n${account.secretKey}`, "hex").slice(0, 32);
}

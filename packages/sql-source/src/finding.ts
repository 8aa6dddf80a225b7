import type { Finding } from "@acme/sync-core";

export function ok(message: string): Finding {
  return { level: "ok", message, hint: null };
}

export function warning(message: string, hint: string | null): Finding {
  return { level: "warning", message, hint };
}

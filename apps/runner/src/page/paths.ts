/** Addresses within the page. Names and keys may hold anything, so they are always encoded. */
export const paths = {
  sync: (name: string) => `/syncs/${encode(name)}`,
  record: (name: string, key: string) => `/syncs/${encode(name)}?key=${encode(key)}#record`,
  action: (name: string, action: string) => `/syncs/${encode(name)}/${action}`,
  run: (name: string, runId: string) => `/syncs/${encode(name)}/runs/${encode(runId)}`,
  receipt: (name: string, runId: string) => `/syncs/${encode(name)}/runs/${encode(runId)}/receipt.json`,
} as const;

/** Halves of characters cannot be encoded; they become the replacement character instead of an error. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

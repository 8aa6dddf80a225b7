import type { BatchMemorizeOptions, BatchMemorizeResponse } from "./memory-types.ts";
import type { ApiResponse } from "./types.ts";

const RECORDS_PER_CALL = 500;

/**
 * Sends a batch in one call, except that the `records` form is cut into calls of 500, one after another. The answer is
 * the last call's. A failing call throws; earlier ones stay sent.
 */
export async function sendRecordsInChunks(
  options: BatchMemorizeOptions,
  send: (body: BatchMemorizeOptions) => Promise<ApiResponse<BatchMemorizeResponse>>,
): Promise<ApiResponse<BatchMemorizeResponse>> {
  const { records } = options;
  if (records === undefined || records.length <= RECORDS_PER_CALL) return send(options);
  let answer = await send({ ...options, records: records.slice(0, RECORDS_PER_CALL) });
  for (let first = RECORDS_PER_CALL; first < records.length; first += RECORDS_PER_CALL) {
    answer = await send({ ...options, records: records.slice(first, first + RECORDS_PER_CALL) });
  }
  return answer;
}

import { QuotaStop } from "@acme/sync-core";

/** Requests of the last 24 hours, whoever made them, and how many the org may make. */
export interface ApiUsage {
  readonly used: number;
  readonly max: number;
}

/**
 * What `Sforce-Limit-Info` says about the org; null: nothing. Other parts (per-app-api-usage, api-bursts) may stand before or after.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
 */
export function parseLimitInfo(header: string | null): ApiUsage | null {
  const match = /(?:^|[^-\w])api-usage\s*=\s*(\d+)\s*\/\s*(\d+)/i.exec(header ?? "");
  if (match === null) return null;
  const [used, max] = [Number(match[1]), Number(match[2])];
  return max > 0 ? { used, max } : null;
}

/** True where no request is left in the share of the org's requests that may be used. */
export function isShareUsed({ used, max }: ApiUsage, apiShare: number): boolean {
  return used >= Math.floor(max * apiShare);
}

/** The share of the org's requests that may be used is used. Ends the run like the limit itself. */
export class ApiShareUsed extends QuotaStop {
  constructor({ used, max }: ApiUsage, apiShare: number, doing: string) {
    super(
      `${doing}: ${used} of the org's ${max} API requests of 24 hours are used, and apiShare ${apiShare} leaves the rest to others. Requests become free again as they grow older than 24 hours; the next run goes on from the last page`,
    );
  }
}

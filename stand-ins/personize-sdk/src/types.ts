/** What every method resolves to: the envelope, not bare data. HTTP 200 with `success: false` is passed on too. */
export interface ApiResponse<T> {
  success: boolean;
  data: T;
  message?: string;
  error?: string | { code: string; message: string };
}

/** An array that also carries named fields, as list-like `data` does. */
export type ListData<Item, Named> = Item[] & Named;

export interface MeResponse {
  organization: { id: string; name?: string };
  user: { id: string };
  key: { id: string; scope: string };
  plan: {
    id: string;
    name: string;
    description: string;
    features: string[];
    limits: { maxApiCallsPerMinute: number; maxApiCallsPerMonth: number };
  };
  usage?: unknown;
  rateLimits?: unknown;
}

export interface TestResponse {
  timestamp: string;
  ip: string;
  userId: string;
  organizationId: string;
  userAgent: string;
}

export interface CreditsResponse {
  balance: number;
  included: number;
}

export interface EntityTypeItem {
  id: string;
  entityType: string;
  name: string;
}

/** What names a record; both spellings are accepted by the server. */
export interface RecordIdentifiers {
  email?: string;
  websiteUrl?: string;
  website_url?: string;
  recordId?: string;
  record_id?: string;
  customKeyName?: string;
  customKeyValue?: string;
}

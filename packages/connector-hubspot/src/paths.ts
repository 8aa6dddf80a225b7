/** Where things are, in one version of the API. */
export interface Paths {
  readonly objects: (type: string) => string;
  readonly search: (type: string) => string;
  readonly batchRead: (type: string) => string;
  readonly properties: (type: string) => string;
  readonly associations: (from: string, to: string) => string;
  readonly owners: string;
  readonly schemas: string;
  readonly token: string;
}

const segment = encodeURIComponent;

/**
 * HubSpot replaces the v3 and v4 families (which end in September and March 2027, the v1 token endpoint in February 2027) by dated
 * ones that answer alike and are promised for about 18 months each. https://developers.hubspot.com/docs/api-reference/overview
 * @param version `v3` for the old families, else a date such as `2026-03`.
 */
export function createPaths(version: string): Paths {
  if (version === "v3") {
    const objects = (type: string): string => `/crm/v3/objects/${segment(type)}`;
    return {
      objects,
      search: (type) => `${objects(type)}/search`,
      batchRead: (type) => `${objects(type)}/batch/read`,
      properties: (type) => `/crm/v3/properties/${segment(type)}`,
      associations: (from, to) => `/crm/v4/associations/${segment(from)}/${segment(to)}/batch/read`,
      owners: "/crm/v3/owners",
      schemas: "/crm-object-schemas/v3/schemas",
      token: "/oauth/v3/token",
    };
  }
  const objects = (type: string): string => `/crm/objects/${version}/${segment(type)}`;
  return {
    objects,
    search: (type) => `${objects(type)}/search`,
    batchRead: (type) => `${objects(type)}/batch/read`,
    properties: (type) => `/crm/properties/${version}/${segment(type)}`,
    associations: (from, to) => `/crm/associations/${version}/${segment(from)}/${segment(to)}/batch/read`,
    owners: `/crm/owners/${version}`,
    schemas: `/crm-object-schemas/${version}/schemas`,
    token: `/oauth/${version}/token`,
  };
}

/** How many items one call may carry: the pages of the list, search, batch and association endpoints. */
export const callLimits = {
  listRows: 100,
  searchRows: 200,
  batchReadIds: 100,
  associationIds: 1000,
  ownerRows: 100,
  /** `after` + `limit` of a search may not pass this. */
  searchWindow: 10_000,
  /** Of names in an address. No figure is published; 5,116 characters were answered, and 414 was seen from about 8,000 on. */
  queryCharacters: 4000,
} as const;

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hubspotConfig } from "./config.ts";
import { hubspotConnector } from "./connector.ts";

const token = "pat-na1-0123";
const oauth = { clientId: "id", clientSecret: "client-secret", refreshToken: "refresh-token" };

describe("hubspotConfig", () => {
  it("needs a credential and nothing else", () => {
    expect(hubspotConfig.parse({ token })).toMatchObject({
      token,
      baseUrl: "https://api.hubapi.com",
      lagMs: 3_600_000,
      associations: ["contacts", "companies", "deals", "tickets"],
      reconcileEveryMs: 604_800_000,
    });
    expect(hubspotConfig.parse({ oauth }).oauth).toEqual(oauth);
  });

  it.each([
    [{}, "token"],
    [{ token, oauth }, "oauth"],
    [{ token: "with space" }, "token"],
    [{ token, properties: ["email", "email"] }, "properties"],
    [{ token, associations: ["companies", "companies"] }, "associations"],
    [{ token, lagMs: 0 }, "lagMs"],
    [{ token, archivedEveryMs: 5 }, "archivedEveryMs"],
    [{ token, searchesPerSecond: 6 }, "searchesPerSecond"],
    [{ token, apiVersion: "v2" }, "apiVersion"],
    [{ token, baseUrl: "ftp://example.com" }, "baseUrl"],
    [{ token, hapikey: "old" }, ""],
    [{ oauth: { clientId: "id" } }, "oauth"],
  ])("refuses %o and names %s", (config, path) => {
    const result = hubspotConfig.safeParse(config);
    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => String(issue.path[0] ?? ""))).toContain(path);
    expect(result.error?.message).not.toMatch(/with space|client-secret|refresh-token/);
  });

  it("takes false for every sweep", () => {
    const off = hubspotConfig.parse({
      token,
      archivedEveryMs: false,
      mergedEveryMs: false,
      associationsEveryMs: false,
      calculatedEveryMs: false,
      reconcileEveryMs: false,
    });
    expect(off.archivedEveryMs).toBe(false);
  });

  it("describes every field and marks every secret", () => {
    const schema = JSON.parse(JSON.stringify(z.toJSONSchema(hubspotConfig, { io: "input" })));
    const fields: Record<string, { description?: string; secret?: boolean }> = {
      ...schema.properties,
      ...schema.properties.oauth.properties,
    };
    for (const [name, field] of Object.entries(fields))
      expect({ name, text: field.description }).toMatchObject({ text: expect.any(String) });
    const secrets = Object.entries(fields).filter(([, field]) => field.secret === true);
    expect(secrets.map(([name]) => name).toSorted()).toEqual(["clientSecret", "refreshToken", "token"]);
    expect(hubspotConnector.name).toBe("hubspot");
  });
});

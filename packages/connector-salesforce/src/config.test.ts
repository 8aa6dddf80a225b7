import { describe, expect, it } from "vitest";
import { toAudience } from "./assertion.ts";
import { authWayOf, salesforceConfig, toOrigin } from "./config.ts";

const app = { clientId: "key", clientSecret: "secret" };
const problems = (config: unknown): readonly string[] =>
  salesforceConfig.safeParse(config).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

describe("the source section", () => {
  it("needs one way to log in, and says which there are", () => {
    expect(problems({})).toEqual(["clientCredentials: set one of clientCredentials, jwt, oauth, password"]);
    expect(problems({ clientCredentials: app, password: { username: "u", password: "p" } })).toEqual([
      "password: set one of clientCredentials, jwt, oauth, password, not clientCredentials and password",
    ]);
    expect(problems({ jwt: { clientId: "key", username: "u" } })).toEqual(["jwt: set privateKey or privateKeyFile"]);
  });

  it.each([
    ["clientCredentials", { clientCredentials: app }],
    ["jwt", { jwt: { clientId: "key", username: "u", privateKeyFile: "key.pem" } }],
    ["oauth", { oauth: { clientId: "key", refreshToken: "token" } }],
    ["password", { password: { username: "u", password: "p" } }],
  ] as const)("logs in by %s", (way, config) => {
    expect(authWayOf(salesforceConfig.parse(config))).toBe(way);
  });

  it.each([
    ["an object that is no name", { object: "Contact; drop" }, /API name/],
    ["a field that is no name", { fields: ["Name, Id"] }, /API name/],
    ["a path that is none", { relationships: ["Account..Owner"] }, /path/],
    ["a field twice", { fields: ["Name", "name"] }, /twice/],
    ["a version that is none", { apiVersion: "v66" }, /version/],
    ["a version that is too old", { apiVersion: "40.0" }, /58\.0/],
    ["a share of nothing", { apiShare: 0 }, /./],
    ["an option that does not exist", { tokn: "x" }, /tokn/],
    ["the address of the user interface", { loginUrl: "https://acme.lightning.force.com" }, /My Domain/],
    ["the address of the set-up pages", { loginUrl: "https://acme.my.salesforce-setup.com" }, /My Domain/],
  ])("refuses %s", (_what, config, message) => {
    expect(problems({ clientCredentials: app, ...config }).join()).toMatch(message);
  });

  it("has addresses without a slash at the end", () => {
    expect(toOrigin("https://acme.my.salesforce.com//")).toBe("https://acme.my.salesforce.com");
  });

  it.each([
    ["https://test.salesforce.com", "https://test.salesforce.com"],
    ["https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"],
    ["https://acme.my.salesforce.com", "https://login.salesforce.com"],
    ["https://login.salesforce.com", "https://login.salesforce.com"],
  ])("an assertion for %s is for %s", (loginUrl, audience) => {
    expect(toAudience(loginUrl)).toBe(audience);
  });
});

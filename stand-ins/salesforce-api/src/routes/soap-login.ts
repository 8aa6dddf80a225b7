import { type Reply, toXmlReply } from "../reply.ts";
import type { World } from "../world.ts";
import { toInstanceUrl } from "./hosts.ts";

const LAST_VERSION = 64;
const FIRST_VERSION = 31;

/** POST /services/Soap/u/{version} with a `login` in it: nothing else is served. */
export function answerSoap(world: World, text: string, version: number, host: string): Reply {
  if (version < FIRST_VERSION) {
    return fault("UNSUPPORTED_API_VERSION", `API version ${version.toFixed(1)} is retired and no longer supported.`);
  }
  if (version > LAST_VERSION) {
    return fault(
      "INVALID_OPERATION",
      `The SOAP Login operation is not available in the API version specified (${version.toFixed(1)}). Use OAuth instead.`,
    );
  }
  if (!world.knobs.soapLogin) return fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.");
  const user = world.findUser(element(text, "username"));
  if (user === undefined || element(text, "password") !== user.password + user.securityToken) {
    return fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
  }
  const session = world.sessions.open(user, undefined, world.knobs, world.clock.now());
  const serverUrl = `${toInstanceUrl(world, host)}/services/Soap/u/${version.toFixed(1)}/${world.org.id.slice(0, 15)}`;
  return toXmlReply(
    envelope(
      `<loginResponse><result><metadataServerUrl>${serverUrl.replace("/u/", "/m/")}</metadataServerUrl>` +
        `<passwordExpired>${user.passwordExpired}</passwordExpired><sandbox>${world.orgSeed.sandbox}</sandbox>` +
        `<serverUrl>${serverUrl}</serverUrl><sessionId>${session.token}</sessionId><userId>${user.id}</userId>` +
        `<userInfo><organizationId>${world.org.id}</organizationId>` +
        `<sessionSecondsValid>${world.knobs.sessionSeconds}</sessionSecondsValid><userId>${user.id}</userId>` +
        `<userName>${escapeXml(user.username)}</userName></userInfo></result></loginResponse>`,
    ),
    200,
  );
}

function fault(code: string, text: string): Reply {
  const inner = `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${escapeXml(text)}</faultstring></soapenv:Fault>`;
  return toXmlReply(envelope(inner), 500);
}

function envelope(inner: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ` +
    `xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns="urn:partner.soap.sforce.com"><soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>`
  );
}

function element(text: string, name: string): string {
  const found = new RegExp(`<(?:\\w+:)?${name}>([^<]*)</`).exec(text)?.[1] ?? "";
  return found
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

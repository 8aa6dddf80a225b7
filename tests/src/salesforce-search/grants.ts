import type { Control, OpenAnswer } from "@acme/salesforce-api";
import type { SimulatedProcess } from "../fault-search/simulation/process.ts";
import type { World } from "../fault-search/simulation/world.ts";
import type { Disk } from "../connector-search/disk.ts";
import { ORG_URL } from "./org.ts";
import type { SalesforceScenario } from "./scenario.ts";

export const TOKEN_FILE = "/state/tokens.json";

/** What the operator has authorised, and whether a rotated token was lost in a way that nobody can help. */
export interface Grants {
  /** The part of a configuration that logs in, as the operator has it now. */
  config(): object;
  /** How often the app has been authorised anew. */
  renewals(): number;
  /** The org answered a login of a process. */
  issued(answer: OpenAnswer, process: SimulatedProcess): void;
  /** All of an answer has arrived. */
  delivered(answer: OpenAnswer): void;
  /**
   * Whether the newest token never reached anybody, or died with the process that it had reached before it was kept: then the old
   * one has been used up, and only a new authorisation helps.
   */
  isLost(): boolean;
  /** A person authorises the app anew. */
  renew(): void;
}

export function createGrants(world: World, scenario: SalesforceScenario, control: Control, disk: Disk): Grants {
  const { login } = scenario;
  let authorisations = 0;
  let newest: { readonly token: string; readonly process: SimulatedProcess; isDelivered: boolean } | null = null;

  const clientId = (): string => (authorisations === 0 ? "stand-in-client" : `client-${authorisations}`);
  const refreshToken = (): string => (authorisations === 0 ? "stand-in-refresh" : `refresh-${authorisations}`);

  return {
    config() {
      const clientSecret = "stand-in-secret";
      if (login === "client") return { loginUrl: ORG_URL, clientCredentials: { clientId: clientId(), clientSecret } };
      const oauth = { clientId: clientId(), clientSecret, refreshToken: refreshToken(), tokenFile: TOKEN_FILE };
      return { loginUrl: ORG_URL, oauth };
    },
    renewals: () => authorisations,
    issued({ status, text }, process) {
      const token = status === 200 ? /"refresh_token":"([^"]+)"/.exec(text)?.[1] : undefined;
      if (token !== undefined) newest = { token, process, isDelivered: false };
    },
    delivered({ text }) {
      if (newest !== null && text.includes(newest.token)) newest.isDelivered = true;
    },
    isLost() {
      if (newest === null || disk.text(TOKEN_FILE)?.includes(newest.token) === true) return false;
      return !newest.isDelivered || newest.process.isDead();
    },
    renew() {
      authorisations += 1;
      newest = null;
      control.addApp({ name: clientId(), clientId: clientId(), refreshToken: refreshToken() });
      world.timeline.note("operator", () => "authorises the app anew");
    },
  };
}

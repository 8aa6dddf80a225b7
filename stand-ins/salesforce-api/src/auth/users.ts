import type { Access } from "../soql/resolve-path.ts";

/** One user who can log in. */
export interface UserSeed {
  /** Default `sync@acme.example`. */
  readonly username?: string;
  /** Default `stand-in-password`. */
  readonly password?: string;
  /** Follows the password in both logins. Default `stand-in-token`. */
  readonly securityToken?: string;
  /** Objects this user may not read. */
  readonly hiddenObjects?: readonly string[];
  /** Fields this user may not read, such as `Contact.Birthdate`. */
  readonly hiddenFields?: readonly string[];
  /** Default true; without it only rows owned by the user are there, and rows without an owner. */
  readonly viewAllData?: boolean;
  /** Default true. */
  readonly apiEnabled?: boolean;
  readonly passwordExpired?: boolean;
}

/** A user of the org, and what it may see. */
export class User implements Access {
  readonly id: string;
  readonly username: string;
  password: string;
  securityToken: string;
  viewAllData: boolean;
  apiEnabled: boolean;
  passwordExpired: boolean;
  #hiddenObjects: ReadonlySet<string> = new Set();
  #hiddenFields: ReadonlySet<string> = new Set();

  constructor(id: string, seed: UserSeed) {
    this.id = id;
    this.username = seed.username ?? "sync@acme.example";
    this.password = seed.password ?? "stand-in-password";
    this.securityToken = seed.securityToken ?? "stand-in-token";
    this.viewAllData = seed.viewAllData ?? true;
    this.apiEnabled = seed.apiEnabled ?? true;
    this.passwordExpired = seed.passwordExpired ?? false;
    this.hide(seed);
  }

  /** Replaces what is hidden; what is left out stays. */
  hide({ hiddenObjects, hiddenFields }: Pick<UserSeed, "hiddenObjects" | "hiddenFields">): void {
    if (hiddenObjects !== undefined) this.#hiddenObjects = lowered(hiddenObjects);
    if (hiddenFields !== undefined) this.#hiddenFields = lowered(hiddenFields);
  }

  canReadObject(object: string): boolean {
    return !this.#hiddenObjects.has(object.toLowerCase());
  }

  canReadField(object: string, field: string): boolean {
    return !this.#hiddenFields.has(`${object}.${field}`.toLowerCase());
  }
}

function lowered(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

import type { Fields } from "@acme/stand-in-kit";
import {
  type Identifiers,
  normaliseEmail,
  normaliseWebsite,
  toCustomKey,
  toRecordId,
  toRecordKey,
} from "./identity.ts";
import { toRowIdentifiers } from "./row-identity.ts";
import { StoredRecord } from "./stored-record.ts";
import type { Write } from "./write-plan.ts";

/** How rows that land on records behave. */
export interface LandingRules {
  readonly historyLimit: number;
  readonly writeToDeleted: "revive" | "stay-deleted";
}

/** The records of one organization. Lookup by any identifier takes constant time. */
export class Records {
  readonly #organizationId: string;
  readonly #byKey = new Map<string, StoredRecord>();
  /** Keys registered by `updateKeys`: writes follow them too. */
  readonly #aliases = new Map<string, StoredRecord>();
  /** Further keys seen on rows: only reads follow them; the first owner keeps a key. */
  readonly #secondary = new Map<string, StoredRecord>();
  readonly #byId = new Map<string, StoredRecord>();
  readonly #typeKeys = new Set<string>();
  #withoutId: StoredRecord[] = [];

  constructor(organizationId: string) {
    this.#organizationId = organizationId;
  }

  get size(): number {
    return this.#byKey.size;
  }

  all(): MapIterator<StoredRecord> {
    return this.#byKey.values();
  }

  /** The record id, worked out when first asked for. */
  recordIdOf(record: StoredRecord): string {
    if (record.recordId === undefined) {
      record.recordId = toRecordId(this.#organizationId, record.typeKey, record.key);
      this.#byId.set(record.recordId, record);
    }
    return record.recordId;
  }

  byRecordId(recordId: string): StoredRecord | undefined {
    const known = this.#byId.get(recordId);
    if (known !== undefined || this.#withoutId.length === 0) return known;
    for (const record of this.#withoutId) this.recordIdOf(record);
    this.#withoutId = [];
    return this.#byId.get(recordId);
  }

  /** The record that `identifiers` name, deleted or not. Without a type every type is tried, oldest first. */
  find(identifiers: Identifiers, typeKey?: string): StoredRecord | undefined {
    if (identifiers.recordId !== undefined) {
      const record = this.byRecordId(identifiers.recordId.trim());
      if (record !== undefined) return record;
    }
    const key = toRecordKey(identifiers);
    if (key === undefined) return undefined;
    for (const candidate of typeKey === undefined ? this.#typeKeys : [typeKey]) {
      const name = `${candidate}|${key}`;
      const record = this.#byKey.get(name) ?? this.#aliases.get(name) ?? this.#secondary.get(name);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  /** Lands one row on the record of `key`, made if need be. */
  land(key: string, write: Write, rules: LandingRules): StoredRecord {
    const { plan, row, landedAtMs } = write;
    const record = this.#findForWrite(plan.typeKey, key) ?? this.#create(plan.type, plan.typeKey, key, landedAtMs);
    if (record.deletedAtMs !== undefined) {
      if (record.isFinallyDeleted(landedAtMs)) {
        record.clear();
        record.deletedAtMs = undefined;
      } else if (rules.writeToDeleted === "stay-deleted") return record;
      else record.deletedAtMs = undefined;
    }
    if (record.landedRows === 0 || plan.manyIdentifiers) this.#noteKeys(record, toRowIdentifiers(plan, row));
    record.add(write, rules.historyLimit);
    return record;
  }

  /** Makes `key` of `record` usable for reads and writes. Answers the other owner when it is taken. */
  register(record: StoredRecord, keyName: string, keyValue: string): StoredRecord | undefined {
    const key = toNamedKey(keyName, keyValue);
    const name = `${record.typeKey}|${key}`;
    const owner = this.#byKey.get(name) ?? this.#aliases.get(name) ?? this.#secondary.get(name);
    if (owner !== undefined && owner !== record) return owner;
    if (this.#byKey.get(name) !== record) this.#aliases.set(name, record);
    setNamedKey(record, keyName, keyValue);
    return undefined;
  }

  /** Forgets a registered or secondary key; false when it is the key the record is made of. */
  unregister(record: StoredRecord, keyName: string, keyValue: string): boolean {
    const name = `${record.typeKey}|${toNamedKey(keyName, keyValue)}`;
    if (this.#byKey.get(name) === record) return false;
    this.#aliases.delete(name);
    this.#secondary.delete(name);
    if (record.customKeys?.[keyName] === keyValue) delete record.customKeys[keyName];
    return true;
  }

  /** Puts back a record of the store file. */
  restore(record: StoredRecord, aliases: readonly string[], secondary: readonly string[]): void {
    this.#insert(record);
    for (const name of aliases) this.#aliases.set(name, record);
    for (const name of secondary) this.#secondary.set(name, record);
  }

  /** The index names of every record that has further keys, for the store file. */
  namesOfFurtherKeys(): ReadonlyMap<StoredRecord, { aliases: string[]; secondary: string[] }> {
    const names = new Map<StoredRecord, { aliases: string[]; secondary: string[] }>();
    const entryOf = (record: StoredRecord) => {
      const entry = names.get(record) ?? { aliases: [], secondary: [] };
      names.set(record, entry);
      return entry;
    };
    for (const [name, record] of this.#aliases) entryOf(record).aliases.push(name);
    for (const [name, record] of this.#secondary) entryOf(record).secondary.push(name);
    return names;
  }

  #findForWrite(typeKey: string, key: string): StoredRecord | undefined {
    const name = `${typeKey}|${key}`;
    const record = this.#byKey.get(name);
    if (record !== undefined) return record;
    if (key.startsWith("REC#")) return this.byRecordId(key);
    return this.#aliases.size === 0 ? undefined : this.#aliases.get(name);
  }

  #create(type: string, typeKey: string, key: string, timeMs: number): StoredRecord {
    const record = new StoredRecord(type, typeKey, key, timeMs);
    this.#insert(record);
    return record;
  }

  #insert(record: StoredRecord): void {
    this.#byKey.set(`${record.typeKey}|${record.key}`, record);
    this.#typeKeys.add(record.typeKey);
    this.#withoutId.push(record);
  }

  #noteKeys(record: StoredRecord, identifiers: Identifiers): void {
    const { email, websiteUrl, customKeyName, customKeyValue } = identifiers;
    if (email !== undefined) this.#noteKey(record, "email", normaliseEmail(email), normaliseEmail(email));
    if (websiteUrl !== undefined) {
      this.#noteKey(record, "websiteUrl", normaliseWebsite(websiteUrl), normaliseWebsite(websiteUrl));
    }
    if (customKeyName !== undefined && customKeyValue !== undefined) {
      this.#noteKey(record, customKeyName, customKeyValue, toCustomKey(customKeyName, customKeyValue));
    }
  }

  #noteKey(record: StoredRecord, keyName: string, shown: string, key: string): void {
    setNamedKey(record, keyName, shown);
    if (key === record.key) return;
    const name = `${record.typeKey}|${key}`;
    if (!this.#byKey.has(name) && !this.#secondary.has(name)) this.#secondary.set(name, record);
  }
}

/** All keys of a record by name, as `crmKeys` and `listKeys` show them. */
export function toNamedKeys(record: StoredRecord): Record<string, string> {
  return {
    ...(record.email === undefined ? {} : { email: record.email }),
    ...(record.websiteUrl === undefined ? {} : { websiteUrl: record.websiteUrl }),
    ...record.customKeys,
  };
}

/** The identifiers in a request body, in either spelling. */
export function toIdentifiers(body: Fields): Identifiers {
  const identifiers: Identifiers = {};
  const read = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = body[name];
      if (typeof value === "string" && value.trim() !== "") return value;
      if (typeof value === "number") return String(value);
    }
    return undefined;
  };
  const recordId = read("recordId", "record_id");
  if (recordId !== undefined) identifiers.recordId = recordId;
  const email = read("email");
  if (email !== undefined) identifiers.email = email;
  const websiteUrl = read("websiteUrl", "website_url", "website");
  if (websiteUrl !== undefined) identifiers.websiteUrl = websiteUrl;
  const customKeyName = read("customKeyName", "custom_key_name");
  const customKeyValue = read("customKeyValue", "custom_key_value", "customKey");
  if (customKeyName !== undefined && customKeyValue !== undefined) {
    identifiers.customKeyName = customKeyName;
    identifiers.customKeyValue = customKeyValue;
  }
  return identifiers;
}

export function hasIdentifier(identifiers: Identifiers): boolean {
  return toRecordKey(identifiers) !== undefined;
}

function toNamedKey(keyName: string, keyValue: string): string {
  if (keyName === "email") return normaliseEmail(keyValue);
  if (keyName === "websiteUrl" || keyName === "website_url" || keyName === "website") return normaliseWebsite(keyValue);
  return toCustomKey(keyName, keyValue);
}

function setNamedKey(record: StoredRecord, keyName: string, keyValue: string): void {
  if (keyName === "email") record.email ??= keyValue;
  else if (keyName === "websiteUrl" || keyName === "website_url" || keyName === "website")
    record.websiteUrl ??= keyValue;
  else {
    record.customKeys ??= {};
    record.customKeys[keyName] = keyValue;
  }
}

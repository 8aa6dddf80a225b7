import { createRandom } from "@acme/stand-in-kit";
import { type CustomObjectSeed, toCustomFacts, toCustomProperties } from "./custom-type.ts";
import { Links } from "./links.ts";
import { ObjectType } from "./object-type.ts";
import { createOwners, type Owner } from "./owners.ts";
import { standardTypeNames, toStandardFacts, toStandardProperties } from "./standard-types.ts";

const FIRST_CUSTOM_TYPE = 4101;

export interface PortalFacts {
  readonly portalId: number;
  readonly seed: number;
  readonly ownerCount: number;
  readonly createdAtMs: number;
  readonly fullSchemas: boolean;
}

/** One HubSpot account: object types with their records, associations, owners. */
export class Portal {
  readonly facts: PortalFacts;
  readonly links = new Links();
  readonly owners: Owner[];
  readonly #types = new Map<string, ObjectType>();
  readonly #byAlias = new Map<string, ObjectType>();
  readonly #random: () => number;
  #nextCustomType = FIRST_CUSTOM_TYPE;
  #lastSequence = 0;

  constructor(facts: PortalFacts) {
    this.facts = facts;
    this.#random = createRandom(facts.seed);
    this.owners = createOwners(facts.ownerCount, facts.createdAtMs);
    for (const name of standardTypeNames) {
      const typeFacts = toStandardFacts(name);
      this.#add(
        new ObjectType(
          typeFacts,
          toStandardProperties(name, facts.fullSchemas),
          this.#random,
          facts.seed + Number(typeFacts.typeId.slice(2)),
          () => this.owners.length,
        ),
      );
    }
  }

  types(): readonly ObjectType[] {
    return [...this.#types.values()];
  }

  /** The type a path names: plural, singular, type id, `p_name` or full name, in any case. */
  findType(text: string): ObjectType | undefined {
    return this.#byAlias.get(text.toLowerCase());
  }

  /** The same; throws RangeError when there is none. */
  type(text: string): ObjectType {
    const type = this.findType(text);
    if (type === undefined) throw new RangeError(`No object type ${text}`);
    return type;
  }

  /** Throws RangeError when the name is no name or taken. */
  defineCustomType(seed: CustomObjectSeed, createdAtMs: number): ObjectType {
    const typeNumber = seed.typeNumber ?? this.#nextCustomType;
    this.#nextCustomType = Math.max(this.#nextCustomType, typeNumber) + 1;
    const facts = toCustomFacts(seed, this.facts.portalId, typeNumber, createdAtMs);
    if (this.#types.has(facts.name)) throw new RangeError(`Custom object ${seed.name} exists`);
    const type = new ObjectType(
      facts,
      toCustomProperties(seed, createdAtMs),
      this.#random,
      this.facts.seed + typeNumber,
      () => this.owners.length,
    );
    this.#add(type);
    return type;
  }

  nextSequence(): number {
    this.#lastSequence += 1;
    return this.#lastSequence;
  }

  /** Makes what is due searchable. */
  settle(nowMs: number): void {
    for (const type of this.#types.values()) type.index.settle(nowMs);
  }

  #add(type: ObjectType): void {
    this.#types.set(type.facts.name, type);
    for (const alias of [type.facts.name, ...type.facts.aliases]) this.#byAlias.set(alias.toLowerCase(), type);
  }
}

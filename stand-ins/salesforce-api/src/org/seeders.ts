import { DAY_MS, hash } from "@acme/stand-in-kit";
import type { Seeder, Value } from "./field-definition.ts";

/** Words that seeded values are made of. */
export const pools = {
  firstNames: [
    "Ada",
    "Bo",
    "Chidi",
    "Dagny",
    "Edda",
    "Farid",
    "Greta",
    "Hiro",
    "Inês",
    "Jörg",
    "Kofi",
    "Łucja",
    "Minh",
    "Noor",
    "Óscar",
    "Petra",
  ],
  lastNames: [
    "Abbot",
    "Bjørn",
    "Castro",
    "Dubois",
    "Eriksen",
    "Faure",
    "O'Neil",
    "Haas",
    "Ito",
    "Jensen",
    "Köhler",
    "Lund",
    "Müller",
    "Novák",
    "Okoye",
    "Null",
  ],
  companies: [
    "Harbour",
    "Linden",
    "Northwind",
    "Meridian",
    "Quarry",
    "Saltmarsh",
    "Tallow",
    "Umber",
    "Vesper",
    "Willow",
  ],
  companyForms: ["Ltd", "GmbH", "Group", "Works", "& Sons", "AB"],
  streets: ["Mill Lane 4", "Rue Haute 12", "Kirkegata 7", "2 Dock Road", "Calle Mayor 31"],
  cities: ["Aarhus", "Bergen", "Cork", "Dresden", "Évora", "Fürth", "Gdańsk", "Haarlem"],
  countries: ["Denmark", "Norway", "Ireland", "Germany", "Portugal", "Poland"],
  /** Texts that a careless reader takes for nothing, a number or a boolean. */
  oddTexts: ["NA", "None", "null", "N/A", "NULL", "0", "false", "-", "1e5", "#N/A"],
  sentences: [
    "Asked for a call back after the holidays.",
    'Said "not this year", then asked for a price, in writing.',
    "First line.\nSecond line, after a break.\r\nThird line.",
    "Prefers e-mail; semicolons, commas, and\ttabs.",
    "Umlauts äöü, an emoji 🙂, and a right single quote ’.",
    "  Begins and ends with spaces.  ",
  ],
} as const;

const NULL_SHARE = 0.15;

/** Makers of seeders for one object. Every maker takes a number of its own, so that fields do not depend on each other. */
export class Seeders {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  number(position: number, salt: number): number {
    return hash(this.#seed, position, salt + 100);
  }

  share(position: number, salt: number): number {
    return this.number(position, salt) / 4_294_967_296;
  }

  pick(pool: readonly string[], salt: number): Seeder {
    return (position) => pool[this.number(position, salt) % pool.length] ?? null;
  }

  whole(from: number, to: number, salt: number): Seeder {
    return (position) => from + (this.number(position, salt) % (to - from + 1));
  }

  /** With so many decimals. */
  decimal(from: number, to: number, decimals: number, salt: number): Seeder {
    return (position) => Number((from + this.share(position, salt) * (to - from)).toFixed(decimals));
  }

  flag(share: number, salt: number): Seeder {
    return (position) => this.share(position, salt) < share;
  }

  /** `YYYY-MM-DD`, so many days before or (negative) after a time. */
  day(untilMs: number, days: number, salt: number): Seeder {
    return (position) => new Date(untilMs - this.share(position, salt) * days * DAY_MS).toISOString().slice(0, 10);
  }

  /** The id of a row of another object, or null where that has none. */
  reference(idOf: (position: number) => string, count: () => number, salt: number): Seeder {
    return (position) => (count() === 0 ? null : idOf(this.number(position, salt) % count()));
  }

  /** Null for a share of the rows (default a seventh or so). */
  sometimes(seeder: Seeder, salt: number, nullShare = NULL_SHARE): Seeder {
    return (position): Value => (this.share(position, salt + 50) < nullShare ? null : seeder(position));
  }

  /** Free text: mostly sentences, with line breaks and quotes; in places odd words, and a NUL byte in every 211th row. */
  prose(salt: number): Seeder {
    return (position) => {
      const number = this.number(position, salt);
      if (position % 211 === 7) return `Pasted from a terminal:\u0000 end`;
      if (number % 13 === 0) return pools.oddTexts[number % pools.oddTexts.length] ?? null;
      const sentence = pools.sentences[number % pools.sentences.length] ?? "";
      return number % 5 === 0 ? `${sentence}\n${sentence}` : sentence;
    };
  }
}

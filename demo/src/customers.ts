import { createRandom } from "./random.ts";

/** The table that the demo syncs. */
export const CREATE_CUSTOMERS = `
  create table customers (
    id              bigint primary key,
    email           text,
    first_name      text,
    last_name       text,
    company         text,
    city            text,
    country         text,
    phone           text,
    status          text not null,
    lifetime_value  numeric(14, 2),
    loyalty_points  bigint,
    signed_up_at    timestamptz,
    preferences     jsonb,
    notes           text,
    updated_at      timestamptz not null default now()
  );
  create index customers_updated_at on customers (updated_at, id);
`;

export interface Customer {
  readonly id: number;
  readonly email: string | null;
  readonly first_name: string;
  readonly last_name: string;
  readonly company: string | null;
  readonly city: string;
  readonly country: string;
  readonly phone: string | null;
  readonly status: string;
  readonly lifetime_value: string | null;
  readonly loyalty_points: string;
  readonly signed_up_at: string;
  readonly preferences: Readonly<Record<string, unknown>> | null;
  readonly notes: string | null;
  readonly updated_at: string;
}

const FIRST_NAMES = [
  "Zoë",
  "José",
  "Søren",
  "Łukasz",
  "Mária",
  "Anaïs",
  "Björn",
  "Chloé",
  "Dvořák",
  "Emre",
  "Fatıma",
  "Γιώργος",
  "Юлия",
  "さくら",
  "美玲",
  "นภา",
  "Amara",
  "Noah",
  "Ifeoma",
  "O'Brien",
];
const LAST_NAMES = [
  "Müller",
  "García",
  "Ångström",
  "Nowak",
  "Šimić",
  "Çelik",
  "Παπαδόπουλος",
  "Иванова",
  "田中",
  "王",
  "Nguyễn",
  "D'Angelo",
  "Smith-Jones",
  "van der Berg",
  "Ó Súilleabháin",
  "Çağlar",
];
const COMPANIES = [
  "Nordlicht Energie",
  "Café Lumière",
  "Blue Harbour Logistics",
  "Kiku Robotics",
  "Olive & Sage",
  "Tundra Software",
  "Atlas Zement",
  "Ñandú Viajes",
];
const CITIES = [
  ["Zürich", "CH"],
  ["São Paulo", "BR"],
  ["København", "DK"],
  ["Kraków", "PL"],
  ["Αθήνα", "GR"],
  ["東京", "JP"],
  ["Lagos", "NG"],
  ["Tromsø", "NO"],
] as const;
const TOPICS = [
  "the renewal",
  "delivery times",
  "a discount for 40 seats",
  "the migration plan",
  "single sign-on",
  "an invoice that was paid twice",
  "training for the new team",
  "the roadmap",
];
const OPENERS = [
  "Asked about",
  "Is unhappy with",
  "Wants a call on",
  "Praised",
  "Sent questions on",
  "Will decide next week on",
];

/**
 * Customers as a business has them: names from many scripts, gaps, long notes, many rows that were updated in one statement and
 * so share one time stamp. The same seed gives the same rows.
 */
export function makeCustomers(firstId: number, count: number, seed: number): Customer[] {
  const random = createRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("there is nothing to pick from");
    return item;
  };
  const startOfYear = Date.UTC(2026, 0, 1);
  return Array.from({ length: count }, (_, index) => {
    const id = firstId + index;
    const [city, country] = pick(CITIES);
    const sentences = Math.floor(random() * random() * 24);
    // Nine of ten rows were touched by one of forty bulk updates.
    const bulk = startOfYear + Math.floor(random() * 40) * 7 * 3_600_000;
    const updatedAt = random() < 0.9 ? bulk : startOfYear + Math.floor(random() * 24_000_000_000);
    return {
      id,
      email: id % 1700 === 0 ? null : `customer${id}@example.com`,
      first_name: pick(FIRST_NAMES),
      last_name: pick(LAST_NAMES),
      company: random() < 0.2 ? null : pick(COMPANIES),
      city,
      country,
      phone: random() < 0.4 ? null : `+${Math.floor(1e10 + random() * 8e10)}`,
      status: pick(["active", "active", "active", "trial", "churned"]),
      lifetime_value: random() < 0.1 ? null : (random() * 250_000).toFixed(2),
      loyalty_points: String(9_007_199_254_740_000n + BigInt(Math.floor(random() * 100_000))),
      signed_up_at: new Date(startOfYear - Math.floor(random() * 2e11)).toISOString(),
      preferences:
        random() < 0.3
          ? null
          : {
              newsletter: random() < 0.5,
              channels: ["email", "phone"].slice(0, 1 + Math.floor(random() * 2)),
              language: pick(["de", "en", "ja"]),
            },
      notes:
        sentences === 0 ? null : Array.from({ length: sentences }, () => `${pick(OPENERS)} ${pick(TOPICS)}.`).join(" "),
      updated_at: new Date(updatedAt).toISOString(),
    };
  });
}

import { hash } from "@acme/stand-in-kit";
import type { Generate, SeededRow } from "./property-definition.ts";

const DAY_MS = 86_400_000;
const FIRST_OWNER_ID = 41_100_001;

const firstNames = [
  "Ada",
  "Björn",
  "Chloé",
  "Dmitri",
  "Esi",
  "Fatima",
  "Goran",
  "Hana",
  "Íñigo",
  "Jun",
  "Kofi",
  "Łucja",
];
const lastNames = ["Abbott", "Brandt", "Castillo", "Dubois", "Eriksen", "Farkas", "Grant", "Haddad", "Ito", "Jansen"];
const companyWords = [
  "Amber",
  "Beacon",
  "Cobalt",
  "Delta",
  "Evergreen",
  "Fjord",
  "Granite",
  "Harbor",
  "Indigo",
  "Juniper",
];
const companyKinds = ["Analytics", "Bakery", "Consulting", "Dynamics", "Energy", "Foods", "Logistics", "Studios"];
const cities = ["Aarhus", "Bologna", "Córdoba", "Denver", "Edinburgh", "Fukuoka", "Gdańsk", "Halifax"];
const sentences = [
  "Asked for a quote covering the whole team.",
  "Prefers to be called before ten in the morning.",
  "Their contract with the present supplier ends in spring.",
  "Mentioned that the budget was approved last week.",
  "Wants a written answer about data residency.",
  "Will bring the head of operations to the next call.",
  "Liked the demo; worried about the time it takes to migrate.",
  "Sends regards to the support team.",
];

/** One of `choices`, evenly. */
export function pick(choices: readonly string[], salt: number): Generate {
  return ({ seed, index }) => choices[hash(seed, index, salt) % choices.length] ?? null;
}

/** A whole number from `low` to `high`, as text. */
export function whole(low: number, high: number, salt: number): Generate {
  return ({ seed, index }) => String(low + (hash(seed, index, salt) % (high - low + 1)));
}

/** `generate` for a share of the records, nothing for the others. */
export function sometimes(share: number, salt: number, generate: Generate): Generate {
  return (row) => (hash(row.seed, row.index, salt) / 4_294_967_296 < share ? generate(row) : null);
}

/** None, one or several of `choices`, joined by semicolons. */
export function several(choices: readonly string[], salt: number): Generate {
  return ({ seed, index }) => {
    const bits = hash(seed, index, salt);
    const chosen = choices.filter((_, position) => ((bits >> position) & 3) === 0);
    return chosen.length === 0 ? null : chosen.join(";");
  };
}

export function flag(salt: number): Generate {
  return pick(["true", "false"], salt);
}

/** A moment up to `days` after the record was created. */
export function momentAfter(days: number, salt: number): Generate {
  return ({ seed, index, createdAtMs }) =>
    new Date(createdAtMs + (hash(seed, index, salt) % (days * DAY_MS))).toISOString();
}

/** A day up to `days` after the record was created. */
export function dayAfter(days: number, salt: number): Generate {
  return ({ seed, index, createdAtMs }) =>
    new Date(createdAtMs + (hash(seed, index, salt) % days) * DAY_MS).toISOString().slice(0, 10);
}

export const ownerId: Generate = ({ seed, index, ownerCount }) =>
  ownerCount === 0 || hash(seed, index, 3) % 8 === 0
    ? null
    : String(FIRST_OWNER_ID + (hash(seed, index, 4) % ownerCount));

export function toOwnerId(position: number): number {
  return FIRST_OWNER_ID + position;
}

export const firstName = pick(firstNames, 11);
export const lastName = pick(lastNames, 12);
export const city = pick(cities, 13);

/** Unique among the contacts of a portal; one in eight is written with capitals. */
export const email: Generate = (row) => {
  const text = `${toAscii(firstName(row))}.${toAscii(lastName(row))}.${row.index}@${toDomain(row)}`;
  return hash(row.seed, row.index, 14) % 8 === 0 ? text.replace(/^./, (letter) => letter.toUpperCase()) : text;
};

export const companyName: Generate = (row) =>
  `${pick(companyWords, 21)(row) ?? ""} ${pick(companyKinds, 22)(row) ?? ""} ${row.index}`;

/** HubSpot's key of companies; unique here, and not always lower-case. */
export const domain: Generate = (row) => {
  const text = `${toAscii(pick(companyWords, 21)(row))}-${row.index}.example`;
  return hash(row.seed, row.index, 23) % 8 === 0 ? text.replace(/^./, (letter) => letter.toUpperCase()) : text;
};

/** A few sentences, the text that extraction is for. */
export const prose: Generate = ({ seed, index }) => {
  const count = 2 + (hash(seed, index, 31) % 4);
  return Array.from({ length: count }, (_, place) => sentences[hash(seed, index, 32 + place) % sentences.length]).join(
    " ",
  );
};

export const htmlProse: Generate = (row) => `<div><p>${(prose(row) ?? "").replaceAll(". ", ".</p>\n<p>")}</p></div>`;

/** A text when there is one, in a tenth of the records an empty text, otherwise nothing. */
export function orEmpty(salt: number, generate: Generate): Generate {
  return (row) => {
    const tenth = hash(row.seed, row.index, salt) % 10;
    if (tenth === 0) return "";
    return tenth < 4 ? null : generate(row);
  };
}

export const phone: Generate = ({ seed, index }) =>
  `+4500${String(hash(seed, index, 41) % 1_000_000).padStart(6, "0")}`;

/** A decimal with two places. */
export const money: Generate = ({ seed, index }) => ((hash(seed, index, 51) % 9_000_000) / 100).toFixed(2);

/** A number field as real ones look: mostly a number, sometimes a list or a word. */
export const untidyNumber: Generate = ({ seed, index }) => {
  const kind = hash(seed, index, 61) % 40;
  if (kind === 0) return "N/A";
  if (kind === 1) return "3092727991;3881228353";
  return kind < 20 ? null : String((hash(seed, index, 62) % 1000) / 4);
};

function toDomain(row: SeededRow): string {
  return `mail${hash(row.seed, row.index, 15) % 50}.example`;
}

function toAscii(text: string | null): string {
  return (text ?? "")
    .normalize("NFD")
    .replaceAll(/[^a-zA-Z]/g, "")
    .toLowerCase();
}

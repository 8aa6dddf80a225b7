import { toOwnerId } from "./generators.ts";

export interface Owner {
  readonly id: string;
  readonly email: string;
  readonly type: "PERSON" | "QUEUE";
  readonly firstName: string;
  readonly lastName: string;
  readonly userId: number;
  readonly createdAtMs: number;
  updatedAtMs: number;
  archived: boolean;
}

const names = [
  "Mette Holm",
  "Priya Nair",
  "Tom Becker",
  "Lucía Vega",
  "Noor Aziz",
  "Sam Ortiz",
  "Yuki Mori",
  "Zoe Hart",
];

/** Owners in ascending id, the same for the same count; the last of four or more is archived. */
export function createOwners(count: number, createdAtMs: number): Owner[] {
  return Array.from({ length: count }, (_, position) => {
    const [firstName = "", lastName = ""] = (names[position % names.length] ?? "").split(" ");
    return {
      id: String(toOwnerId(position)),
      email: `owner${position}@seller.example`,
      type: position % 10 === 9 ? "QUEUE" : "PERSON",
      firstName,
      lastName,
      userId: 9_100_000 + position * 7,
      createdAtMs: createdAtMs + position * 60_000,
      updatedAtMs: createdAtMs + position * 60_000,
      archived: count >= 4 && position === count - 1,
    };
  });
}

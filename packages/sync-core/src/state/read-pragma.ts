import type { DatabaseSync } from "node:sqlite";

export function readPragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`pragma ${name}`).get()?.[name]);
}

export function isEmptyDatabase(db: DatabaseSync): boolean {
  return db.prepare("select 1 from sqlite_schema limit 1").get() === undefined;
}

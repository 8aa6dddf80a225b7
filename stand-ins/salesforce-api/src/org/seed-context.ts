/** What makers of seeded values may know about the whole org. */
export interface SeedContext {
  readonly untilMs: number;
  /** So many accounts are persons, each with the contact of the same position. */
  readonly personAccounts: number;
  /** Of tasks. */
  readonly archivedShare: number;
  seedOf(object: string): number;
  /** Seeded rows of an object; 0 for one that does not exist. */
  count(object: string): number;
  idOf(object: string, position: number): string;
  username(position: number): string;
}

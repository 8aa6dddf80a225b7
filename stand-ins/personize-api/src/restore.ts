import type { ApiEvent } from "./api-event.ts";
import type { CollectionSeed } from "./collection.ts";
import type { FoldedRecord } from "./folded-record.ts";
import type { LandingTask } from "./landing-task.ts";
import type { Organization, OrphanMemory, Totals } from "./organization.ts";
import { StoredRecord } from "./stored-record.ts";
import type { World } from "./world.ts";

/** The lines a snapshot is made of. The stand-in reads only what it wrote, so their members are taken at their word. */
type Line =
  | { kind: "world"; version: number; clockOffsetMs: number }
  | {
      kind: "organization";
      organizationId: string;
      credits: number;
      reservedCredits: number;
      month: string;
      monthUnits: number;
      minute: [number, number][];
      sequence: number;
      totals: Totals;
      orphans: OrphanMemory[];
    }
  | { kind: "collections"; organizationId: string; collections: CollectionSeed[] }
  | ({ kind: "record"; organizationId: string } & RecordLine)
  | { kind: "event"; organizationId: string; event: ApiEvent }
  | ({ kind: "task"; organizationId: string; eventId: string } & Omit<LandingTask, "event">);

interface RecordLine {
  type: string;
  key: string;
  recordId?: string;
  email?: string;
  websiteUrl?: string;
  customKeys?: Record<string, string>;
  createdAtMs: number;
  updatedAtMs: number;
  landedRows: number;
  deletedAtMs?: number;
  deletedMemories?: [string, number][];
  folded: FoldedRecord;
  aliases: string[];
  secondary: string[];
}

/** Takes one line of a snapshot into `world`. Lines of organizations that are not seeded any more are ignored. */
export function restoreLine(world: World, text: string): void {
  const line: Line = JSON.parse(text);
  if (line.kind === "world") {
    if (line.version !== 1) throw new SyntaxError(`Store file of version ${line.version}, this server reads 1`);
    world.clock.setOffset(line.clockOffsetMs);
    return;
  }
  const organization = world.organizations.find(({ id }) => id === line.organizationId);
  if (organization === undefined) return;
  switch (line.kind) {
    case "organization":
      organization.credits = line.credits;
      organization.reservedCredits = line.reservedCredits;
      organization.month = line.month;
      organization.monthUnits = line.monthUnits;
      organization.sequence = line.sequence;
      organization.orphans.push(...line.orphans);
      for (const [timeMs, units] of line.minute) organization.minute.add(timeMs, units);
      Object.assign(organization.totals, line.totals);
      return;
    case "collections":
      for (const known of organization.collections.list()) organization.collections.delete(known, world.clock.now());
      for (const collection of line.collections) organization.collections.put(collection, world.clock.now());
      return;
    case "record":
      restoreRecord(organization, line);
      return;
    case "event":
      organization.events.set(line.event.eventId, {
        ...line.event,
        fate: { ...line.event.fate, duplicateAfterMs: line.event.fate.duplicateAfterMs ?? undefined },
      });
      return;
    case "task":
      restoreTask(organization, line);
  }
}

function restoreRecord(organization: Organization, line: RecordLine): void {
  const record = new StoredRecord(line.type, line.type.trim().toLowerCase(), line.key, line.createdAtMs);
  record.email = line.email;
  record.websiteUrl = line.websiteUrl;
  record.customKeys = line.customKeys;
  record.updatedAtMs = line.updatedAtMs;
  record.deletedAtMs = line.deletedAtMs;
  record.deletedMemories = line.deletedMemories === undefined ? undefined : new Map(line.deletedMemories);
  record.restore(line.folded, line.landedRows);
  organization.records.restore(record, line.aliases, line.secondary);
}

function restoreTask(organization: Organization, line: Extract<Line, { kind: "task" }>): void {
  const event = organization.events.get(line.eventId);
  if (event === undefined) return;
  const { atMs, sequence, action, passed, parts } = line;
  organization.tasks.push({ atMs, sequence, event, action, passed, parts });
}

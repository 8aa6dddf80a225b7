import type { Collection } from "../contracts/destination.ts";
import type { Stream } from "../contracts/source.ts";
import { formatCount, indent } from "./human-format.ts";
import { renderTable } from "./render-table.ts";
import type { Style } from "./style.ts";
import { printable } from "./text-width.ts";

/** A stream with its fields. Pure. */
export function renderStream(sync: string, stream: Stream, style: Style): string {
  const estimate = stream.estimatedRows === null ? "" : `, about ${formatCount(stream.estimatedRows)} rows`;
  const candidates = stream.cursorCandidates.map(printable).join(", ");
  const cursor =
    stream.cursorField === null
      ? `none: compared in full on every run${candidates === "" ? "" : `. Could be ${candidates}`}`
      : printable(stream.cursorField);
  const fields = renderTable(
    [{ title: "field" }, { title: "type" }, { title: "in the source" }, { title: "" }],
    stream.fields.map((field) => [
      printable(field.name),
      field.type,
      printable(field.sourceType),
      [
        ...(stream.key.includes(field.name) ? ["key"] : []),
        ...(stream.cursorField === field.name ? ["cursor"] : []),
        ...(field.nullable ? [] : ["never null"]),
        ...(field.unreadable === null ? [] : [`cannot be mapped: ${printable(field.unreadable)}`]),
      ].join(", "),
    ]),
    style.dim,
  );
  const facts = `key: ${stream.key.map(printable).join(", ")}\ncursor: ${cursor}`;
  return `${style.bold(sync)}: ${printable(stream.name)}${estimate}\n${indent(`${facts}\n${fields}`, 2)}`;
}

/** The organisation's collections, with the names that a mapping may use. Pure. */
export function renderCollections(collections: readonly Collection[], style: Style): string {
  if (collections.length === 0) return "The organisation has no collections yet; create them in Personize first.";
  const blocks = collections.map((collection) => {
    const type = collection.entityType === null ? "" : `, ${printable(collection.entityType)}`;
    const properties = collection.properties.map((property) => {
      const [name = "", ...others] = property.names.map(printable);
      const also = others.length === 0 ? "" : style.dim(` (also ${others.join(", ")})`);
      return `${name}${also}${property.appendOnly ? style.yellow("  append-only") : ""}`;
    });
    const list = properties.length === 0 ? "no properties" : properties.join("\n");
    return `${style.bold(printable(collection.name))}${type} ${style.dim(printable(collection.id))}\n${indent(list, 2)}`;
  });
  return `Collections of the organisation\n\n${indent(blocks.join("\n"), 2)}`;
}

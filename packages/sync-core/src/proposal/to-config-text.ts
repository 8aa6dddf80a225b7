import { Document, isCollection, type Node, YAMLMap } from "yaml";
import type { Proposal, ProposedProperty } from "./proposal.ts";

export interface ConfigToWrite {
  /** What stands above everything, each a line. */
  readonly heading: readonly string[];
  /** The `personize:` section. */
  readonly personize: Readonly<Record<string, string>>;
  readonly syncs: readonly Proposal[];
}

/** The configuration as a YAML file with the reasons as comments. Pure. */
export function toConfigText({ heading, personize, syncs }: ConfigToWrite): string {
  const document = new Document(new YAMLMap());
  const root = new YAMLMap();
  document.contents = root;
  document.commentBefore = toComment(heading);
  add(document, root, "personize", document.createNode(personize), null);
  const entries = new YAMLMap();
  add(document, root, "syncs", entries, null);
  for (const sync of syncs) add(document, entries, sync.name, toSync(document, sync), null);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function toSync(document: Document, sync: Proposal): YAMLMap {
  const map = new YAMLMap();
  add(document, map, "connector", sync.connector, null);
  const source = new YAMLMap();
  for (const { option, value, reason } of sync.source) add(document, source, option, value, reason);
  remark(source, sync.sourceRemarks);
  add(document, map, "source", source, null);

  const mapping = new YAMLMap();
  add(document, mapping, "entityType", literal(sync.entityType.value), sync.entityType.reason);
  const { kind, keyName, sourceField, reason } = sync.identity;
  if (keyName !== null) add(document, mapping, "customKeyName", literal(keyName), "Personize's name for the key");
  add(document, mapping, kind, literal(sourceField), reason);
  const properties = new YAMLMap();
  for (const property of sync.properties) {
    add(document, properties, property.property, toEntry(document, property), property.reason);
  }
  remark(properties, sync.leftOut.length === 0 ? [] : ["Not mapped:", ...sync.leftOut.map((line) => `- ${line}`)]);
  add(document, mapping, "properties", properties, null);
  add(document, map, "mapping", mapping, null);
  return map;
}

function toEntry(document: Document, property: ProposedProperty): Node {
  const [[option, name] = ["collectionName", ""]] = Object.entries(property.collection);
  return document.createNode({
    sourceField: literal(property.sourceField),
    [option]: literal(name),
    ...(property.extractMemories ? { extractMemories: true } : {}),
  });
}

function add(document: Document, map: YAMLMap, name: string, value: unknown, reason: string | null): void {
  const node: Node = document.createNode(value);
  if (reason !== null) {
    // A list's comment would be written behind its last item: in one line it stays beside the option.
    if (isCollection(node)) node.flow = true;
    node.comment = ` ${oneLine(reason)}`;
  }
  map.set(document.createNode(name), node);
}

/** Remarks go behind the last option, indented like it. */
function remark(map: YAMLMap, lines: readonly string[]): void {
  if (lines.length > 0) map.comment = toComment(lines);
}

function toComment(lines: readonly string[]): string {
  return lines.map((line) => ` ${oneLine(line)}`).join("\n");
}

/** A name from outside may hold anything; a comment ends with its line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}

/** A name from outside that happens to hold `${` is no reference. */
function literal(text: string): string {
  return text.replaceAll("${", "$$${");
}

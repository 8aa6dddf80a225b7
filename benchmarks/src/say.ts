export function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** A table in Markdown, columns padded: readable here, and ready to be pasted into the README. */
export function sayTable(rows: readonly Readonly<Record<string, string>>[]): void {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => (row[name] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  say(line(names));
  say(line(widths.map((width) => "-".repeat(width))));
  for (const row of rows) say(line(names.map((name) => row[name] ?? "")));
  say();
}

export function inThousands(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function inPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

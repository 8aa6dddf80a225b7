import { styleText } from "node:util";
import type { CliIo, CliWriter } from "./cli-io.ts";

type Format = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Text in a colour, or as it is where colours would only be noise. */
export type Style = Readonly<Record<Format, (text: string) => string>>;

/** Colours only on a terminal, and never with NO_COLOR (https://no-color.org). */
export function createStyle(writer: CliWriter, env: CliIo["env"]): Style {
  const enabled = writer.isTTY && (env["NO_COLOR"] ?? "") === "";
  const paint = (format: Format) => (text: string) =>
    enabled && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
  };
}

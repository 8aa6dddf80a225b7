import type { z } from "zod";
import { didYouMean, suggestion } from "../mapping/did-you-mean.ts";
import { type ConfigPath, valueAt } from "./config-path.ts";
import type { ConfigProblem } from "./config-problem.ts";
import type { SchemaView } from "./schema-view.ts";

type Issue = z.core.$ZodIssue;
type Found = Omit<ConfigProblem, "line">;

/** What a schema complained about, in the words of someone who writes the file. Names of options, never values. Pure. */
export function zodProblems(issues: readonly Issue[], root: unknown, view: SchemaView): readonly Found[] {
  return issues.flatMap((issue) => problemsOf(issue, toConfigPath(issue.path), root, view));
}

function problemsOf(issue: Issue, path: ConfigPath, root: unknown, view: SchemaView): Found[] {
  const found = (message: string): Found[] => [{ path, message, hint: null }];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownOption(path, key, root, view));
    case "invalid_type":
      if (value === undefined) return found(`is missing; expected ${kindName(issue.expected)}`);
      return found(`expected ${kindName(issue.expected)}, found ${kindOf(value)}${quoteAdvice(issue.expected, value)}`);
    case "invalid_value": {
      const options = issue.values.map((option) => (typeof option === "string" ? option : String(option)));
      const close = typeof value === "string" ? didYouMean(value, options) : null;
      const list = options.map((option) => `"${option}"`).join(", ");
      if (value === undefined) return found(`is missing; expected one of ${list}`);
      return found(`expected one of ${list}.${close === null ? "" : ` Did you mean "${close}"?`}`);
    }
    case "invalid_union":
      return unionProblems(issue, path, root, view);
    case "invalid_key":
      return found(issue.issues.map((nested) => sentencePart(nested.message)).join("; "));
    case "invalid_format":
    case "too_big":
    case "too_small":
    case "not_multiple_of":
    case "invalid_element":
    case "custom":
    default:
      return found(sentencePart(issue.message));
  }
}

function unknownOption(path: ConfigPath, key: string, root: unknown, view: SchemaView): Found {
  const names = view.optionNames(path);
  const found = (message: string): Found => ({ path: [...path, key], message, hint: null });
  const start = /^(\w+):/.exec(key)?.[1];
  if (start !== undefined && names.includes(start)) {
    return found(`unknown option. Write a space after the colon of "${start}:".`);
  }
  // What stands behind the comma of an unquoted `{ password: ab,cd }` is read as an option without a value.
  const isBare = valueAt(root, [...path, key]) === null;
  if (isBare && !names.some((name) => name.toLowerCase() === key.toLowerCase())) {
    const advice = "If it is a piece of a value with a comma in it, put that in quotes.";
    return { ...found(`unknown option without a value. ${advice}`), hidesName: true };
  }
  return found(`unknown option. ${names.length === 0 ? "No options are known here." : suggestion(key, names)}`);
}

function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: ConfigPath,
  root: unknown,
  view: SchemaView,
): Found[] {
  const value = valueAt(root, path);
  const branches = issue.errors;
  if (branches.length === 0) return [{ path, message: sentencePart(issue.message), hint: null }];
  const atRoot = branches.flat().filter((nested) => nested.path.length === 0 && nested.code === "invalid_type");
  // Nothing of the right kind: say which kinds would do.
  if (atRoot.length === branches.length) {
    const kinds = [...new Set(atRoot.map((nested) => kindName(nested.code === "invalid_type" ? nested.expected : "")))];
    const expected = kinds.join(" or ");
    const message =
      value === undefined ? `is missing; expected ${expected}` : `expected ${expected}, found ${kindOf(value)}`;
    return [{ path, message, hint: null }];
  }
  // The form that the value comes closest to, if there is one; otherwise the forms that there are.
  const fitting = branches.filter((branch) => branch.every((nested) => nested.path.length > 0));
  const [only] = fitting;
  if (fitting.length === 1 && only !== undefined) {
    return only.flatMap((nested) => problemsOf(nested, [...path, ...toConfigPath(nested.path)], root, view));
  }
  const forms = view.forms(path).map((names) => `{ ${names.join(", ")} }`);
  const list = forms.length === 0 ? sentencePart(issue.message) : `expected one of these forms: ${forms.join(", ")}`;
  return [{ path, message: list, hint: null }];
}

function toConfigPath(path: readonly PropertyKey[]): ConfigPath {
  return path.map((part) => (typeof part === "number" ? part : String(part)));
}

function kindName(expected: string): string {
  const names: Record<string, string> = {
    string: "text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
    object: "a group of options",
    record: "a group of options",
    array: "a list",
    null: "null",
  };
  return names[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  const names: Record<string, string> = {
    string: "text",
    number: "a number",
    boolean: "true or false",
    object: "a group of options",
  };
  return names[typeof value] ?? typeof value;
}

function quoteAdvice(expected: string, value: unknown): string {
  const plain = typeof value === "number" || typeof value === "boolean";
  return expected === "string" && plain ? "; put it in quotes" : "";
}

/** zod's own sentences start with a capital letter; ours go on after a colon. */
function sentencePart(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

import { ApiError } from "../api-error.ts";

const EXCERPT_BEFORE = 40;
const EXCERPT_AFTER = 40;

/** A 400 with the excerpt, the caret and the place that Salesforce puts before the sentence. */
export function soqlError(errorCode: string, text: string, at: number, sentence: string): ApiError {
  const from = Math.max(0, at - EXCERPT_BEFORE);
  const excerpt = text.slice(from, at + EXCERPT_AFTER).replaceAll("\n", " ");
  const message = `\n${excerpt}\n${" ".repeat(at - from)}^\nERROR at Row:1:Column:${at + 1}\n${sentence}`;
  return new ApiError(400, errorCode, message);
}

export function malformed(text: string, at: number, sentence: string): ApiError {
  return soqlError("MALFORMED_QUERY", text, at, sentence);
}

export function noSuchColumn(text: string, at: number, column: string, entity: string): ApiError {
  const hint =
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. " +
    "Please reference your WSDL or the describe call for the appropriate names.";
  return soqlError("INVALID_FIELD", text, at, `No such column '${column}' on entity '${entity}'. ${hint}`);
}

export function noSuchRelationship(text: string, at: number, name: string): ApiError {
  const hint =
    "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. " +
    "Please reference your WSDL or the describe call for the appropriate names.";
  return soqlError("INVALID_FIELD", text, at, `Didn't understand relationship '${name}' in field path. ${hint}`);
}

export function notSupported(text: string, at: number, name: string): ApiError {
  const hint =
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. " +
    "Please reference your WSDL or the describe call for the appropriate names.";
  return soqlError("INVALID_TYPE", text, at, `sObject type '${name}' is not supported. ${hint}`);
}

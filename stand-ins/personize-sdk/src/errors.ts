import type { AxiosError } from "axios";
import type { ErrorShape } from "./config.ts";

/** What the server said, as readers of the seed's era expect it. */
export interface ErrorResponse {
  status: number;
  data: unknown;
  headers: Record<string, unknown>;
}

/** Any failure of a request. `cause` is the axios error. */
export class PersonizeError extends Error {
  override name = "PersonizeError";
  /** HTTP status; absent when no answer came. */
  declare status?: number;
  /** Upper case. */
  declare method?: string;
  /** Path without the host. */
  declare endpoint?: string;
  /** The server's error code, else the code of the network fault. */
  declare code?: string;
  declare retryAfterSeconds?: number;
  declare response?: ErrorResponse;
}

/** 429. */
export class RateLimitExceededError extends PersonizeError {
  override name = "RateLimitExceededError";
}

/** 401. */
export class AuthenticationError extends PersonizeError {
  override name = "AuthenticationError";
}

/** The error to throw in place of `error`. Its message holds method, path, status and the server's words, no key. */
export function toThrownError(error: AxiosError, shape: ErrorShape): Error {
  if (shape === "axios") return error;
  const status = error.response?.status;
  const method = error.config?.method?.toUpperCase();
  const endpoint = toEndpoint(error);
  const facts = readFailure(error.response?.data);
  const message = `${method ?? "Request"} ${endpoint ?? ""} failed${status === undefined ? "" : ` with ${status}`}: ${facts.message ?? error.message}`;
  const thrown =
    shape === "all" ? createClassified(status, message, error) : new PersonizeError(message, { cause: error });
  if (status !== undefined) thrown.status = status;
  if (method !== undefined) thrown.method = method;
  if (endpoint !== undefined) thrown.endpoint = endpoint;
  if (shape === "wrapped") return thrown;
  const code = facts.code ?? error.code;
  if (code !== undefined) thrown.code = code;
  if (facts.retryAfterSeconds !== undefined) thrown.retryAfterSeconds = facts.retryAfterSeconds;
  if (error.response !== undefined) {
    thrown.response = {
      status: error.response.status,
      data: error.response.data,
      headers: Object.fromEntries(Object.entries(error.response.headers)),
    };
  }
  return thrown;
}

function createClassified(status: number | undefined, message: string, cause: AxiosError): PersonizeError {
  if (status === 429) return new RateLimitExceededError(message, { cause });
  if (status === 401) return new AuthenticationError(message, { cause });
  return new PersonizeError(message, { cause });
}

function toEndpoint(error: AxiosError): string | undefined {
  const url = error.config?.url;
  if (url === undefined) return undefined;
  try {
    return new URL(url, error.config?.baseURL ?? "http://localhost").pathname;
  } catch {
    return url;
  }
}

/** `error` may be a text or an object `{code, message}`. */
function readFailure(body: unknown): { code?: string; message?: string; retryAfterSeconds?: number } {
  if (!isObject(body)) return {};
  const { error, message, retryAfterSeconds } = body;
  const code = isObject(error) ? error["code"] : error;
  const inner = isObject(error) ? error["message"] : undefined;
  const text = [message, inner, code].find((candidate) => typeof candidate === "string");
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof text === "string" ? { message: text } : {}),
    ...(typeof retryAfterSeconds === "number" ? { retryAfterSeconds } : {}),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

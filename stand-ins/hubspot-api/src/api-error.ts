import type { Fields } from "@acme/stand-in-kit";

/** A refusal that becomes the error envelope: `status: "error"`, `message`, `correlationId` and what `extra` adds. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Further members of the body, such as `category`, `context`, `errors`, `policyName`. */
  readonly extra: Fields;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, extra: Fields = {}, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.extra = extra;
    this.headers = headers;
  }
}

/** 400 with category VALIDATION_ERROR. */
export function invalid(message: string, extra: Fields = {}): ApiError {
  return new ApiError(400, message, { category: "VALIDATION_ERROR", ...extra });
}

/** 404 of a record, property, schema or owner. */
export function notFound(message = "resource not found"): ApiError {
  return new ApiError(404, message, { category: "OBJECT_NOT_FOUND" });
}

import type { Fields } from "@acme/stand-in-kit";

/** A refusal that becomes the documented failure envelope: `success: false`, `error`, `message`, plus `details`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  /** Further members of the body, such as `window` of a 429 or `details` of a 400. */
  readonly extra: Fields;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: Fields = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }
}

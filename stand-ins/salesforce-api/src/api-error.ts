/** An answer that is not a success. REST and Bulk errors are an array with one element. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errorCode: string,
    message: string,
    more: { readonly fields?: readonly string[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.errorCode = errorCode;
    this.fields = more.fields;
    this.headers = more.headers ?? {};
  }
}

export function notFound(message = "The requested resource does not exist"): ApiError {
  return new ApiError(404, "NOT_FOUND", message);
}

export function invalidSession(message = "Session expired or invalid"): ApiError {
  return new ApiError(401, "INVALID_SESSION_ID", message);
}

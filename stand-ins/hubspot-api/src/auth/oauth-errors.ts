import { ApiError } from "../api-error.ts";

/** The grant is gone: revoked, uninstalled, or never was. */
export function badRefreshToken(): ApiError {
  const message = "refresh token is invalid, expired or revoked";
  return new ApiError(400, message, {
    error: "invalid_grant",
    error_description: message,
    status: "BAD_REFRESH_TOKEN",
  });
}

/** The portal itself is gone. */
export function badHub(): ApiError {
  const message = "hub is deleted or disconnected";
  return new ApiError(400, message, { error: "access_denied", error_description: message, status: "BAD_HUB" });
}

export function badClient(status: "BAD_CLIENT_ID" | "BAD_CLIENT_SECRET"): ApiError {
  const message = status === "BAD_CLIENT_ID" ? "missing or unknown client id" : "missing or invalid client secret";
  return new ApiError(400, message, { error: "invalid_client", error_description: message, status });
}

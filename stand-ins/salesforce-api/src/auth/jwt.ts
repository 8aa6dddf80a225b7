import { createPublicKey, createVerify } from "node:crypto";
import { type Fields, isFields, textField } from "@acme/stand-in-kit";

export interface JwtClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** As written: seconds since 1970 where the sender did it right. */
  readonly expires: number;
}

/** The claims of a JWT and a check of its RS256 signature; undefined for a text that is no JWT. */
export function readJwt(
  text: string,
): { readonly claims: JwtClaims; signedBy(publicKey: string): boolean } | undefined {
  const [head = "", body = "", signature = "", ...rest] = text.split(".");
  const [header, payload] = [decode(head), decode(body)];
  if (header === undefined || payload === undefined || signature === "" || rest.length > 0) return undefined;
  return {
    claims: {
      issuer: textField(payload, "iss") ?? "",
      subject: textField(payload, "sub") ?? textField(payload, "prn") ?? "",
      audience: textField(payload, "aud") ?? "",
      expires: Number(payload["exp"]),
    },
    signedBy(publicKey) {
      if (header["alg"] !== "RS256") return false;
      const verify = createVerify("RSA-SHA256").update(`${head}.${body}`);
      return verify.verify(createPublicKey(publicKey), Buffer.from(signature, "base64url"));
    },
  };
}

function decode(part: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

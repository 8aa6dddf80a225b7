import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** Nothing inline, nothing from elsewhere, in no frame, kept nowhere. */
export function pageHeaders(isHttps: boolean): readonly MiddlewareHandler[] {
  return [
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      // Nothing is told to other sites. `no-referrer` would also hide the origin of our own forms, which guards them where no
      // Sec-Fetch-Site is sent (plain http).
      referrerPolicy: "same-origin",
      strictTransportSecurity: isHttps ? "max-age=15552000" : false,
      permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
    }),
    async (c, next) => {
      await next();
      if (
        !c.res.headers.has("Cache-Control") ||
        c.res.headers.get("Content-Type")?.startsWith("text/event-stream") === true
      )
        c.res.headers.set("Cache-Control", "no-store");
    },
  ];
}

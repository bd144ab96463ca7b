// What went wrong, as one of the failures that script_text.py has a sentence for.

import { Problem } from "./api.js";

/** A failure that is ours to name. */
export class Failure extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/** The person has added as many samples as they wanted. */
export class Enough extends Error {}

const BY_EXCEPTION = {  // of getUserMedia (W3C Media Capture and Streams, 10.3)
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "in_use",
  AbortError: "in_use",
  NotSupportedError: "unsupported",
};

const BY_CODE = {
  "offline": "offline",
  "challenge.expired": "expired",
  "challenge.used": "expired",
  "challenge.unknown": "expired",
  "attempt.held_up": "held_up",
  "request.too_many": "held_up",
  "request.busy": "busy",
  "enrolment.missing": "unenrolled",
  "session.required": "signed_out",
  "device.unknown": "untrusted",
  "upload.signature_invalid": "untrusted",
};

export function kindOf(error) {
  if (error instanceof Failure) return error.kind;
  if (error instanceof Problem) {
    if (BY_CODE[error.code]) return BY_CODE[error.code];
    if (error.code?.startsWith?.("media.")) return "unreadable";
    return { 401: "signed_out", 429: "held_up", 503: "busy" }[error.status] ?? "unknown";
  }
  return BY_EXCEPTION[error?.name] ?? "unknown";
}

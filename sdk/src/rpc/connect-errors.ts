import { Code, ConnectError } from "@connectrpc/connect";
import { PanalError, type PanalErrorCode, isAbort, isSystemError } from "../errors.ts";

/** What a peer's error, or the lack of an answer, means to us. */
export function panalErrorFromConnect(error: unknown): PanalError {
  if (error instanceof PanalError) return error;
  if (isAbort(error)) return PanalError.from(error);
  // connect-web wraps what fetch throws, connect-node what the socket throws: the cause tells more than the code.
  const connectError = ConnectError.from(error);
  if (connectError.cause instanceof PanalError) return connectError.cause;
  if (isSystemError(connectError.cause)) return PanalError.from(connectError.cause);
  return new PanalError(panalCode(connectError.code), connectError.rawMessage, { cause: error });
}

/** What is answered to a client; the message is for people and names the thing. */
export function connectErrorFromPanal(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const panalError = PanalError.from(error);
  // What went wrong inside is for our log, not for whoever asks.
  const message = panalError.code === "internal" ? "internal error" : panalError.message;
  return new ConnectError(message, connectCode(panalError.code), undefined, undefined, panalError);
}

function panalCode(code: Code): PanalErrorCode {
  switch (code) {
    case Code.Canceled:
      return "aborted";
    case Code.InvalidArgument:
    case Code.FailedPrecondition:
      return "invalid";
    case Code.DeadlineExceeded:
      return "timeout";
    case Code.NotFound:
      return "not-found";
    case Code.AlreadyExists:
      return "conflict";
    case Code.PermissionDenied:
      return "forbidden";
    case Code.Unauthenticated:
      return "unauthorized";
    case Code.ResourceExhausted:
      return "busy";
    case Code.Aborted:
      return "changed";
    case Code.OutOfRange:
      return "out-of-range";
    case Code.DataLoss:
      return "corrupt";
    case Code.Unimplemented:
      return "protocol";
    case Code.Unavailable:
    // A peer that breaks inside, or something in between that isn't one: another try may do.
    case Code.Internal:
    case Code.Unknown:
      return "unreachable";
    // Connect looks the name a peer sent up in an object, and so finds what every object has ("constructor").
    default:
      return "protocol";
  }
}

function connectCode(code: PanalErrorCode): Code {
  switch (code) {
    case "aborted":
      return Code.Canceled;
    case "invalid":
      return Code.InvalidArgument;
    case "not-found":
      return Code.NotFound;
    case "out-of-range":
      return Code.OutOfRange;
    case "unauthorized":
      return Code.Unauthenticated;
    case "forbidden":
    case "no-permission":
      return Code.PermissionDenied;
    case "conflict":
      return Code.AlreadyExists;
    case "too-large":
    case "busy":
    case "no-space":
      return Code.ResourceExhausted;
    case "changed":
      return Code.Aborted;
    case "corrupt":
      return Code.DataLoss;
    case "unreachable":
      return Code.Unavailable;
    case "timeout":
      return Code.DeadlineExceeded;
    case "protocol":
    case "internal":
      return Code.Internal;
  }
}

// What can go wrong between us and the daemon, under the names that supervisorctl prints: its last resort is the line
// `error: <class 'X'>, text: file: … line: …` with Python's class and Python's text (supervisorctl.py onecmd), and
// scripts match on it. Only the file and the line are ours.
import { pythonRepr } from '../base/python-text.ts';
import { MalformedXml, NoResponse, XmlRpcFault } from '../rpc/xmlrpc.ts';

/** A failure that supervisorctl shows under a Python class name. */
export class NamedError extends Error {
  readonly pythonClass: string;

  constructor(pythonClass: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NamedError';
    this.pythonClass = pythonClass;
  }
}

/** The connection could not be made or broke; `code` is the errno name, '' when there is none. */
export class ConnectionError extends NamedError {
  readonly code: string;

  constructor(code: string, cause: Error) {
    const known = connectionErrors[code] ?? { pythonClass: 'OSError', text: cause.message };
    super(known.pythonClass, known.text, { cause });
    this.name = 'ConnectionError';
    this.code = code;
  }
}

/** The server answered, but not with 200. */
export class StatusError extends NamedError {
  readonly status: number;

  constructor(status: number, reason: string) {
    // 127.0.0.1 whatever the address is: supervisorctl hands its library that one as a stand-in.
    super('xmlrpc.client.ProtocolError', `<ProtocolError for 127.0.0.1/RPC2: ${status} ${reason}>`);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** supervisorctl's line for whatever a command did not expect. */
export function errorLine(error: unknown): string {
  return `error: ${describeError(error)}: file: corevisorctl line: 0`;
}

/** `<class 'X'>, text` as Python writes the error. */
export function describeError(error: unknown): string {
  if (error instanceof XmlRpcFault) return `<class 'xmlrpc.client.Fault'>, ${faultText(error)}`;
  if (error instanceof NamedError) return `<class '${error.pythonClass}'>, ${error.message}`;
  if (error instanceof NoResponse) return `<class 'xmlrpc.client.ResponseError'>, ResponseError()`;
  if (error instanceof MalformedXml) return `<class 'xml.parsers.expat.ExpatError'>, ${error.message}`;
  if (error instanceof Error) return `<class '${error.name}'>, ${error.message}`;
  return `<class 'Exception'>, ${String(error)}`;
}

/** A fault as Python writes it: `<Fault 10: 'BAD_NAME: x'>`. */
export function faultText(fault: XmlRpcFault): string {
  return `<Fault ${fault.code}: ${pythonRepr(fault.message)}>`;
}

const connectionErrors: Readonly<Record<string, { pythonClass: string; text: string }>> = {
  ECONNREFUSED: { pythonClass: 'ConnectionRefusedError', text: '[Errno 111] Connection refused' },
  ENOENT: { pythonClass: 'FileNotFoundError', text: '[Errno 2] No such file or directory' },
  EACCES: { pythonClass: 'PermissionError', text: '[Errno 13] Permission denied' },
  EPERM: { pythonClass: 'PermissionError', text: '[Errno 1] Operation not permitted' },
  ENOTDIR: { pythonClass: 'NotADirectoryError', text: '[Errno 20] Not a directory' },
  ENOTFOUND: { pythonClass: 'socket.gaierror', text: '[Errno -2] Name or service not known' },
  EAI_AGAIN: { pythonClass: 'socket.gaierror', text: '[Errno -3] Temporary failure in name resolution' },
  ECONNRESET: { pythonClass: 'ConnectionResetError', text: '[Errno 104] Connection reset by peer' },
  EPIPE: { pythonClass: 'BrokenPipeError', text: '[Errno 32] Broken pipe' },
  ETIMEDOUT: { pythonClass: 'TimeoutError', text: '[Errno 110] Connection timed out' },
  EHOSTUNREACH: { pythonClass: 'OSError', text: '[Errno 113] No route to host' },
  ENETUNREACH: { pythonClass: 'OSError', text: '[Errno 101] Network is unreachable' },
};

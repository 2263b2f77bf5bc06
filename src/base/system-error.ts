// Errors that Node throws for a system call, told apart by their names (`ENOSPC`), never by their texts. Pure.

/** Whether `error` is one of Node's own, with a name such as `ENOENT` or `ERR_INVALID_ARG_TYPE`. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The name in such an error, for decisions and for messages; the text of any other. */
export function errorCode(error: unknown): string {
  if (isSystemError(error)) return error.code;
  return error instanceof Error ? error.message : String(error);
}

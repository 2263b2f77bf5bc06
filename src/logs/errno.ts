// The name of a system error (`ENOSPC`), for decisions and for messages. Pure.

/** The errno name of what was thrown by a system call; EIO for something that has none. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

// The log: one JSON object per line on stdout, which the supervisor passes on to the container's log.
import winston from 'winston';

/** @returns {import('winston').Logger} */
export function createLog() {
  const { combine, errors, json, timestamp } = winston.format;
  return winston.createLogger({
    level: 'info',
    format: combine(errors({ stack: true }), timestamp(), json({ replacer: withErrors })),
    defaultMeta: { process: process.env.SUPERVISOR_PROCESS_NAME, pid: process.pid },
    transports: [new winston.transports.Stream({ stream: process.stdout, eol: '\n' })],
  });
}

/**
 * An Error among the fields has no enumerable properties and would read `{}`.
 * @param {string} _key
 * @param {unknown} value
 */
function withErrors(_key, value) {
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;
}

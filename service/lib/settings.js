// What a worker is told through its environment, checked; a wrong value is explained, not guessed at.

/**
 * @typedef {object} Settings
 * @property {string} host address to listen on
 * @property {number} port 0 = any free one
 * @property {string} logLevel
 * @property {string} process the name that the supervisor gave, e.g. `web-8000`
 */

const logLevels = ['error', 'warn', 'info', 'debug'];

/**
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Settings}
 * @throws {Error} that says which variable is wrong and what is accepted
 */
export function readSettings(environment) {
  return {
    host: environment.HOST || '127.0.0.1',
    port: readPort(environment.PORT),
    logLevel: readLogLevel(environment.LOG_LEVEL),
    process: environment.SUPERVISOR_PROCESS_NAME || 'unsupervised',
  };
}

/** @param {string | undefined} text */
function readPort(text) {
  if (text === undefined || text === '') return 8000;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`cannot start: PORT="${text}"; accepted: 1 to 65535, or 0 for any free port`);
  return port;
}

/** @param {string | undefined} text */
function readLogLevel(text) {
  if (text === undefined || text === '') return 'info';
  if (!logLevels.includes(text)) {
    throw new Error(`cannot start: LOG_LEVEL="${text}"; accepted: ${logLevels.join(', ')}`);
  }
  return text;
}

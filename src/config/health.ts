// The value of `health`: http://, tcp:// or exec: (docs/health.md), and what must hold between the options around it. Pure.

import { ConfigError } from '../base/errors.ts';
import type { HealthCheck } from '../base/health-check.ts';
import { pythonRepr } from '../base/python-text.ts';
import { readAddress } from './address.ts';
import { findOption } from './ini.ts';
import { badOption, type OptionRow, type OptionSource } from './option.ts';
import { BadValue, type ValueType } from './values.ts';

export const healthCheck: ValueType<HealthCheck> = {
  accepted: 'http://host:port/path, tcp://host:port or exec:command',
  mask: withoutAnyPassword,
  read(text) {
    const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(text) ?? [];
    switch (scheme.toLowerCase()) {
      case 'http':
        return readHttp(text);
      case 'tcp':
        return readTcp(text, rest);
      case 'exec':
        return readExec(text, rest);
      case 'https':
        throw new BadValue(
          `health can not be asked over https: ${shown(text)} (ask over http on loopback, or tcp:// or exec:)`,
        );
      default:
        throw new BadValue(`not a valid health check: ${shown(text)}`);
    }
  },
  show: (check) => check.shown,
};

function readHttp(text: string): HealthCheck {
  const url = /^http:\/\/[^\s/?#]+[^\s]*$/i.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '' || url.port === '0')
    throw new BadValue(`not a valid health check: ${shown(text)}`);
  return {
    kind: 'http',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 80 : Number(url.port),
    hostHeader: url.host,
    path: url.pathname + url.search,
    authorization: authorizationOf(url),
    shown: withoutPassword(text),
  };
}

function authorizationOf({ username, password, href }: URL): string | null {
  if (username === '' && password === '') return null;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    throw new BadValue(`not a valid health check: ${shown(href)} (a percent sign in its user or password is %25)`);
  }
}

function readTcp(text: string, rest: string): HealthCheck {
  const address = rest.startsWith('//') ? readAddress(rest.slice(2)) : null;
  if (address === null || 'path' in address) throw new BadValue(`not a valid health check: ${shown(text)}`);
  return { kind: 'tcp', ...address, shown: text };
}

function readExec(text: string, rest: string): HealthCheck {
  const command = rest.trim();
  if (command === '') throw new BadValue(`not a valid health check: ${shown(text)}`);
  return { kind: 'exec', command, shown: text };
}

function shown(text: string): string {
  return pythonRepr(withoutAnyPassword(text));
}

/** Whatever stands before an @ of the authority. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z]+:\/\/)[^\s/?#]*@/i, '$1***@');
}

/** The same for what cannot be read: where its authority ends is not known. */
function withoutAnyPassword(text: string): string {
  return text.replace(/^([a-z]+:(?:\/\/)?).*@/is, '$1***@');
}

interface HealthTimes {
  readonly health_interval: number;
  readonly health_timeout: number;
}

/** A probe must be over before the next one begins; throws ConfigError. */
export function checkHealthTimes(
  { health_interval: interval, health_timeout: timeout }: HealthTimes,
  {
    source,
    rows,
  }: { readonly source: OptionSource; readonly rows: Readonly<Record<keyof HealthTimes, OptionRow<number>>> },
): void {
  if (timeout <= interval) return;
  // Where only the interval is written, that is the line to change.
  const isWritten = findOption(source.document, { section: source.section, name: 'health_timeout' }) !== undefined;
  const name = isWritten ? 'health_timeout' : 'health_interval';
  const error = badOption(
    { name, row: rows[name], source },
    `health_timeout ${timeout} is above health_interval ${interval}`,
  );
  throw new ConfigError(error.message, {
    ...error.place,
    accepted: isWritten
      ? `up to ${interval} seconds, or a longer health_interval`
      : `${timeout} seconds or more, or a shorter health_timeout`,
  });
}

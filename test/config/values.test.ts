import { expect } from 'chai';
import * as value from '../../src/config/values.ts';
import { fakeValueContext } from '../support/make-config.ts';

const context = fakeValueContext();

describe('reading values', () => {
  const good: readonly (readonly [keyof typeof value, string, unknown])[] = [
    ['boolean', 'TRUE', true],
    ['boolean', 'off', false],
    ['integer', ' +1_000 ', 1000],
    ['integer', '-0', 0],
    ['byteSize', '1kb', 1024],
    ['byteSize', '50MB', 52428800],
    ['byteSize', '2 GB', 2147483648],
    ['octal', '0o22', 18],
    ['octal', '022', 18],
    ['exitCodes', '', []],
    ['exitCodes', '0, 2', [0, 2]],
    ['listOfStrings', 'a, b,', ['a', 'b', '']],
    ['signal', 'term', 15],
    ['signal', 'SIGUSR2', 12],
    ['signal', '9', 9],
    ['signal', '0', 0],
    ['autoRestart', 'Unexpected', 'unexpected'],
    ['autoRestart', 'yes', true],
    ['logTarget', 'NONE', { kind: 'none' }],
    ['logTarget', 'off', { kind: 'none' }],
    ['logTarget', '', { kind: 'none' }],
    ['logTarget', 'auto', { kind: 'auto' }],
    ['logTarget', 'Syslog', { kind: 'syslog' }],
    ['logTarget', 'bare.log', { kind: 'file', path: 'bare.log' }],
    ['logTarget', '~/x.log', { kind: 'file', path: '/root/x.log' }],
    ['logTarget', '/x.log', { kind: 'file', path: '/x.log' }],
    ['existingDirectory', '~nobody', '/nonexistent'],
    ['logLevel', 'DEBUG', 'debug'],
    ['name', ' web ', 'web'],
    ['inetAddress', '9001', { host: '', port: 9001 }],
    ['inetAddress', '*:9001', { host: '', port: 9001 }],
    ['inetAddress', 'LOCALHOST:9001', { host: 'localhost', port: 9001 }],
    ['inetAddress', '[::1]:9001', { host: '[::1]', port: 9001 }],
    ['ownership', 'nobody', { uid: 65534, gid: -1 }],
    ['ownership', 'nobody:0', { uid: 65534, gid: 0 }],
    ['serverUrl', ' auto ', null],
    ['url', 'unix:///x', 'unix:///x'],
    ['processCount', 'AUTO', 'auto'],
    ['processCount', '3', 3],
    ['seconds', '0.5', 0.5],
    ['seconds', '30', 30],
    ['restartLimit', '10/60', { exits: 10, seconds: 60 }],
    ['restartLimit', '0 / 1.5', { exits: 0, seconds: 1.5 }],
  ];
  for (const [type, text, read] of good) {
    it(`reads ${JSON.stringify(text)} as ${type}`, () => expect(typeOf(type).read(text, context)).to.deep.equal(read));
  }

  const bad: readonly (readonly [keyof typeof value, string, string])[] = [
    ['boolean', "it's", `not a valid boolean value: "it's"`],
    ['boolean', 'toString', "not a valid boolean value: 'toString'"],
    ['seconds', '-1', "not a valid number of seconds: '-1'"],
    ['seconds', '1e3', "not a valid number of seconds: '1e3'"],
    ['restartLimit', '10/0', "not a valid restart limit: '10/0'"],
    ['restartLimit', '1.5/60', "not a valid restart limit: '1.5/60'"],
    ['integer', '', "invalid literal for int() with base 10: ''"],
    ['integer', '1__0', "invalid literal for int() with base 10: '1__0'"],
    ['byteSize', '10XB', "invalid literal for int() with base 10: '10xb'"],
    ['byteSize', '1K', "invalid literal for int() with base 10: '1k'"],
    ['octal', '8', '8 can not be converted to an octal type'],
    ['exitCodes', '256', "not a valid list of exit codes: '256'"],
    ['exitCodes', '0,', "not a valid list of exit codes: '0,'"],
    ['signal', 'FOO', "value 'FOO' is not a valid signal name"],
    ['signal', '99', "value '99' is not a valid signal number"],
    ['autoRestart', 'Never', "invalid 'autorestart' value 'never'"],
    ['logTarget', '/nope/x', 'The directory named as part of the path /nope/x does not exist'],
    ['existingDirectory', '/nope', '/nope is not an existing directory'],
    ['logLevel', 'loud', "bad logging level name 'loud'"],
    ['name', 'a b', "Invalid name: 'a b' because of character: ' '"],
    ['name', 'a:b', "Invalid name: 'a:b' because of character: ':'"],
    ['user', 'nosuch', 'Invalid user name nosuch'],
    ['user', '4711', 'Invalid user id 4711'],
    ['ownership', 'nobody:nosuch', 'Invalid user:group definition nobody:nosuch'],
    ['socketOwner', 'nosuch', 'Invalid sockchown value nosuch'],
    ['socketMode', '9', 'Invalid chmod value 9'],
    ['inetAddress', 'abc', "not a valid port number: 'abc' "],
    ['inetAddress', 'h:0', '0 is below lower bound (1)'],
    ['inetAddress', 'h:70000', '70000 is above upper bound (65535)'],
    ['inetAddress', 'h:', "no port number specified in ''"],
    ['url', 'foo', "value 'foo' is not a URL"],
    ['url', 'unix://', "value 'unix://' is not a URL"],
    ['processCount', 'many', "invalid literal for int() with base 10: 'many'"],
    ['positiveInteger', '0', '0 is below lower bound (1)'],
  ];
  for (const [type, text, problem] of bad) {
    it(`refuses ${JSON.stringify(text)} as ${type}`, () => {
      expect(() => typeOf(type).read(text, context)).to.throw(value.BadValue, problem);
    });
  }
});

function typeOf(name: keyof typeof value): value.ValueType<unknown> {
  const types: Readonly<Record<string, unknown>> = { ...value };
  const type = types[name];
  if (typeof type === 'object' && type !== null && 'read' in type && 'accepted' in type) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return type as value.ValueType<unknown>;
  }
  throw new Error(`${name} is no type`);
}

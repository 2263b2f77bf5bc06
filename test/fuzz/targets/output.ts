// What comes from children: listeners' talk, capture tokens and terminal sequences, cut anywhere.
import { constantFrom, integer, record, uint8Array } from 'fast-check';
import { pythonRepr, outputText } from '../../../src/base/python-text.ts';
import { envelope, payloadOf, typeOf } from '../../../src/events/payload.ts';
import { busyTalk, firstTalk, hear, type Talk } from '../../../src/events/listener-protocol.ts';
import { HttpAnswerReader } from '../../../src/os/http-answer.ts';
import { CaptureStore, createTokenSplitter } from '../../../src/logs/capture.ts';
import { createAnsiStripper } from '../../../src/logs/strip-ansi.ts';
import { anyText, inPieces, nearlyBytes, piecesOf } from '../mutate.ts';
import { target, type Target } from '../target.ts';

const begin = '<!--XSUPERVISOR:BEGIN-->';
const end = '<!--XSUPERVISOR:END-->';
const captured = inPieces(
  nearlyBytes(
    [`a${begin}b${end}c`, begin, end, `${begin}${begin}${end}${end}`],
    [begin, end, '<', '<!--', '-', 'XSUPERVISOR:', '>', 'x'],
  ),
);
const coloured = inPieces(
  nearlyBytes(['\u001b[31mred\u001b[0m', '\u001b', '\u001b['], ['\u001b', '[', 'm', ';', '1', 'x', '\u001b[', 'K']),
);
// oxlint-disable-next-line no-control-regex -- the sequences themselves
const sequences = /\u001b\[[^HfABCDRsuJKhlpm]*([HfABCDRsuJKhlpm]|$)|\u001b$/g;
const answered = inPieces(
  nearlyBytes(
    ['HTTP/1.1 200 OK\r\nA: b\r\n\r\nok', 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 500 No\r\n', 'HTTP/1.0 404\n'],
    ['HTTP/1.1 ', '100', '99', '2', ' ', '\r', '\n', '\r\n\r\n', 'A: b', '\u0000'],
  ),
);
const spoken = inPieces(
  nearlyBytes(
    ['READY\n', 'RESULT 2\nOK', 'READY\nRESULT 4\nFAIL', 'RESULT -1\n', 'RESULT 0\n'],
    ['READY\n', 'RESULT ', '2', '\n', 'OK', '9', '_', ' ', '-'],
  ),
);

export const outputTargets: readonly Target[] = [
  target({
    name: 'the answer to a probe is the same however it is cut',
    weight: 4,
    arbitrary: answered,
    run({ whole, cuts }) {
      const atOnce = answerOf([whole]);
      const inParts = answerOf(piecesOf(whole, cuts));
      if (atOnce !== inParts) throw new Error(`${atOnce} and ${inParts}`);
    },
    stretch: {
      'a status line': (length) => ({ whole: Buffer.from(`HTTP/1.1 200 ${'a'.repeat(length)}`), cuts: [1, 1, 1] }),
      'interim answers': (length) => ({ whole: Buffer.from('HTTP/1.1 100 \n\n'.repeat(length / 15)), cuts: [] }),
      'a head': (length) => ({ whole: Buffer.from(`HTTP/1.1 100 \n${'a: b\n'.repeat(length / 5)}`), cuts: [7, 8, 9] }),
    },
  }),
  target({
    name: "a listener's talk means the same however it is cut, and keeps little",
    weight: 10,
    arbitrary: spoken,
    run({ whole, cuts }) {
      const atOnce = talkOf([whole]);
      const inParts = talkOf(piecesOf(whole, cuts));
      if (JSON.stringify(atOnce) !== JSON.stringify(inParts)) throw new Error(JSON.stringify([atOnce, inParts]));
    },
    stretch: {
      'a line without an end, byte by byte': (length) => ({
        whole: Buffer.alloc(length, 120),
        cuts: Array<number>(Math.min(length, 5000)).fill(1),
      }),
      'many events at once': (length) => ({ whole: Buffer.from('RESULT 2\nOKREADY\n'.repeat(length)), cuts: [] }),
    },
  }),
  target({
    name: 'capture tokens are found however the output is cut, and no byte is lost',
    weight: 12,
    arbitrary: captured,
    run({ whole, cuts }) {
      const atOnce = splitOf([whole]);
      const inParts = splitOf(piecesOf(whole, cuts));
      if (atOnce !== inParts) throw new Error(`${atOnce}\n${inParts}`);
      if (atOnce !== expectedSplit(whole.toString('latin1'))) throw new Error(atOnce);
    },
    stretch: {
      'beginnings of tokens': (length) => ({ whole: Buffer.from('<!--'.repeat(length)), cuts: [] }),
      tokens: (length) => ({ whole: Buffer.from((begin + end).repeat(length)), cuts: [] }),
    },
  }),
  target({
    name: 'terminal sequences go however the output is cut',
    weight: 8,
    arbitrary: coloured,
    run({ whole, cuts }) {
      const [atOnce, inParts] = [strippedOf([whole]), strippedOf(piecesOf(whole, cuts))];
      if (!atOnce.equals(inParts)) throw new Error(`${atOnce.toString('latin1')}\n${inParts.toString('latin1')}`);
      // What is left waits for its end: an ESC, or a sequence.
      const plain = whole.toString('latin1').replaceAll(sequences, '');
      if (atOnce.toString('latin1') !== plain) throw new Error(JSON.stringify([atOnce.toString('latin1'), plain]));
    },
    stretch: { escapes: (length) => ({ whole: Buffer.from('\u001b'.repeat(length)), cuts: [] }) },
  }),
  target({
    name: 'what is kept of a message stays within its bound',
    weight: 3,
    arbitrary: record({ maxBytes: integer({ min: 0, max: 100 }), pieces: captured }),
    run({ maxBytes, pieces: { whole, cuts } }) {
      const store = new CaptureStore(maxBytes);
      const pieces = piecesOf(whole, cuts);
      for (const piece of pieces) store.add(piece);
      const kept = store.take();
      const longest = Math.max(...pieces.map((piece) => piece.length));
      if (kept.length > maxBytes + longest || !whole.includes(kept)) throw new Error(`${kept.length} bytes`);
    },
  }),
  target({
    name: 'output of any bytes becomes text and an event with a right header',
    weight: 8,
    arbitrary: record({
      data: uint8Array({ maxLength: 60 }),
      name: anyText,
      channel: constantFrom('stdout' as const, 'stderr' as const),
    }),
    run({ data, name, channel }) {
      pythonRepr(outputText(data));
      const event = {
        type: 'PROCESS_LOG',
        process: name,
        group: name,
        pid: 1,
        channel,
        data: Buffer.from(data),
      } as const;
      const payload = payloadOf(event);
      const head = envelope({ identifier: 'x', serial: 1, pool: 'p', poolSerial: 2, type: typeOf(event), payload });
      if (!head.endsWith(` len:${Array.from(payload).length}\n`)) throw new Error(head);
    },
    stretch: {
      'broken bytes': (length) => ({ data: new Uint8Array(length).fill(255), name: '', channel: 'stdout' as const }),
    },
  }),
];

/** What comes of a talk from the start, then of one with an event under way. */
function talkOf(pieces: readonly Buffer[]): unknown {
  return [firstTalk, busyTalk].map((start: Talk) => {
    let talk = start;
    const effects: unknown[] = [];
    for (const piece of pieces) {
      const heard = hear({ name: 'x', talk }, piece.toString('latin1'));
      talk = heard.talk;
      effects.push(...heard.effects);
      if ('heard' in talk && talk.heard.length > 70_000 + piece.length)
        throw new Error(`${talk.heard.length} bytes are kept`);
    }
    return [talk, effects];
  });
}

function splitOf(pieces: readonly Buffer[]): string {
  const parts: [string, string][] = [];
  const add = (kind: string, text: string): void => {
    const last = parts.at(-1);
    if (last?.[0] === kind && kind !== 'ended') last[1] += text;
    else parts.push([kind, text]);
  };
  const splitter = createTokenSplitter({
    outside: (bytes) => add('outside', bytes.toString('latin1')),
    inside: (bytes) => add('inside', bytes.toString('latin1')),
    ended: () => add('ended', ''),
    cutShort: () => add('cut', ''),
  });
  for (const piece of pieces) splitter.write(piece);
  splitter.finish();
  return JSON.stringify(parts);
}

/** The same by splitting the whole text at the tokens, one after another. */
function expectedSplit(text: string): string {
  const parts: [string, string][] = [];
  let rest = text;
  for (;;) {
    const start = rest.indexOf(begin);
    const outside = start === -1 ? rest : rest.slice(0, start);
    const last = parts.at(-1);
    if (outside !== '' && last?.[0] === 'outside') last[1] += outside;
    else if (outside !== '') parts.push(['outside', outside]);
    if (start === -1) return JSON.stringify(parts);
    rest = rest.slice(start + begin.length);
    const stop = rest.indexOf(end);
    const inside = stop === -1 ? rest : rest.slice(0, stop);
    if (inside !== '') parts.push(['inside', inside]);
    parts.push(stop === -1 ? ['cut', ''] : ['ended', '']);
    if (stop === -1) return JSON.stringify(parts);
    rest = rest.slice(stop + end.length);
  }
}

function answerOf(pieces: readonly Buffer[]): string {
  const reader = new HttpAnswerReader();
  for (const piece of pieces) {
    const answer = reader.read(piece);
    if (answer !== null) return JSON.stringify(answer);
  }
  return 'nothing yet';
}

function strippedOf(pieces: readonly Buffer[]): Buffer {
  const strip = createAnsiStripper();
  return Buffer.concat(pieces.map((piece) => Buffer.from(strip(piece))));
}

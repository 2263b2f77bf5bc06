// POST /RPC2: an XML-RPC call in, its answer out. Statuses, their order and the log lines are supervisord's (its
// xmlrpc.py `supervisor_xmlrpc_handler`). A page of another site that a user's browser shows is turned away.

import { Fault, stackOf } from '../base/errors.ts';
import { pythonRepr } from '../base/python-text.ts';
import type { Turns } from '../base/turns.ts';
import type { Caller } from '../rpc/context.ts';
import { MalformedXml, readCall, writeFault, WrittenValue, writeResult, type XmlRpcCall } from '../rpc/xmlrpc.ts';
import { answer, answerError, type Exchange } from './answers.ts';
import { hasGoodLength, readBody } from './body.ts';
import type { HttpDeps } from './deps.ts';
import type { LargeAnswers } from './large-answers.ts';
import type { LoopDelay } from './loop-delay.ts';
import { isForeign } from './origin.ts';
import type { TroubleLog } from './trouble-log.ts';

export interface RpcSurroundings {
  readonly deps: HttpDeps;
  /** Shared by all servers. */
  readonly turns: Turns;
  readonly largeAnswers: LargeAnswers;
  readonly loopDelay: LoopDelay;
  /** Calls that were answered, by how. */
  readonly requests: Record<'ok' | 'fault', number>;
}

interface RpcTarget extends RpcSurroundings {
  readonly caller: Caller;
  readonly trouble: TroubleLog;
}

/** Reading a body of this many bytes can hold the loop up: others get their turn before it. */
const longToRead = 2 ** 16;

/** Answers one call; waits for it as long as it takes. */
export async function answerRpc(exchange: Exchange, around: RpcTarget): Promise<void> {
  const { deps, turns, largeAnswers } = around;
  const { request } = exchange;
  if (request.method !== 'POST') return answerError(exchange, 400);
  const isGood = hasGoodLength(exchange);
  if (isGood !== true) return void (await isGood);
  if (isForeign(request.headers)) return answerError(exchange, 403);
  const body = await readBody(request);
  if (body === null) return undefined;
  if (body.length > longToRead) await turns.next();
  const call = understood(body, deps);
  if (call === null) return answerError(exchange, 400);
  deps.logger.trace(`XML-RPC method called: ${call.method}()`);
  try {
    const made = await answerTo(call, around);
    if (!largeAnswers.admit(exchange, Buffer.byteLength(made))) {
      around.trouble.note('refused a long answer: as many as fit are being sent', around.caller.who());
      return answerError(exchange, 503);
    }
    return answer(exchange, { status: 200, type: 'text/xml', body: made });
  } catch (error) {
    deps.logger.crit(
      `Handling XML-RPC request with data ${shown(body)} raised an unexpected exception: ${stackOf(error)}`,
    );
    return answerError(exchange, 500);
  }
}

function understood(body: Buffer, deps: HttpDeps): XmlRpcCall | null {
  let call: XmlRpcCall;
  try {
    call = readCall(body);
  } catch (error) {
    if (!(error instanceof MalformedXml)) throw error;
    deps.logger.error(`XML-RPC request data ${shown(body)} is invalid: unmarshallable`);
    return null;
  }
  if (call.method !== '') return call;
  deps.logger.error(`XML-RPC request data ${shown(body)} is invalid: no method name`);
  return null;
}

async function answerTo(
  call: XmlRpcCall,
  { deps: { rpc, logger }, caller, requests }: RpcTarget,
): Promise<string | Buffer> {
  const { method } = call;
  try {
    const value = await rpc.call(call, caller);
    const text = value instanceof WrittenValue ? value.answer : writeResult(value);
    requests.ok += 1;
    logger.trace(`XML-RPC method ${method}() returned successfully`);
    return text;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    requests.fault += 1;
    logger.trace(`XML-RPC method ${method}() returned fault: [${error.code}] ${error.message}`);
    return writeFault(error.code, error.message);
  }
}

/** Longer bodies are cut: whoever sends rubbish shall not fill the log. */
const shownLength = 1000;

function shown(body: Buffer): string {
  // What goes to a program's stdin or to listeners may be a secret.
  if (body.includes('sendProcessStdin') || body.includes('sendRemoteCommEvent')) return `(${body.length} bytes)`;
  const text = body.toString('utf8', 0, 4 * shownLength);
  return pythonRepr(text.length > shownLength ? `${text.slice(0, shownLength)}...` : text);
}

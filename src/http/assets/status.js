// Keeps the status page fresh without loading it anew, and does its actions in place. The page is asked for as it is, and
// what differs in it is put into the one on the screen: focus, scroll position and selected text stay. Without this
// script every button works as part of a plain form.

const everyMs = 3000;
const slowestMs = 30_000;
const main = document.querySelector('main');
const address = withoutPassword(location.pathname);
let timer = 0;
let looking = new AbortController();
let isLost = false;

document.addEventListener('visibilitychange', () => void look());
document.addEventListener('submit', (event) => {
  event.preventDefault();
  if (event.submitter !== null) void act(event.submitter);
});
lookLater();

/** Asks for the page as it is now, if anybody sees it, and again later. */
async function look() {
  clearTimeout(timer);
  looking.abort();
  if (document.hidden) return;
  looking = new AbortController();
  const { signal } = looking;
  const began = performance.now();
  try {
    const fresh = await load(address, { signal });
    if (signal.aborted) return;
    // What an action said stays until the next one; that nobody answered does not.
    show(fresh, { withMessage: isLost });
    isLost = false;
  } catch {
    if (signal.aborted) return;
    missAnswer();
  }
  // A daemon of a thousand processes, or one at the end of a slow line, is asked less often.
  lookLater(Math.min(3 * (performance.now() - began), slowestMs));
}

function lookLater(waitMs = 0) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(() => void look(), Math.max(everyMs, waitMs));
}

/** Does what a button says; the answer is the page afterwards, with a message. */
async function act(button) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  const body = new URLSearchParams(new FormData(button.form));
  body.set(button.name, button.value);
  try {
    const fresh = await load(withoutPassword(button.formAction), { method: 'POST', body });
    // A look that began before the action would show what was.
    looking.abort();
    show(fresh, { withMessage: true });
    isLost = false;
  } catch {
    missAnswer();
  }
  button.removeAttribute('aria-disabled');
  lookLater();
}

function missAnswer() {
  isLost = true;
  say('ERROR: the daemon does not answer', 'message bad');
}

/** A page of ours, whatever its status; throws for anything else. */
async function load(url, options) {
  const answer = await fetch(url, { credentials: 'same-origin', ...options });
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#status');
  if (fresh === null) throw new Error(`no status page: ${answer.status}`);
  return fresh;
}

/** A page that was opened as http://user:password@host may not fetch by that address. */
function withoutPassword(url) {
  const plain = new URL(url, location.href);
  plain.username = '';
  plain.password = '';
  return plain.href;
}

function show(fresh, { withMessage }) {
  const focused = document.activeElement;
  const row = focused?.closest('tr');
  const message = fresh.querySelector('#message');
  if (withMessage) say(message.textContent, message.className);
  message.replaceWith(document.querySelector('#message').cloneNode(true));
  morph(main, fresh);
  if (focused === null || focused.isConnected) return;
  // The button is gone, as Stop is on a stopped process: whoever pressed it goes on in the same row.
  const next = row?.isConnected ? row.querySelector('button') : main.querySelector('button');
  next?.focus({ preventScroll: true });
}

/** Puts a new text each time, so that it is read out even if it says the same as the last. */
function say(text, className) {
  const message = document.querySelector('#message');
  message.className = className;
  message.replaceChildren(text);
}

/** Makes `old` what `fresh` is and keeps every node that may stay. */
function morph(old, fresh) {
  for (const name of old.getAttributeNames()) {
    if (!fresh.hasAttribute(name) && name !== 'aria-disabled') old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let place = old.firstChild;
  for (const wanted of fresh.childNodes) {
    const match = findMatch(place, wanted);
    if (match === null) {
      old.insertBefore(document.importNode(wanted, true), place);
      continue;
    }
    while (place !== match) place = remove(place);
    if (isElement(wanted)) morph(match, wanted);
    else if (match.data !== wanted.data) match.data = wanted.data;
    place = match.nextSibling;
  }
  while (place !== null) place = remove(place);
}

/** The first node from `place` on that can become `wanted`: an element of its name and key; a text only in its place. */
function findMatch(place, wanted) {
  if (!isElement(wanted)) return place?.nodeName === wanted.nodeName ? place : null;
  for (let node = place; node !== null; node = node.nextSibling) {
    if (node.nodeName === wanted.nodeName && node.dataset.key === wanted.dataset.key) return node;
  }
  return null;
}

function isElement(node) {
  return node.nodeType === Node.ELEMENT_NODE;
}

function remove(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

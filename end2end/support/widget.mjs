//! Stands in for the captcha of another site: the program that draws a widget, the frame it draws, and what verifies its
//! tokens. Playwright starts it beside the tests; it ends with them.
//!
//! A token says what the widget was told and when it was made, so that nothing has to be remembered but which were shown.

import { createServer } from 'node:http';
import { ADDRESS, WIDGET } from './environment.mjs';

const { port, origin } = new URL(WIDGET.url);

/** @type {Set<string>} */
const shown = new Set();

const PROGRAM = `
  globalThis.turnstile = {
    render(place, options) {
      const frame = document.createElement('iframe');
      frame.title = 'Widget of another site';
      frame.src = '${origin}/frame';
      frame.width = 300;
      frame.height = 65;
      addEventListener('message', ({ source, data }) => {
        if (source !== frame.contentWindow) return;
        if (data === 'human') options.callback([options.action, options.cData, options.sitekey, Date.now()].join('.'));
        else options['error-callback']('300010');
      });
      place.append(frame);
      return frame;
    },
    remove(frame) { frame.remove(); },
  };`;

const FRAME = `<!doctype html><html lang="en"><title>Widget</title>
<button>I am human</button> <button>Give up</button>
<script>
  const [human, giveUp] = document.querySelectorAll('button');
  const released = () => new Promise((done) => addEventListener('keyup', done, { once: true }));
  // Like a widget that asks its server first. Besides, a frame that is taken away before it has answered for the key or the
  // button that was released leaves the browser's driver waiting for ever.
  const says = (word) => async ({ detail: byPointer }) => {
    if (!byPointer) await released();
    setTimeout(() => parent.postMessage(word, '*'), 100);
  };
  human.onclick = says('human');
  giveUp.onclick = says('failed');
</script></html>`;

/** What is said of a token. @param {URLSearchParams} asked */
function verified(asked) {
  const token = asked.get('response') ?? '';
  const [action, cdata, siteKey, madeAt] = token.split('.');
  const isGood = asked.get('secret') === WIDGET.secret && siteKey === WIDGET.key && !shown.has(token);
  shown.add(token);
  if (!isGood) return { success: false, 'error-codes': ['invalid-input-response'] };
  return {
    success: true, 'error-codes': [], challenge_ts: new Date(Number(madeAt)).toISOString(),
    hostname: new URL(ADDRESS).hostname, action, cdata,
  };
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', origin);
  /** @param {string} type @param {string} body */
  const answer = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
  if (pathname === '/api.js') return answer('text/javascript', PROGRAM);
  if (pathname === '/frame') return answer('text/html', FRAME);
  if (pathname !== '/siteverify') return response.writeHead(503).end();
  const parts = [];
  for await (const part of request) parts.push(part);
  const asked = new URLSearchParams(Buffer.concat(parts).toString());
  return answer('application/json', JSON.stringify(verified(asked)));
}).listen(Number(port), '127.0.0.1');

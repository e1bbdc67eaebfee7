// Finds the numbers of a proof of work, beside the page that asked. docs/captcha.md says what they are for.
//
// Takes the text `seed count bits`; answers, once, with `.number` for each index from 0 to below count, such that the
// SHA-256 (FIPS 180-4) of `seed.index.number` begins with so many zero bits. The browser's own digest answers by a
// promise each time, which takes longer than the hash itself; and only the first word of the hash is needed.
"use strict";

// The first 32 bits of the fractions of the square and cube roots of the first primes (sections 4.2.2 and 5.3.3).
const primes = [];
for (let n = 2; primes.length < 64; n += 1) {
  if (primes.every((prime) => n % prime !== 0)) primes.push(n);
}
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const BEGIN = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

const schedule = new Int32Array(64);

// The first 32 bits of the hash of a text that fits into the one padded block of 64 bytes.
function firstWord(block) {
  const w = schedule;
  for (let i = 0; i < 16; i += 1) w[i] = block.getInt32(4 * i);
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = BEGIN;
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  return (a + BEGIN[0]) >>> 0;
}

// The smallest number that is right behind `start`.
function find(start, bits) {
  const bytes = new Uint8Array(64);
  const block = new DataView(bytes.buffer);
  new TextEncoder().encodeInto(start, bytes);
  let digits = 0;
  for (let number = 0; ; number += 1) {
    const text = String(number);
    for (let i = text.length - 1; i >= 0; i -= 1) bytes[start.length + i] = text.charCodeAt(i);
    if (text.length !== digits) {
      digits = text.length;
      bytes[start.length + digits] = 0x80;
      block.setUint32(60, 8 * (start.length + digits));
    }
    if (Math.clz32(firstWord(block)) >= bits) return number;
  }
}

self.onmessage = ({ data }) => {
  const [seed, count, bits] = data.split(" ");
  let numbers = "";
  for (let index = 0; index < Number(count); index += 1) numbers += `.${find(`${seed}.${index}.`, Number(bits))}`;
  self.postMessage(numbers);
};

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, fromHex, toHex } from "../src/depacketize/base64.ts";
import { BitReader, unescaped } from "../src/bits.ts";
import { leb128, readLeb128 } from "../src/depacketize/leb128.ts";

test("Exp-Golomb numbers are those of H.264 table 9-2", () => {
  const r = new BitReader(Uint8Array.of(0b1_010_011_0, 0b0100_0010, 0b1_0000000));
  assert.deepEqual([r.ue(), r.ue(), r.ue(), r.ue(), r.ue()], [0, 1, 2, 3, 4]);
  const signed = new BitReader(Uint8Array.of(0b1_010_011_0, 0b0100_0010, 0b1_0000000));
  assert.deepEqual([signed.se(), signed.se(), signed.se(), signed.se(), signed.se()], [-0, 1, -1, 2, -2]);
});

test("behind the end there are zeros, and it is told", () => {
  const r = new BitReader(Uint8Array.of(0xff));
  assert.equal(r.bits(8), 255);
  assert.equal(r.overrun, false);
  assert.equal(r.bits(4), 0);
  assert.equal(r.overrun, true);
  const endless = new BitReader(new Uint8Array(100));
  assert.equal(endless.ue(), 0);
  assert.equal(endless.overrun, true);
});

test("32 bits are unsigned, and a copy begins at a byte", () => {
  const r = new BitReader(Uint8Array.of(0x0f, 0xff, 0xff, 0xff, 0xf5));
  r.skip(4);
  assert.equal(r.bits(32), 0xffffffff);
  assert.deepEqual([...r.since(4)], [0xff, 0xff, 0xff, 0xff]);
});

test("emulation prevention is taken out", () => {
  assert.deepEqual([...unescaped(Uint8Array.of(0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3))], [0, 0, 1, 0, 0, 0, 0, 3]);
});

test("Base64 with, without and with wrong padding", () => {
  const text = (s: string) => fromBase64(s) && Buffer.from(fromBase64(s)!).toString();
  assert.deepEqual(["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"].map(text), ["", "f", "fo", "foo", "foobar"]);
  assert.deepEqual([" Zg", "Zm8", "Zm8==="].map(text), ["f", "fo", "fo"]);
  assert.deepEqual(["Z", "Zm9vY", "Zm\u00e9v", "Zm-v"].map(text), [undefined, undefined, undefined, undefined]);
});

test("hexadecimal text", () => {
  assert.equal(toHex(fromHex("00fF7a")!), "00FF7A");
  assert.deepEqual(["", "0", "0g"].map(fromHex), [undefined, undefined, undefined]);
});

test("leb128 there and back, and what is none", () => {
  for (const n of [0, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1]) {
    assert.deepEqual(readLeb128(Uint8Array.from(leb128(n))), { value: n, length: leb128(n).length });
  }
  assert.equal(readLeb128(Uint8Array.of()), undefined);
  assert.equal(readLeb128(Uint8Array.of(0x80)), undefined);
  assert.equal(readLeb128(new Uint8Array(9).fill(0xff)), undefined);
});

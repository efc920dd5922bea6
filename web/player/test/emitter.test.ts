import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../src/emitter.ts";

class Counter extends Emitter<{ count: number; end: void }> {}

test("each listener hears each event until it leaves", () => {
  const counter = new Counter();
  const heard: string[] = [];
  const leave = counter.on("count", (n) => heard.push(`a${n}`));
  counter.on("count", (n) => heard.push(`b${n}`));
  counter.on("end", () => heard.push("end"));
  counter.emit("count", 1);
  leave();
  leave();
  counter.emit("count", 2);
  counter.emit("end", undefined);
  assert.deepEqual(heard, ["a1", "b1", "b2", "end"]);
});

test("a listener that is given twice is called twice, and leaves once", () => {
  const counter = new Counter();
  let calls = 0;
  const listener = () => void calls++;
  const leave = counter.on("count", listener);
  counter.on("count", listener);
  counter.emit("count", 1);
  leave();
  counter.emit("count", 2);
  assert.equal(calls, 3);
});

test("a listener that comes or goes during an event counts from the next one on", () => {
  const counter = new Counter();
  const heard: number[] = [];
  const leave = counter.on("count", () => {
    leave();
    counter.on("count", (n) => heard.push(n));
  });
  counter.emit("count", 1);
  counter.emit("count", 2);
  assert.deepEqual(heard, [2]);
});

test("a listener that throws harms nobody else, and is not silent", async () => {
  const counter = new Counter();
  const heard: number[] = [];
  counter.on("count", () => {
    throw new Error("of the listener");
  });
  counter.on("count", (n) => heard.push(n));
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const uncaught = new Promise<Error>((resolve) => process.once("uncaughtException", resolve));
  try {
    counter.emit("count", 1);
    assert.deepEqual(heard, [1]);
    assert.equal((await uncaught).message, "of the listener");
  } finally {
    for (const other of others) process.on("uncaughtException", other);
  }
});

import assert from "node:assert/strict";
import test from "node:test";
import { grouped, nameOf, pageOf } from "../groups.ts";
import type { Presentation } from "../presentation.ts";

function at(path: string, kind: Presentation["kind"] = "stored"): Presentation {
  return { path, folder: path.slice(0, Math.max(path.lastIndexOf("/"), 0)), kind, active: true, tracks: [], readers: 0 };
}

test("what is live is first, what comes along is last, and folders count as people do", () => {
  const groups = grouped([
    at("clock", "clock"), at("demo.mp4", "demo"), at("take 10/a.mp4"), at("take 2/b 10.mp4"), at("take 2/b 2.mp4"),
    at("x.mp4"), at("gate", "source"), at("take 2/live", "live"), at("builtin/y.mp4"),
  ]);
  assert.deepEqual(groups.map((g) => [g.title, ...g.presentations.map(nameOf)]), [
    ["Published now", "take 2/live"],
    ["Cameras and other sources", "gate"],
    ["Media folder", "x.mp4"],
    ["builtin", "y.mp4"],
    ["take 2", "b 2.mp4", "b 10.mp4"],
    ["take 10", "a.mp4"],
    ["Comes with Baton", "clock", "demo.mp4"],
  ]);
});

test("a path stays one path in the address of its page", () => {
  assert.equal(pageOf(at("a b/c?d#e%.mp4")), "/play/a%20b/c%3Fd%23e%25.mp4");
  assert.equal(pageOf(at("ü/\"<>.mp4")), "/play/%C3%BC/%22%3C%3E.mp4");
});

import assert from "node:assert/strict";
import test from "node:test";
import { placeOf } from "../place.ts";

test("a page knows what it plays, and the room in which it is", () => {
  const room = "/" + "0f".repeat(24);
  assert.deepEqual(placeOf("/play/yard/gate%20b"), { room: "", path: "yard/gate b" });
  assert.deepEqual(placeOf("/play/"), { room: "", path: "" });
  assert.deepEqual(placeOf(`${room}/play/yard/play/x`), { room, path: "yard/play/x" });
  assert.deepEqual(placeOf("/play/a/play/b"), { room: "", path: "a/play/b" });
  for (const path of ["/", "/yard/play/x", `${room}`, `${room}/x`, `/${"0f".repeat(23)}/play/x`]) assert.equal(placeOf(path), undefined);
});

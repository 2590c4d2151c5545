import { expect, it } from "vitest";
import { createLaterWorker } from "./later-worker.ts";

/** A worker that only remembers. */
class FakeWorker extends EventTarget {
  readonly heard: unknown[] = [];
  postMessage(message: unknown): void {
    this.heard.push(message);
  }
}

function setUp() {
  const made: FakeWorker[] = [];
  const later = createLaterWorker(() => {
    const worker = new FakeWorker();
    made.push(worker);
    return worker as EventTarget as Worker;
  });
  return { later, made };
}

it("createLaterWorker() starts nothing by itself, and tells what was said before in its order", () => {
  const { later, made } = setUp();
  later.endpoint.postMessage("first");
  later.endpoint.postMessage("second");
  expect(made).toEqual([]);
  later.start();
  later.start();
  later.endpoint.postMessage("third");
  expect(made.map(({ heard }) => heard)).toEqual([["first", "second", "third"]]);
});

it("createLaterWorker() lets those hear it who listened before it was there", () => {
  const { later, made } = setUp();
  const heard: string[] = [];
  later.endpoint.addEventListener("message", () => heard.push("message"));
  later.onCrash(() => heard.push("crash"));
  later.start();
  made[0]?.dispatchEvent(new Event("message"));
  made[0]?.dispatchEvent(new Event("error"));
  expect(heard).toEqual(["message", "crash"]);
});

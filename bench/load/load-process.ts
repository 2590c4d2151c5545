// A process that makes load, so that what is measured and what measures don't share one event loop. It gets one job at a
// time from the process that forked it, and ends with it.
import { change } from "./change.ts";
import { createListening } from "./listen.ts";
import type { FromLoadProcess, LoadJob, LoadResult, ToLoadProcess } from "./load-jobs.ts";
import { pace } from "./pace.ts";
import { saturate } from "./saturate.ts";
import { createListSender } from "./send-lists.ts";

const listSender = createListSender();
const listening = createListening();
let stopping = new AbortController();

function carryOut(job: LoadJob): Promise<LoadResult> {
  switch (job.type) {
    case "saturate":
      return saturate(job);
    case "pace":
      return pace(job, stopping.signal);
    case "prepare-lists":
      return listSender.prepare(job);
    case "send-lists":
      return listSender.send(job);
    case "listen":
      return listening.listen(job);
    case "listened":
      return listening.listened(job);
    case "change":
      return change(job);
  }
}

function tell(message: FromLoadProcess): void {
  process.send!(message);
}

process.on("message", (message: ToLoadProcess) => {
  if (message.type === "stop") {
    stopping.abort();
    return;
  }
  stopping = new AbortController();
  carryOut(message.job).then(
    (result) => tell({ type: "done", result }),
    (error: unknown) =>
      tell({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
tell({ type: "ready" });

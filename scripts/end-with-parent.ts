// Loaded into what `npm start` starts (`--import`), over an IPC channel: when the starter is gone, even killed with
// SIGKILL, nothing it started stays behind and keeps its ports.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Waiting for that is no reason to stay alive.
process.channel?.unref();

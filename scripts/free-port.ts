import { once } from "node:events";
import { connect, createServer } from "node:net";

/** This machine's own addresses: a program at one of them answers to http://localhost. */
const LOOPBACKS = ["127.0.0.1", "::1"];

/** Those of the ports that another program listens at, in order; `host` undefined: at any address. */
export async function takenPorts(ports: readonly number[], host: string | undefined): Promise<number[]> {
  const taken: number[] = [];
  for (const port of ports) {
    // Some systems let two programs listen at a port when their addresses differ; whoever opens localhost would meet
    // the other one, so being able to listen is not enough.
    const answers = await Promise.all(LOOPBACKS.map((address) => isAnswered(port, address)));
    if (answers.includes(true) || !(await canListen(port, host))) taken.push(port);
  }
  return taken;
}

async function isAnswered(port: number, host: string): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function canListen(port: number, host: string | undefined): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, ...(host === undefined ? {} : { host }) });
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

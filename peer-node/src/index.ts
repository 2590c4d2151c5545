export { type AnnounceState } from "./announce.ts";
export {
  DEFAULT_PEER_PORT,
  type PeerEvent,
  type RunningPeer,
  type StartPeerOptions,
  startPeer,
} from "./start-peer.ts";

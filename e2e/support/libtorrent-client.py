"""Downloads torrents with libtorrent, all at once, and says what it thinks of them.

libtorrent-client.py JOBS: a JSON list of {torrent, folder, original?}. Prints a JSON list of {name, info, ownInfo?}: the bencoded
info dictionary of the torrent in hexadecimal, and that of the torrent libtorrent makes of `original` itself.
Speaks to nobody but the web seeds: listens on loopback only, looks for nobody.
"""

import json
import os
import sys

import libtorrent

PIECE_BYTES = 1024 * 1024


def info_of(torrent):
    return libtorrent.bencode(torrent[b"info"]).hex()


def own_torrent(path):
    files = libtorrent.file_storage()
    files.add_file(os.path.basename(path), os.path.getsize(path))
    flags = libtorrent.create_torrent.v2_only
    own = libtorrent.create_torrent(files, PIECE_BYTES, flags)
    libtorrent.set_piece_hashes(own, os.path.dirname(path))
    return own.generate()


def download(jobs):
    session = libtorrent.session(
        {
            "listen_interfaces": "127.0.0.1:0",
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "active_downloads": -1,
            "active_limit": -1,
            "alert_mask": libtorrent.alert.category_t.error_notification
            | libtorrent.alert.category_t.status_notification,
        }
    )
    handles = []
    for job in jobs:
        info = libtorrent.torrent_info(job["torrent"])
        handles.append(session.add_torrent({"ti": info, "save_path": job["folder"]}))
    while not all(handle.status().is_seeding for handle in handles):
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            if isinstance(alert, (libtorrent.torrent_error_alert, libtorrent.file_error_alert)):
                sys.exit(alert.message())
    for handle in handles:
        handle.flush_cache()
    return [handle.torrent_file().name() for handle in handles]


def main(jobs):
    names = download(jobs)
    outcomes = []
    for name, job in zip(names, jobs):
        with open(job["torrent"], "rb") as file:
            outcome = {"name": name, "info": info_of(libtorrent.bdecode(file.read()))}
        if "original" in job:
            outcome["ownInfo"] = info_of(own_torrent(job["original"]))
        outcomes.append(outcome)
    print(json.dumps(outcomes))


main(json.loads(sys.argv[1]))

"""Downloads a torrent from its web seeds into a folder, verified as libtorrent does it, and ends.

    libtorrent-download.py TORRENT FOLDER

Its settings are libtorrent's own, but for these: it listens on loopback only and looks for nobody.
"""

import sys

import libtorrent

torrent, folder = sys.argv[1:]
session = libtorrent.session(
    {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "alert_mask": libtorrent.alert.category_t.error_notification
        | libtorrent.alert.category_t.status_notification,
    }
)
handle = session.add_torrent({"ti": libtorrent.torrent_info(torrent), "save_path": folder})
while not handle.status().is_seeding:
    session.wait_for_alert(100)
    for alert in session.pop_alerts():
        if isinstance(alert, (libtorrent.torrent_error_alert, libtorrent.file_error_alert)):
            sys.exit(alert.message())

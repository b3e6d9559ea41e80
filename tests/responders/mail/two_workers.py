"""A worker of its own process for the test of two: empties the outbox again and again until it is told to stop.

Words: the database, the port of the mail server, the file that ends it.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from config.schema.settings import MailSettings
from pipeline.store.db import open_store
from responders.mail.outbox import Sending, empty
from responders.mail.smtp import Smtp

SECRET = b"a key for tests only"


def main(database: Path, port: int, end: Path) -> None:
    """Sends until the file appears; the night is no time to be quiet for."""
    mail = MailSettings(
        transport="smtp", host="127.0.0.1", port=port, security="none", sender="huiyin@jyj.example", timeout_seconds=10, quiet_to="22:00"
    )
    store = open_store(database, "test", "测试县教育局", SECRET)
    print("ready", flush=True)
    while not end.exists():
        empty(Sending(store, mail, Smtp(mail), lambda: datetime.now(UTC)))
        time.sleep(0.01)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))

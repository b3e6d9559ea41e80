"""Debian's Postfix and Dovecot on free ports of this machine, with directories of their own: nothing beneath /etc is touched.

Postfix wants root. Where a test runs as somebody else, Dovecot would start and Postfix would not: then the test says so by name.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

POSTFIX, DOVECOT = Path("/usr/lib/postfix/sbin/master"), Path("/usr/sbin/dovecot")
LMTP = Path("/usr/lib/dovecot/lmtp")
PASSWORD = "post-and-dove"
QUEUES = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private", "public", "saved",
    "trace",
)
SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where they listen, and where to read what went wrong."""

    smtp: int
    imap: int
    lmtp: int
    root: Path

    def log(self) -> str:
        """What both have written down."""
        return "\n".join(f.read_text("utf-8", "replace")[-4000:] for f in sorted([*self.root.glob("*.log"), *self.root.glob("*.out")]))


def missing() -> str:
    """What stands in the way of starting them; empty where nothing does."""
    lacking = [name for name, path in (("postfix", POSTFIX), ("dovecot-imapd", DOVECOT), ("dovecot-lmtpd", LMTP)) if not path.exists()]
    if lacking:
        return f"missing: apt-get install {' '.join(lacking)}"
    return "" if os.geteuid() == 0 else "Postfix can only be started by root"


@contextmanager
def real_servers() -> Iterator[Servers]:
    """Both, started and listening; stopped again whatever happens. Sockets have short names: they live beneath /tmp."""
    root = Path(tempfile.mkdtemp(prefix="hy-mail-", dir="/tmp"))
    root.chmod(0o755)
    found = Servers(*_free_ports(3), root)
    with ExitStack() as stack:
        stack.callback(os.umask, os.umask(0o022))  # the program keeps its files to itself; these are read by users of their own
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        stack.enter_context(_running([str(DOVECOT), "-F", "-c", str(_dovecot(found))], root / "dovecot.out"))
        stack.enter_context(_running([str(POSTFIX), "-c", str(_postfix(found)), "-d"], root / "postfix.out"))
        _wait(found)
        yield found


def _free_ports(n: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(n)]
        return [int(probe.getsockname()[1]) for probe in probes]


@contextmanager
def _running(command: list[str], output: Path) -> Iterator[None]:
    """A process of a session of its own; what it has started ends with it."""
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(servers: Servers) -> None:
    deadline = time.monotonic() + 20
    for port in (servers.imap, servers.lmtp, servers.smtp):
        while not _answers(port):
            if time.monotonic() > deadline:
                raise AssertionError(f"port {port} does not answer\n{servers.log()}")
            time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _dovecot(servers: Servers) -> Path:
    """Two mailboxes by a file; mail comes by LMTP and is read by IMAP."""
    root = servers.root
    (root / "mail").mkdir()
    shutil.chown(root / "mail", "mail", "mail")
    user = pwd.getpwnam("mail")
    users = ("huiyin@jyj.example", "qy001@edu.example")
    (root / "users").write_text("".join(f"{name}:{{PLAIN}}{PASSWORD}::::::\n" for name in users))
    path = root / "dovecot.conf"
    path.write_text(f"""
base_dir = {root}/run
state_dir = {root}/state
instance_name = huiyin-test
log_path = {root}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{root}/mail/%u
first_valid_uid = {user.pw_uid}
first_valid_gid = {user.pw_gid}
passdb {{
  driver = passwd-file
  args = username_format=%u {root}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {root}/users
  override_fields = uid={user.pw_uid} gid={user.pw_gid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {servers.imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {servers.lmtp}
  }}
}}
service anvil {{
  chroot =
}}
""")
    return path


def _postfix(servers: Servers) -> Path:
    """jyj.example and edu.example are delivered to Dovecot; edu.example knows its recipients and refuses others at RCPT, gone.example
    takes everybody in and learns from Dovecot that there is nobody: that becomes a bounce."""
    root, conf = servers.root, servers.root / "postfix"
    conf.mkdir()
    (root / "lib").mkdir()
    shutil.chown(root / "lib", "postfix", "postfix")
    for name in QUEUES:  # as `postfix check` would make them
        (root / "queue" / name).mkdir(parents=True, mode=0o755 if name == "pid" else 0o700)
        if name != "pid":
            shutil.chown(root / "queue" / name, "postfix", "postdrop" if name in ("maildrop", "public") else "postfix")
    (root / "queue" / "public").chmod(0o710)
    (conf / "recipients").write_text("huiyin@jyj.example x\nqy001@edu.example x\n@gone.example x\n")
    (conf / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/lib
maillog_file = {root}/postfix.log
maillog_file_prefixes = /tmp
myhostname = mx.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = jyj.example edu.example gone.example
virtual_mailbox_maps = texthash:{conf}/recipients
virtual_transport = lmtp:inet:127.0.0.1:{servers.lmtp}
alias_maps =
alias_database =
smtpd_recipient_restrictions = reject_unauth_destination
biff = no
""")
    (conf / "master.cf").write_text(f"127.0.0.1:{servers.smtp} inet n - n - - smtpd\n{SERVICES}")
    return conf

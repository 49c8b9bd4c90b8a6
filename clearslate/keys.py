"""The action key: the secret with which person, conviction and action keys are made (HMAC-SHA256).

Keys are HMACs because CII numbers are guessable: whoever has a key file can tell that two lines mean the same
conviction, nobody else can tell whom they mean. Lose the file and the same convictions get new keys.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from clearslate.errors import UsageError
from clearslate.home import Home

_BYTES = 32


@dataclass(frozen=True)
class ActionKeyBlocks:
    """The two padded blocks of HMAC-SHA256 (RFC 2104), so that SQL can compute it with sha256 alone."""

    inner: bytes
    outer: bytes

    @property
    def fingerprint(self) -> str:
        """What may be told of the key: it tells two keys apart and gives neither away (16 hex digits)."""
        return hashlib.sha256(self.inner).hexdigest()[:16]

    @staticmethod
    def of(key: bytes) -> "ActionKeyBlocks":
        block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
        return ActionKeyBlocks(bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block))


def action_key(home: Home) -> ActionKeyBlocks:
    """The key from the file that CLEARSLATE_ACTION_KEY_FILE names, else the home's own, made on first use (mode 0600).

    The file holds at least 32 bytes; white space around them does not count. Raises UsageError where it can't be used.
    """
    named = os.environ.get("CLEARSLATE_ACTION_KEY_FILE")
    path = Path(named) if named else home.root / "keys" / "action.key"
    if not named and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"the action key file {path} can't be read ({error.strerror})") from None
    if len(key) < _BYTES:
        raise UsageError(f"the action key file {path} holds fewer than {_BYTES} bytes")
    return ActionKeyBlocks.of(key)

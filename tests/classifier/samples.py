"""What several tests of this room use."""

from __future__ import annotations

from datetime import UTC, datetime

MOMENT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)

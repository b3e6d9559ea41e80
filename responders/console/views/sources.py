"""来源: how each watched source stands."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from config.schema.sources import Source
from pipeline.store import sources
from pipeline.store.sources import SourceState
from responders.console.visit import Visit

KINDS = {"feed": "订阅源", "list_page": "网站列表", "forum": "论坛", "file": "导入与登记"}


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as configured, and how it stands; `state` is None for what is not crawled."""

    id: str
    source: Source
    kind: str
    state: SourceState | None

    @property
    def unseen(self) -> bool:
        """Whether its newest run did not really see it, so that nobody may say that nothing was found there."""
        run = self.state.run if self.state else None
        return run is not None and not (run.outcome and run.outcome.seen)

    @property
    def waiting(self) -> bool:
        """Whether it has never been crawled."""
        return self.state is not None and self.state.run is None


def page(visit: Visit) -> Response:
    """The table of sources, those that could not be seen first."""
    found = sorted(watched(visit), key=lambda w: (not w.unseen, w.state is None, w.id))
    return visit.page("sources.html", title="来源", found=found)


def watched(visit: Visit) -> tuple[Watched, ...]:
    """Every source that is enabled."""
    enabled = {i: s for i, s in visit.config.sources.items() if s.enabled}
    crawled = {i: s.every_minutes for i, s in enabled.items() if s.kind != "file"}
    states = {s.source: s for s in sources.states(visit.store, crawled, visit.now)}
    return tuple(Watched(i, s, KINDS[s.kind], states.get(i)) for i, s in enabled.items())

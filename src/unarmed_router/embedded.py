"""The router of the embedded agency, for trying things out."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from threading import Lock

from unarmed_router.model.call import Call
from unarmed_router.model.decision import Decision
from unarmed_router.router import Router

__all__ = ["default_router", "route"]

_loading = Lock()


@cache
def _embedded_router() -> Router:
    return Router.load()


def default_router() -> Router:
    """Return the router of the embedded agency, loaded once and shared."""
    with _loading:
        return _embedded_router()


def route(call: Call, *, at: datetime | None = None) -> Decision:
    """Decide who takes a call, with the embedded agency; see `Router.route`.

    Parameters
    ----------
    call : Call
        The call.
    at : datetime, optional
        The moment of decision; the present when not given.

    Returns
    -------
    Recommendation or Referral
    """
    return default_router().route(call, at=at)

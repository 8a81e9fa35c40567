"""Asking public map servers politely: one question at a time, answers kept, refusals waited out.

Source: Nominatim usage policy (at most one request a second, an identifying user agent, caching);
Overpass API documentation (HTTP 429 and 504 ask to come back later; an answer that was cut short
carries a ``remark``).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unarmed_router.errors import NetworkError, ServerRefusedError
from unarmed_router.whole_file import whole_file

__all__ = ["PoliteClient"]

logger = logging.getLogger("unarmed_router")

_LATER = frozenset({429, 502, 503, 504})
_LONGEST_WAIT_S = 300.0


@dataclass(slots=True)
class PoliteClient:
    """Asks for JSON, and keeps each whole answer in a folder, so that a broken-off import resumes.

    Parameters
    ----------
    cache : Path
        Folder of answers; made when needed.
    user_agent : str
        Who is asking.
    timeout_s : float
        An answer that takes longer is given up, and asked for again.
    tries : int
        How often a question is asked.
    pause_s : float
        Least time between two questions.
    backoff_s : float
        Wait after the first refusal that names none; it doubles each time.
    sleep : callable
        Waits some seconds; a test replaces it.
    """

    cache: Path
    user_agent: str
    timeout_s: float = 180.0
    tries: int = 6
    pause_s: float = 1.0
    backoff_s: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    _last: float = field(default=-1e9, init=False)

    def ask(self, url: str, fields: dict[str, str], *, post: bool) -> Any:
        """Return the JSON answer to a question, from the folder where it has been asked before.

        Parameters
        ----------
        url : str
            ``http`` or ``https``.
        fields : dict of str to str
            The question.
        post : bool
            Send it in the body rather than in the address.

        Raises
        ------
        ServerRefusedError
            No whole answer after all tries; names the server and the last reason.
        """
        if not url.startswith(("https://", "http://")):
            raise NetworkError(f"{url}: not a web address; it begins with https://")
        text = urllib.parse.urlencode(fields)
        kept = self.cache / f"{hashlib.sha256(f'{url}?{text}'.encode()).hexdigest()}.json"
        if kept.is_file():
            try:
                return json.loads(kept.read_text(encoding="utf-8"))
            except ValueError:  # as a machine that stopped while it wrote may leave it
                logger.warning("unarmed_router: %s: is no JSON any more; asked again", kept)
        answer = self._asked(url, text, post=post)
        self.cache.mkdir(parents=True, exist_ok=True)
        with whole_file(kept) as unfinished:
            unfinished.write_text(json.dumps(answer), encoding="utf-8")
        return answer

    def _asked(self, url: str, text: str, *, post: bool) -> Any:
        server = urllib.parse.urlsplit(url).netloc
        wait, reason = self.backoff_s, ""
        for attempt in range(1, self.tries + 1):
            self.sleep(max(0.0, self._last + self.pause_s - time.monotonic()))
            try:
                return self._once(url, text, post=post)
            except urllib.error.HTTPError as fault:
                reason = f"HTTP {fault.code} {fault.reason}"
                if fault.code not in _LATER:
                    raise ServerRefusedError(f"{server}: {reason}; check the question") from fault
                asked = fault.headers.get("Retry-After", "")
                wait = float(asked) if asked.isdigit() else wait
            except _Incomplete as fault:
                reason = str(fault)
            except (OSError, http.client.HTTPException) as fault:
                reason = f"{type(fault).__name__}: {fault}"
            finally:
                self._last = time.monotonic()
            logger.warning(
                "unarmed_router: %s: %s (try %d of %d)", server, reason, attempt, self.tries
            )
            if attempt < self.tries:
                self.sleep(min(wait, _LONGEST_WAIT_S))
                wait = min(2.0 * wait, _LONGEST_WAIT_S)
        raise ServerRefusedError(
            f"{server}: no whole answer in {self.tries} tries, the last: {reason}; what has been "
            f"fetched is kept in {self.cache}: run it again later to go on from there"
        )

    def _once(self, url: str, text: str, *, post: bool) -> Any:
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            url if post else f"{url}?{text}",
            data=text.encode() if post else None,
            headers={"User-Agent": self.user_agent, "Accept": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=self.timeout_s) as response:  # noqa: S310
            content = response.read()
        try:
            answer = json.loads(content)
        except ValueError:
            shown = content[:60].decode("utf-8", "replace")
            raise _Incomplete(
                f"an answer of {len(content)} bytes that is no JSON: {shown!r}"
            ) from None
        if isinstance(answer, dict) and "remark" in answer:
            raise _Incomplete(f"the answer was cut short: {str(answer['remark'])[:200]}")
        return answer


class _Incomplete(Exception):  # noqa: N818  # never leaves this file
    """An answer that is not whole."""

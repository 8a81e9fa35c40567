"""A program that sends unarmed teams, and who fields them for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from unarmed_router.errors import InputError
from unarmed_router.model.provider import Provider

__all__ = ["Program"]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that sends unarmed teams.

    Parameters
    ----------
    program_id, name : str
        Id used by the roster, name used for people.
    call_types : frozenset of str
        Call types it accepts.
    providers : tuple of Provider
        Who fields its teams, where and when; one provider for a place and moment.
    response_target_s : int
        Response time it aims for, received to arrived, seconds; beyond it the decision is flagged.
    max_response_s : int or None
        A team of it that would arrive later than this from now is not sent; None takes the
        policy's limit.
    provider_of : mapping of int to str
        The one provider that serves each division; divisions it does not serve are missing. Of a
        program whose providers change with the hour, ask `Policy.at` first.
    """

    program_id: str
    name: str
    call_types: frozenset[str]
    providers: tuple[Provider, ...]
    response_target_s: int
    max_response_s: int | None = None
    provider_of: Mapping[int, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for place, provider in enumerate(self.providers):
            for other in self.providers[:place]:
                if provider.meets(other):
                    number = min(provider.divisions & other.divisions)
                    raise InputError(
                        f"program {self.program_id}: division {number} is served by both "
                        f"{other.provider_id} and {provider.provider_id}"
                    )
        served = {n: p.provider_id for p in self.providers for n in sorted(p.divisions)}
        object.__setattr__(self, "provider_of", served)

    def within(self, inside: frozenset[str], divisions: frozenset[int]) -> Program:
        """Return the program as it is at a place inside some outlined areas.

        A provider of such an area serves all `divisions` there, and no other provider does.
        """
        here = next((p for p in self.providers if p.outlined & inside), None)
        if here is None:
            return self
        providers = (
            replace(p, divisions=divisions if p is here else frozenset()) for p in self.providers
        )
        return replace(self, providers=tuple(providers))

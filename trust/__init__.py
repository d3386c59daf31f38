"""Touchplate: who answers for this piece of work, and by what proof.

    verify(bundle, subjects, trust_file, at) -> Verified    steps 0 to 6; raises
    judge(verified, context, policy) -> Verdict             steps 7 to 11; always answers
    assess(material, subjects, trust_file, at, policy, now=at) -> Verdict    both, from the bytes

All are pure. They are imported when first asked for, so that whoever needs one room of this
package does not pay the start-up of the others.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trust.core.assess import assess
    from trust.core.judge import judge
    from trust.core.verify import verify

__all__ = ["assess", "judge", "verify"]


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name == "assess":
        from trust.core.assess import assess  # noqa: PLC0415

        return assess
    if name == "judge":
        from trust.core.judge import judge  # noqa: PLC0415

        return judge
    if name == "verify":
        from trust.core.verify import verify  # noqa: PLC0415

        return verify
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

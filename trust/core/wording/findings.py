"""What `judge` established about a verified bundle: all that the sentences of a verdict may use."""

from typing import NamedTuple

from trust.core.judging.authority import Authorised
from trust.core.judging.membership import enterprise_of
from trust.core.judging.standing import Standing
from trust.core.people.keycode import key_code
from trust.core.policy import Policy
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.private import PrivatePart
from trust.core.verdict import (
    Code,
    Dated,
    DelegationView,
    EnterpriseView,
    Erased,
    Reason,
    SignerView,
)
from trust.core.verify import Verified


class Findings(NamedTuple):
    """The findings of steps 0 to 10. Times are seconds; `at` is the moment that is judged.

    `signer` None: their authority was not established. `in_hand`: the names of the files that were
    compared, none when nobody had a file. `dated`: who else, of those whom the relying party named,
    saw the signature, and by when.
    """

    verified: Verified
    trust: TrustFile
    reasons: tuple[Reason, ...]
    signer: Authorised | None
    standing: Standing
    part: PrivatePart | None
    at: int
    now: int
    compared: bool
    in_hand: tuple[str, ...]
    policy: Policy
    dated: tuple[Dated, ...] = ()
    erased: Erased | None = None  # the words of it, by the registry's own statement
    superseded_by: str | None = None  # the id of the statement that replaced it, if it is at hand

    @property
    def expected(self) -> str | None:
        """Whom the relying party said they expect, as they typed it."""
        return self.policy.expected.text if self.policy.expected else None

    @property
    def witnessed(self) -> str:
        """How many cosigned: `2 of the registry's 3 witnesses`, for it is who names them."""
        operators, of, enough = self.verified.cosigned
        if not of:
            return "no witness"
        if of == 1:
            return f"{'' if operators else 'without '}the registry's one witness"
        count = f"{'' if enough else 'only '}{len(operators)}" if operators else "none"
        return f"{count} of the registry's {of} witnesses"

    @property
    def subject_count(self) -> int:
        """How many files were signed."""
        return len(self.verified.statement.subjects)

    @property
    def is_deliverable(self) -> bool:
        """Whether files were signed, so that a copy can be compared at all."""
        return self.verified.statement.type == "deliverable"

    def reason(self, code: Code) -> str:
        """Return the text of the first reason for a code; requires that there is one."""
        return next(item.text for item in self.reasons if item.code is code)

    def has(self, code: Code) -> bool:
        """Say whether there is a reason for a code."""
        return any(item.code is code for item in self.reasons)


def signer_view(findings: Findings) -> SignerView:
    """Return the signer as far as it was established."""
    scid = findings.verified.principal.scid
    signer = findings.signer
    return SignerView(
        scid=scid,
        key_code=key_code(scid) if scid else "",
        handle=signer.handle if signer else None,
        name=signer.name if signer else None,
        registry=findings.trust.host,
        delegation=_delegation_view(findings),
        enterprise=_enterprise_view(findings),
    )


def _enterprise_view(findings: Findings) -> EnterpriseView | None:
    """Return for whom a statement says that it was signed; the reasons say what is not known."""
    enterprise = enterprise_of(findings.verified)
    if enterprise is None:
        return None
    behalf = None if findings.signer is None else findings.signer.on_behalf
    if behalf is None:
        return EnterpriseView(enterprise)
    return EnterpriseView(enterprise, behalf.name, len(behalf.approved), behalf.needed)


def _delegation_view(findings: Findings) -> DelegationView | None:
    """Return what is known of an agent and its delegation; None if no agent signed."""
    principal, signer = findings.verified.principal, findings.signer
    if principal.kind != "agent":
        return None
    if signer is None or signer.delegation is None:
        return DelegationView(principal.number)
    behind, facts = signer.delegation
    return DelegationView(
        principal.number, behind.id, behind.signed_at, facts.expires, facts.human_review
    )

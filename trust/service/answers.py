"""What the sender of a statement is answered once it is logged."""

import contextlib

from trust.core.canonical import Json
from trust.core.encoding import b64encode
from trust.core.errors import Conflict, NotFound
from trust.service.agents import Agents
from trust.service.appender import Appender
from trust.service.checks import Offer
from trust.service.proofs import Proofs
from trust.service.records import Records, Row
from trust.service.replacements import changed_line


class Answers:
    """Answers from what is published now."""

    def __init__(
        self, sequencer: Appender, records: Records, proofs: Proofs, agents: Agents
    ) -> None:
        self._sequencer, self._records, self._proofs = sequencer, records, proofs
        self._agents = agents

    def known(self, offer: Offer) -> Json:
        """Return the first result of a statement that is already published; None if it is not.

        Raises:
            Conflict: another statement stands under its id.
        """
        with contextlib.suppress(NotFound):
            row = self._records.named(offer.id, self._sequencer.published.size)
            if row.payload != offer.envelope.payload:
                raise Conflict(f"another statement stands under id {offer.id}")
            return self.of(offer.id, row, changed_line(offer))
        return None

    def of(
        self, statement_id: str, row: Row | None = None, changed: bytes | None = None
    ) -> dict[str, Json]:
        """Return {id, index, bundle, status} of a published statement, and the certificate it got.

        `row`: the entry, where it was read together with others. `changed`: the name of the status
        line that it adds to, which is proven too.
        """
        published = self._sequencer.published
        if row is None:
            row = self._records.named(statement_id, published.size)
        names = self._proofs.names(published, row)
        if changed is not None:
            names.append(changed)
        answer: dict[str, Json] = {
            "id": row.id,
            "index": row.index,
            "bundle": self._proofs.bundle(published, row).to_json(),
            "status": self._proofs.status(published, names).to_json(),
        }
        if row.type == "enrolment":
            answer["certificate"] = b64encode(row.certificate)
        if row.type == "delegation":
            answer["certificate"] = b64encode(self._agents.certificate(row.id))
        return answer

"""Taking statements: checks, the certificate that goes with each, and the answer."""

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager
from functools import partial

from trust.core.canonical import Json
from trust.core.encoding import b64encode
from trust.core.errors import Conflict, NotAllowed, TouchplateError
from trust.core.record import Record
from trust.core.x509.certificate import Certificate
from trust.service import revoking
from trust.service.agents import Agents, named_delegation
from trust.service.answers import Answers
from trust.service.append_path import Submission
from trust.service.appender import Appender
from trust.service.checks import Offer, check_new_part, check_not_before, known_parts, read_offer
from trust.service.enrolling import enrol, submission
from trust.service.enterprises import Enterprises, concerns_enterprise
from trust.service.erasures import Erasures
from trust.service.join_request import read_request
from trust.service.joining import Joining
from trust.service.key_change_request import read_key_change
from trust.service.key_changes import KeyChanges
from trust.service.log_writer import LogWriter
from trust.service.presences import check_offer
from trust.service.proofs import Proofs
from trust.service.quotas import Quotas, quota_network
from trust.service.records import Records, Row
from trust.service.recoveries import Recoveries
from trust.service.replacements import Replacements, changed_line
from trust.service.settings import Settings
from trust.service.signers import CurrentSigner, Signers
from trust.service.stops import Stops
from trust.service.taken import Taken, caught
from trust.storage.ports import Tables


class Intake:
    """The only way in for what people sign. Thread-safe."""

    def __init__(
        self,
        database: Tables,
        sequencer: Appender,
        writer: LogWriter,
        records: Records,
        proofs: Proofs,
        settings: Settings,
        erasures: Erasures,
    ) -> None:
        self._database, self._sequencer = database, sequencer
        self._writer, self._records, self._proofs = writer, records, proofs
        self._joins_per_day = settings.joins_per_day
        self._quotas = Quotas(database, settings)
        self._replacements, self._erasures = Replacements(database, records), erasures
        self._joining = Joining(database, writer, erasures.handles)
        self._signers = Signers(database)
        self.recoveries = Recoveries(database, writer)
        self._key_changes = KeyChanges(database, writer, self._signers, records, self.recoveries)
        self._agents = Agents(database, writer, records)
        self._enterprises = Enterprises(database, records)
        self._stops = Stops(sequencer, writer)
        self._answers = Answers(sequencer, records, proofs, self._agents)

    def take(self, body: Json, network: str) -> Json:
        """Take {envelope, private} or a join; see `Registry.submit`."""
        return self.begin(body, network).answer()

    def begin(self, body: Json, network: str) -> Taken:
        """Check a statement and send it to the log; see `Registry.begin`."""
        (taken,) = self.begin_all([body], network)
        if isinstance(taken, TouchplateError):
            raise taken
        return taken

    def begin_all(self, bodies: Sequence[Json], network: str) -> list[Taken | TouchplateError]:
        """Check statements and send them to the log together; see `Registry.begin_all`."""
        self._sequencer.catch_up()  # who comes may have got an answer of another process just now
        read = [caught(partial(self._read, body, network)) for body in bodies]
        offers, size = [x for x in read if isinstance(x, Offer)], self._sequencer.published.size
        published = self._records.all_named([offer.id for offer in offers], size)
        parts = known_parts(self._database, [offer.statement.private for offer in offers])
        checked = [
            caught(partial(self._check, item, published.get(item.id), parts))
            if isinstance(item, Offer)
            else item
            for item in read
        ]
        return self._send(checked, size)

    def _read(self, body: Json, network: str) -> Offer | Taken:
        if isinstance(body, dict) and "didLog" in body:
            log = body["didLog"]
            if isinstance(log, list) and len(log) > 1:
                return Taken(None, lambda _: self._change_keys(body))
            return Taken(None, lambda _: self._join(body, network))
        return read_offer(Record(body, "body"), self._writer.trust)

    def _check(
        self, offer: Offer, known: Row | None, parts: frozenset[bytes]
    ) -> Submission | Taken:
        """Check what is offered; return what is to be logged, or what has its own way there."""
        if known is not None:
            return self._repeated(offer, known)
        if offer.statement.type in {"handle", "profile"}:
            raise NotAllowed(f"a {offer.statement.type} is part of joining in this version")
        check_new_part(self._database, offer, parts)
        take = self._way_without_key(offer)
        if take is not None:
            return Taken(None, lambda _: take(offer))
        certificate = self._signer(offer).check(offer)
        if self._writer.now() >= certificate.not_after:
            raise NotAllowed("the certificate has expired: renew it")
        check_not_before(offer, self._writer.trust, self._writer.size, self._writer.now())
        check_offer(offer, self._database, self._records, self._writer)
        alone = self._way_alone(offer)
        if alone is not None:
            return Taken(None, lambda _: alone(offer, certificate))
        self._check_quota(offer)
        return submission(offer, certificate.der)

    def _repeated(self, offer: Offer, known: Row) -> Taken:
        """Return the first result of what is published already."""
        if known.payload != offer.envelope.payload:
            raise Conflict(f"another statement stands under id {offer.id}")
        if known.type == "erasure":
            return Taken(None, lambda _: self._erased(offer))
        return Taken(None, lambda _: self._answers.of(offer.id, changed=changed_line(offer)))

    def _send(
        self, checked: Sequence[Submission | Taken | TouchplateError], size: int
    ) -> list[Taken | TouchplateError]:
        """Send what was checked at a size on its way, all at once."""
        submissions = [item for item in checked if isinstance(item, Submission)]
        fates = iter(self._writer.send_each(submissions, lambda x: self._stops.check(x, size)))
        return [
            self._taken(item.id, next(fates)) if isinstance(item, Submission) else item
            for item in checked
        ]

    def _taken(
        self, statement_id: str, fate: Future[None] | TouchplateError
    ) -> Taken | TouchplateError:
        if isinstance(fate, TouchplateError):
            return fate
        return Taken(fate, lambda row: self._answers.of(statement_id, row), statement_id)

    def read_together(self, taken: Sequence[Taken]) -> dict[str, Row]:
        """Wait for statements and return the entries of those that were logged, by their ids."""
        wait([item.logged for item in taken if item.logged is not None])
        ids = [item.id for item in taken if item.id is not None]
        return self._records.all_named(ids, self._sequencer.published.size)

    def finish(self) -> None:
        """Finish joins, changes of keys and erasures that a crash cut off.

        One that is too old waits for its maker.
        """
        with self._alone():
            self._erasures.finish()
        for scid in self._joining.unfinished():
            with self._alone(), contextlib.suppress(NotAllowed):
                self._joining.finish(scid)
        for scid in self._key_changes.unfinished():
            with self._alone(), contextlib.suppress(NotAllowed):
                self._key_changes.finish(scid)

    def _join(self, body: dict[str, Json], network: str) -> Json:
        request = read_request(body, self._writer)
        with self._alone():
            self._joining.start(request, quota_network(network), self._joins_per_day)
            certificate = self._joining.finish(request.log.scid)
        answers = [self._answers.of(item) for item in self._joining.statements(request.log.scid)]
        answers[0]["certificate"] = b64encode(certificate)
        return list(answers)

    def _change_keys(self, body: dict[str, Json]) -> Json:
        change = read_key_change(body, self._writer)
        with self._stops.of(change.log.scid), self._alone():
            self._sequencer.catch_up()  # another process may have been faster
            announced = self.recoveries.announce(
                change, self._signers.current(change.log.scid, self._sequencer.published.size)
            )
            if announced is not None:
                return [self._answers.of(self._records.at(announced).id)]
            self._key_changes.take(change)
        return [self._answers.of(item.id, changed=changed_line(item)) for item in change.offers]

    def _way_without_key(self, offer: Offer) -> Callable[[Offer], Json] | None:
        """Return how to take what is not signed with a current certificate of the person."""
        if offer.statement.type == "enrolment":
            return self._renewed
        return None if named_delegation(offer.statement) is None else self._by_agent

    def _way_alone(self, offer: Offer) -> Callable[[Offer, Certificate], Json] | None:
        """Return how to take what must not come between two others."""
        own = {"delegation": self._delegate, "erasure": self._erase, "veto": self._veto}
        if offer.statement.type in {*own, *revoking.TYPES}:
            return own.get(offer.statement.type, self._revoke)
        changes = offer.statement.type == "withdrawal" or self._replacements.supersedes(offer)
        alone = changes or concerns_enterprise(offer.statement)
        return self._take_alone if alone else None

    def _take_alone(self, offer: Offer, certificate: Certificate) -> Json:
        return self._once(offer, lambda: self._checked_change(offer, certificate.der))

    def _checked_change(self, offer: Offer, certificate: bytes) -> bytes:
        self._enterprises.check(offer, self._writer)
        self._replacements.check(offer, self._sequencer.published.size)
        self._replacements.check_room(offer)
        return certificate

    def _erase(self, offer: Offer, certificate: Certificate) -> Json:
        def check() -> bytes:
            self._erasures.check(offer, self._sequencer.published.size)
            return certificate.der

        return self._once(offer, check) and self._erased(offer)

    def _erased(self, offer: Offer) -> Json:
        """Answer a logged erasure once it is carried out."""
        with self._alone():
            self._erasures.finish()
        return self._answers.of(offer.id)

    def _once(self, offer: Offer, check: Callable[[], bytes]) -> Json:
        """Log what `check` finds a certificate for, with nothing between the two; once."""
        with self._alone():
            self._sequencer.catch_up()
            known = self._answers.known(offer)
            if known is not None:
                return known
            certificate = check()
            self._check_quota(offer)
            self._writer.append([submission(offer, certificate)])
        return self._answers.of(offer.id, changed=changed_line(offer))

    def _delegate(self, offer: Offer, certificate: Certificate) -> Json:
        def check() -> bytes:
            self._check_quota(offer)  # before anything is issued
            self._agents.issue(offer, certificate.point)
            return certificate.der

        return self._once(offer, check)

    def _by_agent(self, offer: Offer) -> Json:
        """One at a time, so that nothing comes between counting its budget and the log."""

        def check() -> bytes:
            check_not_before(offer, self._writer.trust, self._writer.size, self._writer.now())
            return self._checked_change(offer, self._agents.check(offer))

        return self._once(offer, check)

    def _revoke(self, offer: Offer, _certificate: Certificate) -> Json:
        """Take a revocation, a freeze or its end; the signer is looked at again, now alone."""

        def check() -> bytes:
            signer = self._signer(offer)
            certificate = signer.check(offer)
            revoking.prepare(self._database, self._writer, offer, signer)
            return certificate.der

        with self._stops.of(offer.scid):
            return self._once(offer, check)

    def _veto(self, offer: Offer, _certificate: Certificate) -> Json:
        def check() -> bytes:
            self.recoveries.check_veto(offer, self._sequencer.published.size)
            return self._signer(offer).check(offer).der

        return self._once(offer, check)

    def _renewed(self, offer: Offer) -> Json:
        with self._alone():
            if self._answers.known(offer) is None:
                enrol(offer, self._signer(offer), self._writer, self._database)
            return self._answers.of(offer.id)

    def _alone(self) -> AbstractContextManager[None]:
        """One join, renewal or change of the status at a time."""
        return self._database.alone("intake")

    def _signer(self, offer: Offer) -> CurrentSigner:
        """Return the person who is said to sign."""
        return self._signers.current(offer.scid, self._sequencer.published.size)

    def _check_quota(self, offer: Offer) -> None:
        now = self._writer.now()
        self._quotas.check(offer.scid, offer.statement.type, self._sequencer.published.size, now)

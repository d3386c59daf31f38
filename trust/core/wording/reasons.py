"""The catalogue of reasons: for each stable word its sentence, and what would change the answer."""

_TEXTS = {
    "withdrawn": "its signer withdrew it",
    "passkey_not_at_hand": "the statement that registered the passkey is not at hand; a dossier "
    "carries it",
    "superseded": "its signer replaced it by a newer statement",
    "key_revoked": "its key was revoked before this was signed",
    "key_disputed": "it was signed while its key may have been in other hands",
    "key_revoked_later": "its key was revoked after this was signed",
    "frozen": "its signer has frozen everything that is signed in their name",
    "signed_while_frozen": "it was signed while its signer had everything frozen",
    "signer_mismatch": "another person signed it than the one you expected",
    "times_contradict": "a time stamp that you trust is of a time before which, by the registry's "
    "clock, this cannot have been signed: one of the two clocks is wrong",
    "no_status": "no status that covers this entry is at hand; --online asks the registry",
    "status_too_old": "the status at hand is older than you allow; --online brings today's",
    "no_key_history": "the signer's own key history is not at hand; a dossier carries it",
    "key_history_not_logged": "no log entry for the signer's key history is at hand",
    "signer_kind_not_checked": "this kind of signer is not checked by this version",
    "no_delegation": "the delegation under which the agent signed is not at hand; a dossier "
    "carries it",
    "scope_not_at_hand": "the names of the files are not at hand, so that only the registry has "
    "seen whether the agent was allowed to sign for them",
    "review_not_at_hand": "a human was to review what the agent signs, and no review of this is at "
    "hand",
    "no_membership": "the signer's membership in the enterprise is not at hand; a dossier carries "
    "it",
    "not_released": "fewer members of the enterprise than it wants have approved; a newer dossier "
    "carries later approvals",
    "not_a_member": "step 7: somebody on whose membership this rests had left the enterprise",
    "delegation_ended": "step 7: the delegation had been withdrawn when the agent signed",
    "handle_not_at_hand": "the handle you expect cannot be checked without the signer's statement "
    "of it; a dossier carries it",
    "trust_file_expired": "your trust file has expired; `touchplate trust add` brings the newest",
}


def reason_text(word: str) -> str:
    """Return the sentence for a reason; requires a word of the catalogue."""
    return _TEXTS[word]


def what_would_help(words: list[str], public_url: str) -> tuple[str, ...]:
    """Return what the reader could do for another answer, for reasons by their words."""
    actions = {
        "no_status": "--online",
        "status_too_old": "--online",
        "no_key_history": "ask for the dossier instead of the bare bundle",
        "trust_file_expired": add_command(public_url),
    }
    return tuple(dict.fromkeys(actions[word] for word in words if word in actions))


def add_command(public_url: str) -> str:
    """Return the line that pins a registry or brings its newest trust file."""
    return f"touchplate trust add {public_url}"

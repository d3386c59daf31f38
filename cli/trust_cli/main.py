"""The command `touchplate`: finds the module of a verb, runs it, and turns errors into exits.

    0  done                              8  conflict, or a limit was reached
    1  does not hold (`verify`)         70  a fault of ours
    2  usage, or unreadable input       75  the registry does not answer
    3  nothing is recorded             130  interrupted
    7  not allowed

`verify` adds 4, 5 and 6. Only the module of the verb that was asked for is imported. The verbs of
the server are looked for in the installed packages, only when one is asked for or help is printed.
"""

# pathlib would cost a tenth of what `verify` may take to start.

import argparse
import atexit
import gc
import sys
from collections.abc import Callable
from typing import NoReturn, Protocol

from trust.core.errors import (
    Conflict,
    Malformed,
    NotAllowed,
    NotFound,
    TooMany,
    TouchplateError,
    Unavailable,
    VerificationFailed,
)
from trust_cli.output import Output, abandon_stdout, prepare_streams

USAGE, INTERNAL, INTERRUPTED = 2, 70, 130
HELP_WIDTH = 78  # characters
GROUP = "touchplate.commands"  # of entry points
EXTRA = "touchplate[server]"

VERBS = {
    "trust": "pin a registry's trust file, or list what is pinned",
    "join": "become a person at a registry",
    "sign": "sign a file, several files or a directory",
    "push": "deliver what was signed while the registry did not answer",
    "verify": "check files against their dossiers, without the network",
    "show": "say in words what a dossier, an id or a handle is",
    "status": "who you are here, your keys, what waits, which registries are pinned",
    "withdraw": "withdraw a statement of yours",
    "recover": "come back with the recovery key, after you lost every device",
    "recover veto": "refuse a recovery that you did not ask for",
    "recover split": "split the recovery key among guardians",
    "enterprise found": "found a firm of up to five people",
    "enterprise invite": "offer somebody a membership",
    "enterprise join": "accept a membership",
    "enterprise leave": "leave a firm; what you signed before stays yours",
    "enterprise show": "who belongs to a firm",
    "release": "approve of what another member, or your agent, signed",
    "agent new": "let a program sign for you, within limits",
    "agent list": "your agents, what they signed, and what you signed yourself",
    "agent revoke": "end an agent",
    "agent serve-mcp": "let an AI ask for signatures of an agent",
    "key list": "every key that you signed with, and what became of it",
    "key add": "a second device",
    "key rotate": "new keys for this device",
    "key lost": "a device of yours is gone, and its key with it",
    "key revoke": "take a key of yours out of use, and say why",
    "freeze": "stop everything that is signed in your name, for now",
    "unfreeze": "lift a freeze of this device",
    "erase": "have the names and words of what you signed erased",
    "qr": "the QR code of a page",
    "timestamp": "have somebody else date a dossier's signature",
    "log monitor": "follow a log from outside, and report what does not hold",
    "log proof": "write the proof that an entry is in the log",
}
SERVER_VERBS = {
    "demo": "the whole job on this machine",
    "serve": "run a registry on this machine",
    "admin": "back up and restore a registry, take down words, rotate keys",
    "signer": "hold a registry's private keys in a process of their own",
    "witness": "cosign the checkpoints of other people's logs",
    "log fsck": "verify everything that a registry has, from its entries up",
}
_EXITS: tuple[tuple[type[TouchplateError], str, int], ...] = (
    (Malformed, "USAGE", USAGE),
    (VerificationFailed, "INVALID", 1),
    (NotFound, "NOT FOUND", 3),
    (NotAllowed, "NOT ALLOWED", 7),
    (Conflict, "CONFLICT", 8),
    (TooMany, "TRY LATER", 8),
    (Unavailable, "UNAVAILABLE", 75),
)


class Verb(Protocol):
    """A module that is a verb."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the options, and the description that help prints."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit status or raise."""


class Parser(argparse.ArgumentParser):
    """Ends with one line that names the value and what was expected; as wide as the manual."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog=prog, formatter_class=_formatter, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Print the usage and raise, so that `--json` gets its object too."""
        self.print_usage(sys.stderr)
        raise Malformed(message)


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Asking the terminal for its width would import `shutil`, for `verify` as for help."""
    return argparse.HelpFormatter(prog, width=HELP_WIDTH)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    if argv is None:
        _collect_no_garbage()
    prepare_streams()
    arguments = sys.argv[1:] if argv is None else argv
    output = Output(json="--json" in arguments)
    return _guarded(lambda: _run(arguments), output)


def _collect_no_garbage() -> None:
    """A command lives for moments: searching it for cycles took a tenth of the CPU of `verify`."""
    gc.disable()
    atexit.register(gc.freeze)


def verb_parser(verb: str) -> argparse.ArgumentParser:
    """Return the parser of a verb of this package or of the server."""
    parser = Parser(f"touchplate {verb}")
    _find(verb).add_arguments(parser)
    if verb in VERBS:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object on standard output"
        )
    return parser


def overview() -> str:
    """Return what `touchplate --help` prints."""
    width = max(map(len, (*VERBS, *SERVER_VERBS)))
    lines = [
        "usage: touchplate VERB ...",
        "",
        "Links what you deliver to the person behind it.",
        "",
    ]
    lines += [f"  {verb:<{width}}  {text}" for verb, text in VERBS.items()]
    missing = sorted(set(SERVER_VERBS) - set(_server_verbs()))
    lines += ["", f"with the server ({EXTRA}):" if missing else "of the server:"]
    lines += [f"  {verb:<{width}}  {text}" for verb, text in SERVER_VERBS.items()]
    return "\n".join([*lines, "", "touchplate VERB --help says more about one of them.", ""])


def _run(arguments: list[str]) -> int:
    verb, rest = _split(arguments)
    if verb in {"-h", "--help", "help"}:
        sys.stdout.write(overview())
        return 0 if arguments else USAGE
    if verb == "--version":
        from importlib.metadata import version  # noqa: PLC0415 - 10 ms that `verify` has not

        sys.stdout.write(f"touchplate {version('touchplate')}\n")
        return 0
    args = verb_parser(verb).parse_args(rest)
    return _find(verb).run(args)


def _split(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the verb, which has one word or two, and what follows it; of nothing, `--help`."""
    for words in (2, 1):
        verb = " ".join(arguments[:words])
        if verb in VERBS or verb in SERVER_VERBS:
            return verb, arguments[words:]
    return (arguments or ["--help"])[0], arguments[1:]


def _find(verb: str) -> Verb:
    """Import the module of a verb; raise Malformed for one that is not there."""
    import importlib  # noqa: PLC0415

    if verb in VERBS:
        module: Verb = importlib.import_module(
            f"trust_cli.{verb.replace(' ', '_').replace('-', '_')}"
        )
        return module
    if verb in SERVER_VERBS:
        return _find_server_verb(verb)
    every = (*VERBS, *SERVER_VERBS)
    known = ", ".join([item for item in every if item.startswith(f"{verb} ")] or every)
    raise Malformed(f"{verb[:60]!r} is no verb, expected one of {known}")


def _find_server_verb(verb: str) -> Verb:
    gc.enable()  # a server lives long
    load = _server_verbs().get(verb)
    if load is not None:
        try:
            return load()
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("trust"):
                raise
    raise Malformed(f"{verb!r} needs the server: pip install '{EXTRA}'")


def _server_verbs() -> dict[str, Callable[[], Verb]]:
    from importlib.metadata import entry_points  # noqa: PLC0415

    return {item.name.replace("-", " "): item.load for item in entry_points(group=GROUP)}


def _guarded(command: Callable[[], int], output: Output) -> int:
    """Run a command and answer every error with a line and an exit; none ends as success."""
    try:
        status = command()
        sys.stdout.flush()
    except TouchplateError as error:
        return _refused(error, output)
    except KeyboardInterrupt:
        output.failure("INTERRUPTED", "nothing more was done", INTERRUPTED)
        return INTERRUPTED
    except BrokenPipeError:
        abandon_stdout()
        return USAGE
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        message = what if error.filename is None else f"{error.filename}: {what}"
        output.failure("USAGE", message, USAGE)
        return USAGE
    except Exception as error:  # noqa: BLE001 - the outermost frame: a fault of ours is exit 70
        _report(error, output)
        return INTERNAL
    return status


def _refused(error: TouchplateError, output: Output) -> int:
    label, status = next(
        (label, status) for kind, label, status in _EXITS if isinstance(error, kind)
    )
    message = str(error)
    if isinstance(error, TooMany) and error.retry_after:
        message = f"in {error.retry_after} s: {message}"
    output.failure(label, message, status)
    return status


def _report(error: Exception, output: Output) -> None:
    """Say where our fault is, in rows, and give it an id that is the same each time."""
    import hashlib  # noqa: PLC0415
    import os  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    frames = [
        f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    for frame in frames[-8:]:
        output.note("at", frame)
    output.note("error", f"{type(error).__name__}: {error}")
    name = hashlib.sha256("\n".join([type(error).__name__, *frames]).encode()).hexdigest()[:12]
    output.failure("INTERNAL ERROR", f"please report {name} with the lines above", INTERNAL)


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: what verifying and signing cost, as ratios against a peer in the same run.

Prints a table and writes build/bench.json: figure name -> {"value", "unit"}. Nothing is asserted.
"""

import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from world import World

from trust.core.canonical import canonical

ROOT = Path(__file__).resolve().parents[2]
TOUCHPLATE = str(Path(sys.executable).parent / "touchplate")
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
RUNS = 9
CLIENTS = 32
STATEMENTS = 640
BIG = 4 * 2**30  # bytes
START_SECONDS = 0.5  # taken off `sign`: start of the interpreter and argon2id


def cpu(commands: dict[str, list[str]], environment: dict[str, str]) -> dict[str, float]:
    """Return the median CPU seconds, user and system, of each command; they run in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, env=environment, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            seconds[name].append(used)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def wall(command: list[str], environment: dict[str, str]) -> float:
    """Return the wall seconds of one run."""
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def prepare(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Run the demonstration in a folder; return its environment and its verify command."""
    done = subprocess.run(
        [TOUCHPLATE, "demo", "--once"], cwd=folder, check=True, capture_output=True, text=True
    )
    home = folder / "touchplate-demo" / "home"
    verify = [
        TOUCHPLATE,
        "verify",
        str(folder / "touchplate-demo" / "poem.txt"),
        "--signer",
        "@ana",
    ]
    assert str(home) in done.stdout.splitlines()[-1]
    # Without bytecode each start compiles everything: not what an installed command does.
    kept = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    return {**kept, "TOUCHPLATE_HOME": str(home)}, verify


def sigstore_command(folder: Path, environment: dict[str, str]) -> list[str] | None:
    """Return the stock `sigstore verify` of the same file, if it is installed."""
    client = ROOT / ".venv-interop" / "bin" / "sigstore"
    if not client.exists():
        print("verify_vs_sigstore skipped: no .venv-interop (make interop)")
        return None
    demo = folder / "touchplate-demo"
    dossier = json.loads((demo / "poem.txt.touchplate.json").read_bytes())
    (folder / "bundle.json").write_bytes(canonical(dossier["bundle"]))
    listed = subprocess.run(
        [TOUCHPLATE, "trust", "list", "--sigstore"],
        env=environment,
        check=True,
        capture_output=True,
    )
    (folder / "config.json").write_bytes(listed.stdout)
    shown = subprocess.run(
        [TOUCHPLATE, "show", str(demo / "poem.txt.touchplate.json"), "--json"],
        env=environment,
        check=True,
        capture_output=True,
    )
    signer = json.loads(shown.stdout)["signer"]
    url = f"http://{signer['registry']}"
    command = [str(client), "--trust-config", str(folder / "config.json"), "verify", "identity"]
    command += ["--offline", "--bundle", str(folder / "bundle.json")]
    command += ["--cert-identity", f"{url}/p/{signer['scid']}", "--cert-oidc-issuer", url]
    return [*command, str(demo / "poem.txt")]


def verifying(
    folder: Path, environment: dict[str, str], verify: list[str]
) -> dict[str, tuple[float, str]]:
    """Measure `touchplate verify` against a bare interpreter and against stock sigstore."""
    commands = {"pass": [sys.executable, "-c", "pass"], "touchplate": verify}
    peer = sigstore_command(folder, environment)
    if peer is not None:
        commands["sigstore"] = peer
    seconds = cpu(commands, environment)
    for name, taken in seconds.items():
        print(f"CPU of {name:12} {taken * 1000:8.1f} ms")
    mine = seconds["touchplate"]
    figures = {"verify_cpu_ratio": (mine / seconds["pass"], "ratio, at most 10")}
    if peer is not None:
        figures["verify_vs_sigstore"] = (mine / seconds["sigstore"], "ratio, at most 0.2")
    return figures


def signing(folder: Path, environment: dict[str, str]) -> dict[str, tuple[float, str]]:
    """Measure `sign --offline` of 4 GiB against openssl on the same file."""
    if shutil.which("openssl") is None:
        print("sign_hash_ratio skipped: no openssl on this machine")
        return {}
    big = folder / "big.bin"
    with big.open("wb") as file:
        file.truncate(BIG)
    wall(["openssl", "dgst", "-sha256", str(big)], environment)
    peer = wall(["openssl", "dgst", "-sha256", str(big)], environment)
    passphrase = str(folder / "touchplate-demo" / "passphrase")
    command = [TOUCHPLATE, "sign", str(big), "--offline", "--passphrase-file", passphrase]
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    start = time.perf_counter()
    peak = subprocess.run(
        [sys.executable, "-c", script, *command],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    return {
        "sign_hash_ratio": ((seconds - START_SECONDS) / peer, "ratio, at most 1.15"),
        "sign_peak_mib": (float(peak.stdout), "MiB, at most 200"),
    }


def acknowledged(folder: Path) -> float:
    """Return statements per second that 32 clients get acknowledged, in this process."""
    world = World(folder)
    ana = world.join("ana")
    bodies = [
        ana.prepare({"a.bin": hashlib.sha256(b"%d" % number).digest()}).to_json()
        for number in range(STATEMENTS)
    ]

    def client(mine: list[dict[str, object]]) -> None:
        for body in mine:
            world.registry.submit(body, "")  # type: ignore[arg-type]

    threads = [
        threading.Thread(target=client, args=(bodies[place::CLIENTS],)) for place in range(CLIENTS)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    world.close()
    return STATEMENTS / seconds


def main() -> None:
    """Measure everything, print the table, write the file."""
    figures: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment, verify = prepare(folder)
        figures |= verifying(folder, environment, verify)
        figures |= signing(folder, environment)
        figures["acknowledged_per_s"] = (acknowledged(folder / "load"), "statements/s, 32 clients")
    for figure, (value, unit) in figures.items():
        print(f"{figure:24} {value:10.2f}  {unit}")
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    document = {figure: {"value": value, "unit": unit} for figure, (value, unit) in figures.items()}
    (build / "bench.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Runs the commands of docs/operations.md, and compares what they print with what the page says.

A block of the page that begins with ```console has commands, each behind "$ ", and what they print. They run in order, in
one folder, against real servers that some of them start; "&" at the end of a command leaves it running, until it
has printed as many lines as the page shows. What differs from run to run is no difference: numbers, also those of keys
(#0123456789abcdef), units, and how wide columns are. A line "..." stands for any lines. The servers have the ports of the page.

    stories.py PAGE VENICE EMOJI [--write]     with --write the page gets what was printed, where that is another
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

# How long one command may take. None takes a second on an idle machine.
PATIENCE = 120
KEY = re.compile(r"#[0-9a-f]{16}\b")
NUMBER = re.compile(r"\d[\d,._:TZ-]*")
UNIT = re.compile(r"# ?(ns|us|µs|ms|s|min|h|d|B|KiB|MiB|GiB|%)\b")
RULES = re.compile(r"[-─═]{2,}")


def blocks(text):
    """The text in pieces: those outside of console blocks as they are, those inside as lists of (command, lines)."""
    pieces, outside, inside = [], [], None
    for line in text.split("\n"):
        if inside is None:
            outside.append(line)
            if line == "```console":
                pieces.append("\n".join(outside))
                outside, inside = [], []
        elif line == "```":
            pieces.append(inside)
            outside, inside = [line], None
        elif line.startswith("$ "):
            inside.append((line[2:], []))
        elif inside and inside[-1][0].endswith("\\"):
            inside[-1] = (inside[-1][0] + "\n" + line, [])
        elif not inside:
            raise SystemExit(f"a console block begins with what is no command: {line!r}")
        else:
            inside[-1][1].append(line)
    pieces.append("\n".join(outside))
    return pieces


def shape(line):
    """What of a line is the same in every run."""
    line = UNIT.sub("#", NUMBER.sub("#", KEY.sub("#", line)))
    return RULES.sub("-", re.sub(r"\s+", " ", line)).strip()


def alike(expected, printed):
    """Whether lines are alike, where "..." stands for any."""
    if not expected:
        return not printed
    if expected[0].strip() == "...":
        return any(alike(expected[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and shape(expected[0]) == shape(printed[0]) and alike(expected[1:], printed[1:])


class Run:
    """One run of the page: a folder, and what was left running."""

    def __init__(self, folder, venice, emoji):
        self.folder = folder
        self.running = []
        (folder / "bin").mkdir()
        (folder / "bin" / "venice").symlink_to(venice)
        (folder / "emoji.avro").symlink_to(emoji)
        self.environment = {
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "160",
        }

    def command(self, words, lines):
        """What a command prints, standard error included; and its exit code, if it is not 0."""
        options = {"cwd": self.folder, "env": self.environment, "stderr": subprocess.STDOUT}
        if words.endswith("&"):
            return self.left_running(words[:-1].strip(), lines, options)
        done = subprocess.run(["bash", "-c", words], stdout=subprocess.PIPE, timeout=PATIENCE, **options)
        printed = done.stdout.decode().replace(str(self.folder), "~").rstrip("\n")
        printed = printed.split("\n") if printed else []
        return printed + ([f"(exit code {done.returncode})"] if done.returncode else [])

    def left_running(self, words, lines, options):
        log = self.folder / f"{len(self.running)}.log"
        with log.open("wb") as out:
            self.running.append(subprocess.Popen(["bash", "-c", f"exec {words}"], stdout=out, **options))
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.running[-1].poll() is None:
            # A server may say at its start what is bad for it on this machine: that is another on each.
            printed = [line for line in log.read_text().split("\n")[:-1] if "the machine of the read server" not in line]
            if len(printed) >= max(1, lines):
                return printed
            time.sleep(0.05)
        raise SystemExit(f"{words} ended or hung:\n{log.read_text()}")

    def end(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(PATIENCE)


def main():
    page, venice, emoji = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    write = "--write" in sys.argv[4:]
    pieces, wrong, commands = blocks(page.read_text()), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        run = Run(pathlib.Path(folder).resolve(), venice, emoji)
        try:
            for piece in pieces:
                if isinstance(piece, str):
                    continue
                for at, (words, lines) in enumerate(piece):
                    printed, commands = run.command(words, len(lines)), commands + 1
                    if write and not alike(lines, printed):
                        piece[at] = (words, printed)
                    elif write:
                        continue
                    elif not alike(lines, printed):
                        wrong += 1
                        print(f"$ {words}\n--- the page says:", *lines, "--- it printed:", *printed, "", sep="\n")
        finally:
            run.end()
    if write:
        text = ""
        for piece in pieces:
            if isinstance(piece, str):
                text += piece + "\n"
            else:
                text += "".join(f"$ {words}\n" + "".join(f"{line}\n" for line in lines) for words, lines in piece)
        page.write_text(text.rstrip("\n") + "\n")
    print(f"{commands} commands, {wrong} differ")
    sys.exit(1 if wrong or not commands else 0)


main()

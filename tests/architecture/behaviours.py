"""Says which behaviours ARCHITECTURE.md does not lead to.

    behaviours.py ARCHITECTURE.md ROOT     ROOT is the folder that has rust/

The table below "Where a behaviour is" takes a newcomer to each behaviour in two steps: the row, and the file that it
names. A row names files and folders by their paths below ROOT, which must be there, and what to look for in them, which
must stand in one of these files. Both are in backticks; a path has a slash.
"""

import pathlib
import re
import sys

SECTION = "## Where a behaviour is"
# The table never gets shorter than what newcomers were promised.
MIN_ROWS = 12


def rows(text):
    """The rows of the table: the behaviour, and the words in backticks behind it."""
    if SECTION not in text:
        return []
    section = text.split(SECTION, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return [(cell[0], re.findall(r"`([^`]+)`", cell[1])) for cell in cells]


def faults(text, root):
    """What is wrong with the table, in words."""
    found = []
    table = rows(text)
    if len(table) < MIN_ROWS:
        found.append(f"{len(table)} behaviours, of at least {MIN_ROWS}")
    for behaviour, words in table:
        paths = [root / word for word in words if "/" in word]
        found += [f"{behaviour}: {path.relative_to(root)} is not there" for path in paths if not path.exists()]
        files = [path.read_text() for path in paths if path.is_file()]
        if not paths:
            found.append(f"{behaviour}: no file is named")
        for word in words:
            if "/" not in word and files and not any(re.search(rf"\b{re.escape(word)}\b", file) for file in files):
                found.append(f"{behaviour}: none of its files has {word}")
    return found


def main(architecture, root):
    found = faults(pathlib.Path(architecture).read_text(), pathlib.Path(root))
    print("\n".join(found))
    print(f"{len(found)} faults")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

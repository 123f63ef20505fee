"""Counts tests: `count_tests.py BAZEL_TESTLOGS BAZEL_LOG CARGO_LOG FAILED_STEPS`.

A JUnit test counts by its test cases, a Rust test by libtest's results, any other Bazel test as one. A step of CI that
failed without a failed test (a lint) counts as one failure, so that the line can never look green then, and so does each
action that Bazel could not do, whose tests have no report. Why actions failed, and what the failed tests printed last, stands before the line with the sums. Exits with 1 unless all passed.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

FAILURE_LINES = 30

LIBTEST = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed;", re.MULTILINE)
LIBTEST_FAILURES = re.compile(r"^failures:\n\n(----.*?)^test result: FAILED", re.MULTILINE | re.DOTALL)

BUILD_FAILURES = re.compile(r"^(ERROR: /\S+:\d+:\d+: .*?)(?=^(?:ERROR: |INFO: |FAIL: |WARNING: |\[|//)|\Z)", re.MULTILINE | re.DOTALL)


def libtest_counts(text):
    """Sums the results that Rust's test harness printed, or None if it printed none."""
    found = LIBTEST.findall(text)
    if not found:
        return None
    return sum(int(passed) for passed, _ in found), sum(int(failed) for _, failed in found)


def bazel_counts(folder):
    """Returns passed and failed of one Bazel test."""
    log = folder / "test.log"
    counts = libtest_counts(log.read_text(errors="replace")) if log.exists() else None
    if counts:
        return counts
    failed = passed = 0
    for case in ElementTree.parse(folder / "test.xml").getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is None:
            passed += 1
    return passed, failed


def why_failed(folder):
    """Returns what a reader needs first: a JUnit test's failures, else the end of what the test printed."""
    failures = []
    for case in ElementTree.parse(folder / "test.xml").getroot().iter("testcase"):
        for failure in case.findall("failure") + case.findall("error"):
            text = (failure.text or failure.get("message") or "").strip()
            failures.append("{}: {}".format(case.get("name"), "\n".join(text.splitlines()[:FAILURE_LINES])))
    log = folder / "test.log"
    if log.exists():
        failures.append("\n".join(log.read_text(errors="replace").splitlines()[-FAILURE_LINES:]))
    return "\n".join(failures)


def why_not_built(text):
    """Returns the beginning of what each failed action of Bazel printed."""
    return ["\n".join(found.splitlines()[:FAILURE_LINES]) for found in BUILD_FAILURES.findall(text)]


def why_cargo_failed(text):
    """Returns the beginning of what each failed program of tests says of its failures."""
    return ["\n".join(found.splitlines()[:FAILURE_LINES]) for found in LIBTEST_FAILURES.findall(text)]


def main():
    testlogs, bazel_log, cargo_log = (pathlib.Path(path) for path in sys.argv[1:4])
    failed_steps = int(sys.argv[4])
    passed = failed = 0
    reasons = []
    for report in sorted(testlogs.rglob("test.xml")):
        counts = bazel_counts(report.parent)
        print("{:5d} passed, {:d} failed  //{}".format(*counts, report.parent.relative_to(testlogs)))
        passed += counts[0]
        failed += counts[1]
        if counts[1]:
            reasons.append("== //{}\n{}".format(report.parent.relative_to(testlogs), why_failed(report.parent)))
    not_built = why_not_built(bazel_log.read_text(errors="replace")) if bazel_log.exists() else []
    failed += len(not_built)
    reasons += ["== not built\n" + why for why in not_built]
    cargo_text = cargo_log.read_text(errors="replace") if cargo_log.exists() else ""
    cargo = libtest_counts(cargo_text)
    if cargo:
        print("{:5d} passed, {:d} failed  cargo test".format(*cargo))
        passed += cargo[0]
        failed += cargo[1]
        reasons += ["== cargo test\n" + why for why in why_cargo_failed(cargo_text)]
    if failed_steps and not failed:
        failed = failed_steps
    for reason in reasons:
        print(reason)
    print("{} passed, {} failed".format(passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()

"""Runs one file of tests by the project's own unittest, and writes a line of JSON for each. Standard library only.

python unittest_report.py REPORT FILE
"""

import json
import os
import sys
import traceback
import unittest


class Reporter(unittest.TestResult):
    """Collects outcomes by ``Class::name``; of a test with subtests the worst counts."""

    def __init__(self):
        super().__init__()
        self.told = {}
        self.every = []

    def _tell(self, test, outcome, error=None, message=""):
        stack = ""
        if error is not None:
            message = "".join(traceback.format_exception_only(error[0], error[1])).strip()
            frames = traceback.extract_tb(error[2])
            stack = "\n".join(
                f"{frame.filename}:{frame.lineno}" for frame in reversed(frames) if not _is_unittest(frame)
            )
        case = getattr(test, "test_case", test)
        if type(case).__name__ in ("_FailedTest", "ModuleSkipped"):
            # The loader's own stand-ins for a file that could not be loaded, or did not want to be.
            self.told[""] = {"name": "", "outcome": "skipped" if outcome == "skipped" else "load-error"}
            self.told[""]["message"] = message.strip().splitlines()[-1] if message.strip() else ""
            return
        name = f"{type(case).__qualname__}::{getattr(case, '_testMethodName', case.id())}"
        if name.startswith("_ErrorHolder::"):
            # Setting up or tearing down a class or the module: it is the error of every test that it is for.
            of = case.id().partition("(")[2].rstrip(")")
            for each in self.every:
                if of in (type(each).__module__, f"{type(each).__module__}.{type(each).__qualname__}"):
                    self._tell(each, outcome, message=message)
            return
        before = self.told.get(name)
        if before is None or before["outcome"] in ("passed", "skipped"):
            self.told[name] = {"name": name, "outcome": outcome, "message": message, "stack": stack}

    def addSuccess(self, test):
        self._tell(test, "passed")

    def addFailure(self, test, err):
        self._tell(test, "failed", err)

    def addError(self, test, err):
        self._tell(test, "error", err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._tell(subtest, "failed" if issubclass(err[0], test.failureException) else "error", err)

    def addSkip(self, test, reason):
        self._tell(test, "skipped", message=reason)

    def addExpectedFailure(self, test, err):
        self._tell(test, "skipped", message="expected to fail")

    def addUnexpectedSuccess(self, test):
        self._tell(test, "failed", message="expected to fail, and passed")

    def wasSuccessful(self):
        return all(each["outcome"] in ("passed", "skipped") for each in self.told.values())


def _flat(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from _flat(each)
        else:
            yield each


def _is_unittest(frame):
    return os.sep + "unittest" + os.sep in frame.filename


def main(report, file):
    sys.path.insert(0, os.getcwd())
    # As `python -m unittest FILE` does, so that a test's imports of its neighbours work.
    module = file[: -len(".py")].replace("/", ".")
    result = Reporter()
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    result.every = list(_flat(suite))
    suite.run(result)
    with open(report, "w", encoding="utf-8", errors="backslashreplace") as lines:
        for told in result.told.values():
            lines.write(json.dumps(told) + "\n")
        lines.write('{"end": true}\n')
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""What the subject of a commit reads like: a fix, housekeeping of the release itself, or something else.

Words are the weakest signal of the three (alone they were right about every other time), so that they only ever
confirm what cadence and narrowness have shown.
"""

import re

_HOUSEKEEPING = re.compile(
    r"""
      ^\W*(?:chore|build|ci|docs?)?(?:\(.*?\))?:?\s*
      (?:release\b(?!\s+(?:the|a|an|any|all|its|locks?|memory|resources?|connections?|handles?)\b)|(?:prepare|cut|tag|publish|finali[sz]e)\b.*\b(?:release|version|v?\d+\.\d+)
        |(?:bump|updat|set|increment|chang)\w*\b.*\bversions?\b(?!.*\bto\s+support)|bump(?:ed|s)?\s+(?:to\s+)?v?\d+\.\d+
        |(?:post|pre)[- ]release\b|prep\w*\s+(?:for\s+)?v?\d+\.\d+|back\s+to\s+dev|(?:begin|start)\s+(?:development|v?\d)
        |version\s+(?:bump|v?\d)|v?\d+\.\d+(?:\.\d+)*\S*\s*$|v?\d+\.\d+\.\d+\s+release)
    | ^\[maven-release-plugin\]
    | \b(?:change-?log|release[ ]notes|translations?|l10n|i18n|weblate|transifex|contributors)\b
    | ^\W*(?:update|bump)\s+(?:copyright|license\s+year)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FIX = re.compile(
    r"""
      \b(?:hot-?)?fix(?:e[sd]|ing)?\b | \bbug(?:s|fix(?:es)?)?\b | ^\W*\[?(?:bug|hot)?fix | \brevert(?:s|ed|ing)?\b
    | \bregress(?:ion|ions|ed)?\b | \bcrash(?:es|ed|ing)?\b | \bbroken\b | \bbreak(?:s|ing)\b(?!\s+change)
    | \bsecurity\b | \bCVE-\d{4} | \bGHSA- | \bvulnerab | \bXSS\b | \bCSRF\b | \binjection\b
    | \b(?:correct(?:s|ed|ly)?|repair(?:s|ed)?|restore[sd]?|prevent(?:s|ed)?|avoid(?:s|ed)?)\b
    | \b(?:do|does|should|must)(?:n't|\s+not)\b | \bno\s+longer\b | \bwork-?around\b | \b(?:memory\s+)?leaks?\b
    | \bdead-?lock | \brace\s+condition | \b(?:in)?correct\b | \bwrong(?:ly)?\b | \bmissing\b
    | \berrors?\b | \bfail(?:s|ed|ure|ures|ing)\b
    | \bundo(?:es)?\b | \broll(?:ed)?[- ]?back\b | \bpatch(?:es|ed)?\s+(?:for|security)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NO_FIX = re.compile(
    r"""
      ^\W*(?:feat(?:ure)?|refactor|docs?|chore|ci|tests?|style|perf|build|deps)\b\W*(?:\(.*?\))?!?[\]:]
    | \bfix(?:e[sd])?\s+(?:the\s+|a\s+|some\s+|up\s+)*(?:typos?|lint\w*|flak\w+|tests?|docs?|documentation|comments?|ci|builds?|
        style|format\w*|spelling|grammar|read-?me|types?|mypy|eslint|e2e|links?|pipelines?|workflows?|code\s*style|cs|phpdoc|whitespace|white\s+space)\b
    | ^\W*(?:bump|upgrade|update)\b.*\bto\b | ^\W*(?:add|introduce|implement|support|allow|enable)(?:s|ed)?\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_IN_BODY = re.compile(
    r"\bfix(?:es|ed)?:?\s+(?:\S+/\S+)?#\d+|\bregress(?:ion|ions|ed)\b|\bcrash(?:es|ed)?\b|\bpanics?\b|\bCVE-\d{4}|\bGHSA-",
    re.IGNORECASE,
)
"""What a body says only of a defect; a mere word such as "error" is in many."""
_SECURITY = re.compile(r"\bsecurity\b|\bCVE-\d{4}|\bGHSA-", re.IGNORECASE)
_PICKED = re.compile(r"^\(cherry picked from commit [0-9a-f]{7,64}\)", re.MULTILINE)


def is_housekeeping(subject: str) -> bool:
    """Whether it is about the release itself: a version, a changelog, translations."""
    return _HOUSEKEEPING.search(subject) is not None


def reads_as_fix(message: str) -> bool:
    """Whether it says that something was wrong and is not any more: the subject does, or the body names a defect."""
    subject, _, body = message.partition("\n")
    if _SECURITY.search(subject):
        return True
    if _NO_FIX.search(subject):
        return False
    return _FIX.search(subject) is not None or _IN_BODY.search(body) is not None


def reads_as_no_fix(message: str) -> bool:
    """Whether it says that it is something else: a feature, a dependency, the documentation."""
    subject = message.partition("\n")[0]
    return _SECURITY.search(subject) is None and _NO_FIX.search(subject) is not None


def reverts(subject: str) -> bool:
    """Whether it takes back another commit."""
    return re.match(r"^\W*revert\b", subject, re.IGNORECASE) is not None


def is_picked(message: str) -> bool:
    """Whether the message has the trailer of ``git cherry-pick -x``."""
    return _PICKED.search(message) is not None

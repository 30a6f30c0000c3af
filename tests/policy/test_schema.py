"""What ``hotfix.toml`` may say, and what is answered to everything else: a finding with its line.

In the texts here the line that the finding must name is marked ``# here``.
"""

import re

import pytest

from hotfix.policy import rules, schema
from hotfix.record.finding import Finding, Refused

ONE_SERVICE = """\
version = 1
service = "shop"

[deciders]
seniors = ["sana@example.com"]

[target.hosts]
kind = "release-dir"
observe = "/release"
restart = ["systemctl", "restart", "shop"]

[check.answers]
kind = "http"
path = "/health"

[env.production]
target = "hosts"
guards = ["answers"]
units.shop-1 = { root = "/srv/shop", url = "http://127.0.0.1:8000" }
"""


def parsed(text: str) -> rules.Rules:
    return schema.parse(text.encode(), "hotfix.toml")


def findings(raw: bytes) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as caught:
        schema.parse(raw, "hotfix.toml")
    return caught.value.findings


def refused(old: str, new: str) -> str:
    """What is said where `old` reads `new` instead; it must name the marked line, and only that."""
    assert ONE_SERVICE.count(old) == 1
    text = ONE_SERVICE.replace(old, new)
    [marked] = [number for number, line in enumerate(text.split("\n"), start=1) if line.endswith("# here")]
    [finding] = findings(text.encode())
    said = re.match(
        r"hotfix\.toml:(\d+): |hotfix\.toml is not valid TOML: .*\(at line (\d+), ", finding.sentence
    )
    assert said is not None, f"no line in: {finding.sentence}"
    assert int(said.group(1) or said.group(2)) == marked, finding.sentence
    assert finding.next == "edit hotfix.toml on trunk, then: hotfix doctor"
    return finding.sentence


def test_one_service_and_one_environment_fit_in_twenty_lines() -> None:
    assert len(ONE_SERVICE.splitlines()) <= 20
    one = parsed(ONE_SERVICE)
    assert one.service == "shop"
    assert one.environments["production"].units == (
        rules.Unit("shop-1", "/srv/shop", "http://127.0.0.1:8000"),
    )


def test_what_is_not_written_has_the_documented_default() -> None:
    one = parsed(ONE_SERVICE)
    assert one.limits == rules.Limits(files=3, lines=35, max_files=10, max_lines=250)
    assert one.budget == rules.Budget(detection_to_deployment=2 * 3600, way_back=5 * 60)
    assert one.authorize == rules.Authorization(seniors=1, valid=12 * 3600)
    assert one.environments["production"].window == 15 * 60
    assert one.record_branch == "hotfix-record"
    assert not one.solo


def test_durations_are_seconds_once_read() -> None:
    text = ONE_SERVICE.replace('target = "hosts"', 'target = "hosts"\nwindow = "1.5h"\ninterval = "250ms"')
    production = parsed(text).environments["production"]
    assert (production.window, production.interval) == (5400.0, 0.25)


def test_without_waves_one_unit_goes_first_and_then_the_rest() -> None:
    text = ONE_SERVICE + 'units.shop-2 = { root = "/srv/b" }\nunits.shop-3 = { root = "/srv/c" }\n'
    assert parsed(text).environments["production"].waves == (("shop-1",), ("shop-2", "shop-3"))
    assert parsed(ONE_SERVICE).environments["production"].waves == (("shop-1",),)


# -- the file itself ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    [finding] = findings(text.encode())
    assert (finding.code, finding.sentence) == ("policy-empty", "hotfix.toml is empty.")
    assert "hotfix init" in finding.next


def test_a_file_that_is_not_utf8_is_refused_with_its_line() -> None:
    [finding] = findings(ONE_SERVICE.encode() + b'[limits]\nfiles = "\xff"\n')
    assert finding.code == "policy-unreadable"
    assert finding.sentence.startswith(f"hotfix.toml:{len(ONE_SERVICE.splitlines()) + 2}: not UTF-8")
    assert finding.next


def test_broken_toml_is_refused_with_its_line() -> None:
    assert "not valid TOML" in refused('seniors = ["sana@example.com"]', "seniors = [,] # here")


def test_every_fault_is_named_at_once() -> None:
    text = ONE_SERVICE.replace("guards =", "guard =").replace("version = 1", "version = 2")
    said = [finding.sentence.split(": ")[:2] for finding in findings(text.encode())]
    assert said == [["hotfix.toml:1", "version"], ["hotfix.toml:18", "env.production.guard"]]


# -- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('service = "shop"', 'service = "shop"\nsevice = "typo" # here', "sevice"),
        ("[deciders]", "[limit] # here\nfiles = 3\n[deciders]", "limit"),
        ("[deciders]", "[limits]\nfile = 3 # here\n[deciders]", "limits.file"),
        ("[deciders]", "limits.file = 3 # here\n[deciders]", "limits.file"),
        ('path = "/health"', 'path = "/health"\nexpect = 200 # here', "check.answers.expect"),
        ('guards = ["answers"]', 'guard = ["answers"] # here', "env.production.guard"),
        (
            '"http://127.0.0.1:8000" }',
            '"http://127.0.0.1:8000", port = 1 } # here',
            "env.production.units.shop-1.port",
        ),
    ],
)
def test_an_unknown_key_is_refused_never_ignored(old: str, new: str, key: str) -> None:
    assert f": {key}: unknown key" in refused(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('service = "shop"', 'service = "shop"\nservice = "shop" # here'),
        ("[env.production]", "[check.answers] # here\n[env.production]"),
        ('guards = ["answers"]', 'guards = ["answers"]\nguards = [] # here'),
    ],
)
def test_a_duplicate_key_is_refused_never_overwritten(old: str, new: str) -> None:
    refused(old, new)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('[env.production]\ntarget = "hosts"', "[env.production] # here", "env.production.target"),
        ('[target.hosts]\nkind = "release-dir"', "[target.hosts] # here", "target.hosts.kind"),
        ("[deciders]", "[build] # here\n[deciders]", "build.run"),
    ],
)
def test_a_missing_key_names_the_table_that_lacks_it(old: str, new: str, key: str) -> None:
    assert f": {key}: missing" in refused(old, new)


def test_a_missing_key_of_a_table_without_a_header_names_the_nearest_line() -> None:
    old = ONE_SERVICE[ONE_SERVICE.index("[env.production]") :]
    assert ": env.production.target: missing" in refused(
        old, '[env.production.units.shop-1] # here\nroot = "/srv"\n'
    )


@pytest.mark.parametrize("key", ["version", "service"])
def test_a_missing_key_of_the_file_is_named_though_no_line_lacks_it(key: str) -> None:
    without = re.sub(rf"^{key} = .*\n", "", ONE_SERVICE, flags=re.MULTILINE)
    [finding] = findings(without.encode())
    assert finding.sentence == f"hotfix.toml: {key}: missing, and it has no default."


# -- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", 'version = "1" # here'),
        ("version = 1", "version = 2 # here"),
        ('service = "shop"', "service = 7 # here"),
        ("[deciders]", "[review]\npeers = true # here\n[deciders]"),
        ("[deciders]", '[review]\ntwo_hats = "no" # here\n[deciders]'),
        ("[deciders]", "[limits]\nlines = 0 # here\n[deciders]"),
        ('guards = ["answers"]', 'guards = "answers" # here'),
        ('kind = "http"', 'kind = "https" # here'),
        ('path = "/health"', 'path = "/health"\nstatus = 99 # here'),
    ],
)
def test_a_value_of_a_wrong_type_or_range_is_refused(old: str, new: str) -> None:
    refused(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('target = "hosts"', 'target = "hosts"\nwindow = "15" # here'),
        ('target = "hosts"', 'target = "hosts"\nwindow = "15 minutes" # here'),
        ("[deciders]", '[budget]\nway_back = "5" # here\n[deciders]'),
        ('path = "/health"', 'path = "/health"\ntimeout = "5" # here'),
        ('path = "/health"', 'path = "/health"\nlatency = "0.3" # here'),
    ],
)
def test_a_duration_without_a_unit_is_refused(old: str, new: str) -> None:
    assert "write a number and a unit" in refused(old, new)


def test_a_number_is_not_a_duration() -> None:
    refused('target = "hosts"', 'target = "hosts"\nwindow = 900 # here')


# -- names that must exist ------------------------------------------------------------------------


def test_an_environment_names_a_target_that_exists() -> None:
    assert "[target.host]" in refused('target = "hosts"', 'target = "host" # here')


@pytest.mark.parametrize("role", ["guards", "goals"])
def test_an_environment_names_checks_that_exist(role: str) -> None:
    assert "[check.answer]" in refused('guards = ["answers"]', f'{role} = ["answer"] # here')


@pytest.mark.parametrize("waves", ['[["shop-2"]]', '[["shop-1"], ["shop-1"]]', '[["shop-1", "shop-2"]]'])
def test_waves_name_every_unit_exactly_once(waves: str) -> None:
    said = refused(
        '[env.production]\ntarget = "hosts"', f'[env.production] # here\ntarget = "hosts"\nwaves = {waves}'
    )
    assert "exactly once" in said


def test_a_team_names_as_many_seniors_as_must_sign() -> None:
    assert "authorize.seniors asks for 1" in refused('seniors = ["sana@example.com"]', "seniors = [] # here")


def test_a_solo_profile_needs_no_senior() -> None:
    assert parsed(ONE_SERVICE.replace("[deciders]\nseniors", 'profile = "solo"\ncriteria')).solo


@pytest.mark.parametrize("limits", ["files = 11", "lines = 251", "max_files = 2", "lines = 9\nmax_lines = 8"])
def test_a_reason_is_asked_below_the_figure_that_refuses(limits: str) -> None:
    said = refused("[deciders]", f"[limits] # here\n{limits}\n[deciders]")
    assert "no reason would ever be asked" in said


def test_the_figure_that_refuses_may_be_the_one_that_asks() -> None:
    limits = parsed(ONE_SERVICE + "[limits]\nfiles = 10\nlines = 250\n").limits
    assert (limits.files, limits.max_files, limits.lines, limits.max_lines) == (10, 10, 250, 250)


# -- targets --------------------------------------------------------------------------------------

COMMAND = 'kind = "command"\nactivate = ["deploy", "{release}"]'
RELEASE_DIR = 'kind = "release-dir"\nobserve = "/release"\nrestart = ["systemctl", "restart", "shop"]'


def test_a_command_target_may_be_asked_by_path_or_by_command() -> None:
    for written, told in (('"/version"', "/version"), ('["ask", "{unit}"]', ("ask", "{unit}"))):
        text = ONE_SERVICE.replace(RELEASE_DIR, f"{COMMAND}\nobserve = {written}")
        assert parsed(text).targets["hosts"].observe == told


@pytest.mark.parametrize(
    "table",
    [
        'kind = "command"\nobserve = "/version"',
        COMMAND + '\nobserve = "ask.sh"',
        'kind = "release-dir"\nobserve = "/release"',
        'kind = "release-dir"\nobserve = "release"\nrestart = ["true"]',
    ],
)
def test_a_target_that_cannot_work_is_refused(table: str) -> None:
    refused("[target.hosts]\n" + RELEASE_DIR, f"[target.hosts] # here\n{table}")


def test_a_target_names_the_variables_that_its_commands_need() -> None:
    assert parsed(ONE_SERVICE).targets["hosts"].pass_env == ()
    text = ONE_SERVICE.replace(RELEASE_DIR, RELEASE_DIR + '\npass_env = ["SSH_AUTH_SOCK", "_x9"]')
    assert parsed(text).targets["hosts"].pass_env == ("SSH_AUTH_SOCK", "_x9")


@pytest.mark.parametrize("name", ["", "9X", "A-B", "TOKEN=secret", "$TOKEN", "A B", "X\\n", "\u00c4"])
def test_a_variable_to_pass_on_is_a_name_and_never_a_value(name: str) -> None:
    assert "pass_env" in refused(RELEASE_DIR, f'{RELEASE_DIR}\npass_env = ["{name}"] # here')


def test_the_variables_of_hotfix_itself_cannot_be_passed_on() -> None:
    said = refused(RELEASE_DIR, f'{RELEASE_DIR}\npass_env = ["KUBECONFIG", "HOTFIX_TOKEN"] # here')
    assert "HOTFIX_TOKEN cannot be passed on" in said


# -- checks that could not say no -----------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        'kind = "metrics"\npath = "/metrics"\nmetric = "mails_total"',
        'kind = "command"\nrun = ["true"]',
        'kind = "command"\nrun = ["/bin/echo", "fine"]',
        'kind = "command"\nrun = ["sh", "-c", "curl -f http://127.0.0.1 || true"]',
        'kind = "command"\nrun = ["bash", "-c", ":"]',
        'kind = "command"\nrun = ["env", "true"]',
        'kind = "command"\nrun = ["env", "-i", "-u", "X", "A=b", "/bin/true"]',
        'kind = "command"\nrun = ["env"]',
        'kind = "command"\nrun = ["env", "sh", "-c", ":"]',
        'kind = "command"\nrun = ["sh", "-ec", "true"]',
        'kind = "command"\nrun = ["sh", "-e", "-c", "true"]',
        'kind = "command"\nrun = ["sh", "-ec", "curl -f http://127.0.0.1 || true"]',
        'kind = "command"\nrun = ["sh", "-c", ""]',
        'kind = "command"\nrun = ["sh", "-c", "curl -f http://127.0.0.1; exit 0"]',
        'kind = "command"\nrun = ["sh", "-c", "curl -f $(cat url)\\nexit 0;\\n"]',
        'kind = "command"\nrun = ["sh", "-c", "curl -f http://127.0.0.1 | true"]',
        'kind = "command"\nrun = ["sh", "-c", "curl -f http://127.0.0.1 > page 2>&1 || echo no >&2 # fine"]',
        'kind = "command"\nrun = ["sh", "-c", "true && A=b echo fine"]',
    ],
)
def test_a_check_that_can_never_fail_is_refused(body: str) -> None:
    assert "can never fail" in refused("[env.production]", f"[check.hollow] # here\n{body}\n[env.production]")


@pytest.mark.parametrize(
    "body",
    [
        'kind = "http"',
        'kind = "http"\npath = "/a"\nurl = "http://127.0.0.1/a"',
        'kind = "metrics"\npath = "/metrics"\nmin = 1.0',
        'kind = "command"',
        'kind = "command"\nrun = ["probe"]\npath = "/health"',
    ],
)
def test_a_check_that_does_not_know_what_to_ask_is_refused(body: str) -> None:
    refused("[env.production]", f"[check.vague] # here\n{body}\n[env.production]")


@pytest.mark.parametrize("bound", ["min = nan", "max = inf", "max = nan", "rise = inf", "min = -inf"])
def test_a_bound_that_no_number_crosses_is_refused(bound: str) -> None:
    table = '[check.hollow]\nkind = "metrics"\npath = "/metrics"\nmetric = "mails_total"'
    said = refused("[env.production]", f"{table}\n{bound} # here\n[env.production]")
    assert "finite number" in said


@pytest.mark.parametrize(
    "body",
    [
        'kind = "metrics"\npath = "/metrics"\nmetric = "mails_total"\nrise = 1.0',
        'kind = "command"\nrun = ["sh", "-c", "curl -f http://127.0.0.1"]',
        'kind = "command"\nrun = ["sh", "check.sh"]',
        'kind = "command"\nrun = ["env", "A=b", "probe"]',
        'kind = "command"\nrun = ["sh", "-c", "exit $(curl -f http://127.0.0.1 || true)"]',
        'kind = "command"\nrun = ["sh", "-c", "exit $(probe; echo $?)"]',
        'kind = "command"\nrun = ["sh", "-c", "exit `probe`"]',
        'kind = "command"\nrun = ["sh", "-c", "probe; exit"]',
        'kind = "command"\nrun = ["sh", "-c", "probe || exit 1; exit 0"]',
        'kind = "command"\nrun = ["sh", "-c", "set -e; probe; echo fine"]',
        'kind = "command"\nrun = ["sh", "-ec", "probe; echo fine"]',
        'kind = "command"\nrun = ["sh", "-c", "echo asking; probe"]',
        'kind = "command"\nrun = ["sh", "-c", "probe && echo fine"]',
        'kind = "command"\nrun = ["sh", "-c", "echo asking || true && probe"]',
        'kind = "command"\nrun = ["sh", "-c", "probe | grep \\"; exit 0\\""]',
        'kind = "command"\nrun = ["sh", "-c", "! true"]',
        'kind = "command"\nrun = ["sh", "-c", "! probe | true"]',
        'kind = "command"\nrun = ["sh", "-c", "probe || exit 1 || exit 0"]',
        'kind = "command"\nrun = ["bash", "-c", "echo > /dev/tcp/127.0.0.1/80"]',
        'kind = "command"\nrun = ["bash", "-o", "pipefail", "-c", "probe | echo"]',
        'kind = "http"\nurl = "http://127.0.0.1/a"\nbody = "ok"\nlatency = "300ms"',
    ],
)
def test_a_check_that_can_fail_is_taken(body: str) -> None:
    assert "honest" in parsed(ONE_SERVICE + f"[check.honest]\n{body}\n").checks

"""schemathesis reads openapi.json, calls each endpoint it finds, and compares the answers with the description.

    python description.py nobody|person|administrator

GATEHOUSE_URL names the server; GATEHOUSE_MAILDIR and GATEHOUSE_FIRST_ADMIN_FILE are how callers come in. A report of
each run goes to GATEHOUSE_REPORTS.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from client import ADDRESS, PENDING, SESSION, Client, Refused
from letterbox import first_letter_to, link_in, token_of

HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("schemathesis")
# Far more than it takes: the machine may be busy.
RUN_LIMIT_S = 600

# These end the session that asks, or give it another cookie; what comes after them would be asked by nobody. So each
# is called apart from the rest, in a session of its own.
ENDS_A_SESSION = ["identity_sign_out", "sessions_end"]
# The same, but only where there is a second factor to turn off.
ENDS_A_GUARDED_SESSION = "second_factor_disable"
# After it the session sees with somebody else's eyes until it stops.
SEES_WITH_OTHER_EYES = "admin_impersonate"


def nobody():
    """Without a session, and with cookies that are none."""
    return run("nobody", {}, {})


def person():
    """Somebody without a role and without a second factor."""
    somebody = Client("person")
    somebody.register()
    token = token_of(link_in(text_of(first_letter_to(somebody.email))))
    somebody.post("identity/verify-email", token=token)
    somebody.sign_in()
    known = {"organization_id": ids(somebody.get("organizations/list"))}
    went_well = run_signed_in("person", somebody, somebody.cookies, known, leave_out=ENDS_A_SESSION)
    for operation in ENDS_A_SESSION:
        somebody.sign_in()
        known = {"id": ids(somebody.get("sessions/list"))}
        went_well &= run(f"person-{operation}", somebody.cookies, known, "--include-operation-id", operation)
    return went_well


def administrator():
    """The first administrator, with a second factor; and the same one halfway through another sign-in."""
    link = Path(os.environ["GATEHOUSE_FIRST_ADMIN_FILE"]).read_text().strip()
    somebody = Client("administrator")
    somebody.post("identity/bootstrap", token=token_of(link), email=somebody.email, password=somebody.password)
    somebody.turn_on_second_factor()
    session = dict(somebody.cookies)
    somebody.sign_in()
    cookies = session | {PENDING: somebody.cookies[PENDING]}
    somebody.cookies = session
    # Somebody to lock and unlock.
    Client("locked").register()
    known = {"user_id": ids(somebody.get("admin/users"))}
    apart = [*ENDS_A_SESSION, ENDS_A_GUARDED_SESSION, SEES_WITH_OTHER_EYES]
    went_well = run_signed_in("administrator", somebody, cookies, known, leave_out=apart)
    eyes = ["--include-operation-id", SEES_WITH_OTHER_EYES]
    went_well &= run(f"administrator-{SEES_WITH_OTHER_EYES}", cookies, known, *eyes)
    if not somebody.is_signed_in():
        somebody.post("admin/stop-impersonating")
    last = ["--include-operation-id", ENDS_A_GUARDED_SESSION]
    return run(f"administrator-{ENDS_A_GUARDED_SESSION}", cookies, {}, *last) and went_well


def run_signed_in(name, somebody, cookies, known, leave_out):
    """Fails as well when the session did not live to the end: then the rest was asked by nobody."""
    options = [word for operation in leave_out for word in ("--exclude-operation-id", operation)]
    went_well = run(name, cookies, known, *options)
    if not somebody.is_signed_in():
        print(f"{name}: the session ended during the run; see ENDS_A_SESSION in description.py")
        return False
    return went_well


def run(name, cookies, known, *options):
    """One run with these cookies, in which some inputs have a value that is known; tells its findings, or how many
    calls there were."""
    report = Path(os.environ["GATEHOUSE_REPORTS"]) / f"{name}.xml"
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "schemathesis.toml"
        settings.write_text((HERE / "schemathesis.toml").read_text() + inputs(known) + credentials(cookies))
        command = [PROGRAM, "--config-file", settings, "run", f"{ADDRESS}/api/v1/openapi.json", *options]
        command += ["--no-color", "--report", "junit", "--report-junit-path", report]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=RUN_LIMIT_S)
    if ended.returncode != 0:
        print(f"{name}:\n{ended.stdout}{ended.stderr}")
        return False
    calls = re.search(r"Test cases:\s+(.+)", ended.stdout)
    operations = re.search(r"Tested: (\d+)", ended.stdout)
    print(f"{name}: {operations[1]} operations, {calls[1]}")
    return True


def inputs(known):
    """Settings by which a field often has a value that is known. They go on in the last table, `parameters`."""
    lines = [f'"body.{field}" = {{ dictionary = "{field}", probability = 0.3 }}\n' for field in known]
    lines += [f"[dictionaries.{field}]\nvalues = {json.dumps(values)}\n" for field, values in known.items()]
    return "".join(lines)


def credentials(cookies):
    """Settings by the names of openapi.json's security schemes."""
    schemes = {"session": SESSION, "pending": PENDING}
    return "".join(
        f'[auth.openapi.{scheme}]\napi_key = "{cookies[name]}"\n' for scheme, name in schemes.items() if name in cookies
    )


def ids(page):
    return [item["id"] for item in page["items"]]


def text_of(letter):
    return letter.get_body(("plain",)).get_content()


if __name__ == "__main__":
    callers = {caller.__name__: caller for caller in (nobody, person, administrator)}
    if len(sys.argv) != 2 or sys.argv[1] not in callers:
        sys.exit(__doc__)
    try:
        sys.exit(0 if callers[sys.argv[1]]() else 1)
    except (AssertionError, Refused, subprocess.TimeoutExpired) as finding:
        sys.exit(f"{sys.argv[1]}: {finding}")

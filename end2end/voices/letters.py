"""A letter travels through a real mail server, and its link confirms the address.

The server under test sends to aiosmtpd, which puts what it receives into the Maildir named by GATEHOUSE_MAILDIR.
"""

import os
import re
import sys
import time
from email.utils import parseaddr

from client import ADDRESS, Client, Refused
from letterbox import first_letter_to, letters_to, link_in, token_of

# How long a second copy would have to show up.
SETTLE_S = 1


def main():
    person = Client("letters")
    assert person.register() == {"state": "check-your-mail"}
    refuse("email-not-verified", person.sign_in)

    letter = first_letter_to(person.email)
    time.sleep(SETTLE_S)
    copies = len(letters_to(person.email))
    assert copies == 1, f"{copies} letters instead of one"
    check_headers(letter, person.email)
    link = check_bodies(letter)

    assert person.post("identity/verify-email", token=token_of(link)) is None
    refuse("token-refused", lambda: person.post("identity/verify-email", token=token_of(link)))
    assert person.sign_in() == {"state": "signed-in"}
    assert person.get("identity/me")["email_verified"] is True
    print(f"one letter came, and its link confirmed the address: {letter['Subject']}")


def check_headers(letter, receiver):
    sender = os.environ["GATEHOUSE_MAIL_FROM"]
    for name, value in {
        "From": sender,
        "To": receiver,
        "Subject": "Confirm your address · Gatehouse",
        "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated",
        # What aiosmtpd notes of the envelope: bounces go where letters come from.
        "X-MailFrom": parseaddr(sender)[1],
        "X-RcptTo": receiver,
    }.items():
        assert letter.get_all(name) == [value], f"{name}: {letter.get_all(name)} instead of {value}"
    domain = re.escape(parseaddr(sender)[1].partition("@")[2])
    assert re.fullmatch(rf"<[0-9a-f-]{{36}}@{domain}>", letter["Message-ID"]), letter["Message-ID"]
    age = time.time() - letter["Date"].datetime.timestamp()
    assert -5 < age < 60, f"dated {letter['Date']}, {age:.0f} s ago"


def check_bodies(letter):
    """Answers the link, which both bodies carry."""
    assert letter.get_content_type() == "multipart/alternative", letter.get_content_type()
    parts = list(letter.iter_parts())
    kinds = [part.get_content_type() for part in parts]
    # The last is the richest (RFC 2046 §5.1.4).
    assert kinds == ["text/plain", "text/html"], kinds
    for part in [letter, *parts]:
        assert not part.defects, part.defects
    text, html = (part.get_content() for part in parts)
    link = link_in(text)
    assert link.startswith(f"{ADDRESS}/verify-email?token="), link
    assert f'<a href="{link}">' in html, html
    return link


def refuse(name, call):
    try:
        call()
    except Refused as refusal:
        assert refusal.name == name, f"{refusal} instead of {name}"
    else:
        raise AssertionError(f"nobody refused with {name}")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, Refused) as finding:
        sys.exit(f"letters: {finding}")

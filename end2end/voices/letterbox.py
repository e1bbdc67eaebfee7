"""Reads what the mail server received, as Python's own e-mail library understands it."""

import email
import email.policy
import mailbox
import os
import time
from urllib.parse import parse_qs, urlsplit

# Letters leave by a worker, after the request was answered.
PATIENCE_S = 15
LOOK_EVERY_S = 0.05


def letters_to(address):
    """Every letter whose envelope names the address."""
    box = mailbox.Maildir(os.environ["GATEHOUSE_MAILDIR"], factory=read, create=False)
    return [letter for letter in box if letter["X-RcptTo"] == address]


def first_letter_to(address):
    """Waits for it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if letters := letters_to(address):
            return letters[0]
        time.sleep(LOOK_EVERY_S)
    raise AssertionError(f"no letter to {address} within {PATIENCE_S} s")


def read(file):
    return email.message_from_binary_file(file, policy=email.policy.default)


def link_in(text):
    """The one link that stands alone on a line."""
    links = [line for line in text.splitlines() if line.startswith(("http://", "https://"))]
    assert len(links) == 1, f"expected one link, found {links}"
    return links[0]


def token_of(link):
    return parse_qs(urlsplit(link).query)["token"][0]

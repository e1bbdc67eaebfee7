"""A thousand tries at one account, from 25 networks, each with the captcha solved: who gets how far.

The server has the limits of production and takes the address of a caller from this machine's proxy, which we are.
"""

import time
from collections import Counter

from client import SESSION, Client, Refused
from letterbox import first_letter_to, link_in, token_of

TRIES = 1000
NETWORKS = 25
# The owner comes by after so many, at home and in the middle of an attacked network.
OWNER_EVERY = 100
# What docs/operating.md promises: five wrong passwords, then five minutes for that network.
WRONG_EACH = 5
LOCK_S = 300


def main():
    owner = Client("owner", address="192.0.2.7")
    owner.register()
    letter = first_letter_to(owner.email).get_body(("plain",)).get_content()
    owner.post("identity/verify-email", token=token_of(link_in(letter)))
    owner.sign_in()

    begun = time.monotonic()
    outcomes = Counter()
    for number in range(TRIES):
        stranger = Client("stranger", address=f"198.18.{number % NETWORKS}.{1 + number // NETWORKS}")
        outcomes[attempt(stranger, owner.email, f"wrong password {number}")] += 1
        if number % OWNER_EVERY == OWNER_EVERY - 1:
            visit(owner, number // OWNER_EVERY)
    took = time.monotonic() - begun

    reached = outcomes["wrong-credentials"]
    turns = 1 + int(took // LOCK_S)
    assert sum(outcomes.values()) == TRIES
    assert set(outcomes) == {"wrong-credentials", "too-many-requests"}, outcomes
    assert NETWORKS <= reached <= NETWORKS * WRONG_EACH * turns, outcomes
    # Even the right password, where too many wrong ones were.
    stranger = Client("stranger", address="198.18.0.250")
    assert attempt(stranger, owner.email, owner.password) == "too-many-requests"
    print(f"{TRIES} tries from {NETWORKS} networks in {took:.0f} s: {reached} passwords were looked at, "
          f"{outcomes['too-many-requests']} tries were locked out; the owner got in {2 * TRIES // OWNER_EVERY} times of as many")


def attempt(stranger, email, password):
    """The name of the problem, with any captcha solved first; `in` for whoever is in."""
    try:
        stranger.past_captcha("identity/sign-in", email=email, password=password)
        return "in"
    except Refused as refusal:
        return refusal.name


def visit(owner, round_):
    """In the known browser, at home and from an attacked network."""
    for address in (f"192.0.2.{10 + round_}", f"198.18.{round_}.{200 + round_}"):
        owner.address = address
        # Signed out; the browser is still the one it was.
        owner.cookies.pop(SESSION)
        # A captcha may be asked of a network that fails so often; the browser solves it.
        outcome = attempt(owner, owner.email, owner.password)
        assert outcome == "in", f"the owner at {address}: {outcome}"
        assert owner.is_signed_in()


if __name__ == "__main__":
    main()

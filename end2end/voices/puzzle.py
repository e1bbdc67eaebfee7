"""Solves the captcha as docs/captcha.md tells scripts to."""

import hashlib


def solution(challenge):
    """What goes into the field `captcha`."""
    seed, bits = challenge["seed"], challenge["bits"]
    numbers = (_number(f"{seed}.{index}.", bits) for index in range(challenge["count"]))
    return ".".join([challenge["puzzle"], *map(str, numbers)])


def _number(start, bits):
    hash_of = hashlib.sha256(start.encode())
    for number in range(2**32):
        tried = hash_of.copy()
        tried.update(str(number).encode())
        if int.from_bytes(tried.digest()[:4], "big") >> (32 - bits) == 0:
            return number
    raise AssertionError("a puzzle without a solution")

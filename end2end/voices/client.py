"""Calls the endpoints as a script does, with nothing but Python's own library."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import struct
import time
import urllib.error
import urllib.request
from http.cookies import SimpleCookie

from puzzle import solution

ADDRESS = os.environ.get("GATEHOUSE_URL", "http://127.0.0.1:3000").rstrip("/")

SESSION = "__Host-gate"
PENDING = "__Host-gate-pending"


class Refused(Exception):
    """An answer of 400 or more, with its status and the name of its problem."""

    def __init__(self, endpoint, status, problem):
        super().__init__(f"{endpoint} answered {status}: {json.dumps(problem)}")
        self.status = status
        self.problem = problem
        self.name = problem.get("type", "").removeprefix("/problems/")


class Client:
    """Somebody with an address, a password, and the cookies of the last answers."""

    def __init__(self, name, address=None):
        self.email = f"{name}-{secrets.token_hex(4)}@example.com"
        self.password = f"kept by {secrets.token_hex(8)} alone"
        self.cookies = {}
        # What the proxy in front of the server says; None for no proxy.
        self.address = address

    def get(self, endpoint):
        return self._call(endpoint, None)

    def post(self, endpoint, **fields):
        return self._call(endpoint, json.dumps(fields).encode())

    def file(self, path):
        """The media type of a file, and what is in it."""
        lines = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(f"{ADDRESS}{path}", headers={"Cookie": lines})
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(path, refusal.code, json.load(refusal)) from None

    def is_signed_in(self):
        try:
            return self.get("identity/me")["email"] == self.email
        except Refused:
            return False

    def register(self):
        return self.post("identity/register", email=self.email, password=self.password)

    def sign_in(self):
        self.cookies.clear()
        return self.past_captcha("identity/sign-in", email=self.email, password=self.password)

    def past_captcha(self, endpoint, **fields):
        """Solves the captcha where one is asked, as the page does."""
        try:
            return self.post(endpoint, **fields)
        except Refused as refusal:
            if refusal.name != "captcha-required":
                raise
            return self.post(endpoint, captcha=solution(refusal.problem["challenge"]), **fields)

    def turn_on_second_factor(self):
        """Answers the recovery codes."""
        secret = self.post("second-factor/start")["secret"]
        return self.post("second-factor/confirm", code=code_of(secret, time.time()))["recovery_codes"]

    def _call(self, endpoint, body):
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Origin": ADDRESS}
        if self.address:
            headers["X-Forwarded-For"] = self.address
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(f"{ADDRESS}/api/v1/{endpoint}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                self._keep(answer.headers.get_all("Set-Cookie", []))
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(endpoint, refusal.code, json.load(refusal)) from None

    def _keep(self, lines):
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def code_of(secret, now):
    """The code an authenticator shows (RFC 6238: SHA-1, six digits, 30 s)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(now) // 30), hashlib.sha1)
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"

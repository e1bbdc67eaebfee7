"""Libraries of other people verify our access tokens, and forgeries are refused by them and by us.

joserfc speaks here; jose (npm) speaks in tokens.mjs, which is started at the end with the same tokens.
"""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from client import ADDRESS, Client, Refused
from letterbox import first_letter_to, link_in, token_of

HERE = Path(__file__).parent
NODE_LIMIT_S = 60


def main():
    person = Client("tokens")
    person.register()
    letter = first_letter_to(person.email).get_body(("plain",)).get_content()
    person.post("identity/verify-email", token=token_of(link_in(letter)))
    pair = person.post("tokens/issue", email=person.email, password=person.password)
    keys = read_keys()

    claims = verify(pair["access_token"], keys)
    assert_claims(claims)
    assert ask(pair["access_token"])["email"] == person.email
    again = person.post("tokens/refresh", refresh_token=pair["refresh_token"])
    assert verify(again["access_token"], keys)["sid"] == claims["sid"]

    count = 0
    for name, forged in forgeries(pair["access_token"], keys).items():
        refused_by_library(name, lambda forged=forged: verify(forged, keys))
        refused_by_server(name, forged)
        count += 1
    refused_by_library("expired", lambda: verify(pair["access_token"], keys, now=claims["exp"] + 60))
    refused_by_library("of another site", lambda: verify(pair["access_token"], keys, site="https://other.example"))
    print(f"joserfc verified two access tokens; {count} forgeries were refused by it and by the server")

    told = dict(os.environ, GATEHOUSE_ACCESS_TOKEN=again["access_token"], GATEHOUSE_URL=ADDRESS)
    subprocess.run(["node", HERE / "tokens.mjs"], env=told, check=True, timeout=NODE_LIMIT_S)


def read_keys():
    with urllib.request.urlopen(f"{ADDRESS}/.well-known/jwks.json", timeout=15) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=300", answer.headers["Cache-Control"]
        keys = json.load(answer)
    assert all("d" not in key for key in keys["keys"]), "a private key is published"
    return KeySet.import_key_set(keys)


def verify(token, keys, now=None, site=ADDRESS):
    read = jwt.decode(token, keys, algorithms=["ES256"])
    rules = jwt.JWTClaimsRegistry(
        now=now,
        iss={"essential": True, "value": site},
        aud={"essential": True, "value": site},
        exp={"essential": True},
        nbf={"essential": True},
    )
    rules.validate(read.claims)
    assert read.header["typ"] == "at+jwt", read.header
    return read.claims


def assert_claims(claims):
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"}, claims
    assert claims["exp"] - claims["iat"] == 900, claims
    assert abs(claims["iat"] - time.time()) < 60, claims


def forgeries(token, keys):
    """The same claims under every header that ever fooled somebody."""
    head, body, signature = token.split(".")
    header, claims = part(head), part(body)
    ours = keys.keys[0]
    theirs = ECKey.generate_key("P-256")

    def by_us(changes):
        return f"{text(header | changes)}.{body}.{signature}"

    def by_them(changes):
        return jwt.encode(header | changes, claims, theirs, algorithms=["ES256"])

    def by_secret(secret):
        # By hand: the library makes no secret of a public key.
        message = f"{text(header | {'alg': 'HS256'})}.{body}"
        code = hmac.digest(secret, message.encode(), hashlib.sha256)
        return f"{message}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"

    return {
        "without a signature": f"{text(header | {'alg': 'none'})}.{body}.",
        "none with the old signature": by_us({"alg": "none"}),
        "HS256 with the public key as PEM": by_secret(ours.as_pem(private=False)),
        "HS256 with the public key as JSON": by_secret(json.dumps(ours.as_dict(private=False)).encode()),
        "signed by somebody else": by_them({}),
        "with a key of its own": by_them({"jwk": theirs.as_dict(private=False)}),
        "with another key's name": by_them({"kid": "00000000-0000-7000-8000-000000000000"}),
        "with the name changed afterwards": by_us({"kid": "00000000-0000-7000-8000-000000000000"}),
        "with another person": f"{head}.{text(claims | {'sub': '00000000-0000-7000-8000-000000000000'})}.{signature}",
        "prolonged": f"{head}.{text(claims | {'exp': claims['exp'] + 86400})}.{signature}",
        "cut": token[:-8],
    }


def refused_by_library(name, check):
    try:
        check()
    except (JoseError, ValueError):
        return
    raise AssertionError(f"joserfc takes a token {name}")


def refused_by_server(name, token):
    try:
        ask(token)
    except urllib.error.HTTPError as refusal:
        with refusal:
            problem = json.load(refusal)
        challenge = refusal.headers["WWW-Authenticate"]
        assert (refusal.code, problem["type"]) == (401, "/problems/sign-in-required"), f"{name}: {problem}"
        assert challenge == 'Bearer error="invalid_token"', f"{name}: {challenge}"
    else:
        raise AssertionError(f"the server takes a token {name}")


def ask(token):
    """Who the server says it is."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    request = urllib.request.Request(f"{ADDRESS}/api/v1/identity/me", headers=headers)
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.load(answer)


def part(encoded):
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def text(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, JoseError, Refused, subprocess.SubprocessError) as finding:
        sys.exit(f"tokens: {finding}")

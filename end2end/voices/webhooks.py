"""A library of other people verifies what a receiver of webhooks gets, and refuses what was forged.

standardwebhooks speaks here; the receiver is Python's own HTTP server, on the loopback interface.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

from client import Client, Refused
from letterbox import token_of

# How long a message may take that is sent within two seconds.
PATIENCE_S = 20


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets, and answers with what it is told to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got = []
        self.status = 204
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/in"

    def wait_for(self, kind, count=1):
        """The messages of a type, once there are so many."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = [message for message in self.got if json.loads(message[1])["type"] == kind]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{kind} did not come {count} times: {[body for _, body in self.got]}")


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    root = Client("webhooks")
    link = Path(os.environ["GATEHOUSE_FIRST_ADMIN_FILE"]).read_text().strip()
    root.post("identity/bootstrap", token=token_of(link), email=root.email, password=root.password)
    receiver = Receiver()
    made = root.post("admin/create-webhook", url=receiver.url, actions="webhooks")
    headers, body = receiver.wait_for("webhooks.made")[0]
    event = Webhook(made["secret"]).verify(body, headers)
    check_event(root, event)
    forged = refuse_forgeries(made["secret"], headers, body)

    # While two secrets are good, a receiver may know either.
    renewed = root.post("admin/rotate-webhook-secret", id=made["id"], overlap_s="3600")
    headers, body = receiver.wait_for("webhooks.secret-rotated")[0]
    for secret in (made["secret"], renewed["secret"]):
        Webhook(secret).verify(body, headers)

    replay(root, receiver, made["id"])
    print(f"standardwebhooks verified what was sent, sent again and replayed; it refused {forged} forgeries")


def check_event(root, event):
    """What is sent is the entry of the trail, without the address of a person."""
    entry = root.get(f"audit/entry?seq={event['data']['seq']}")
    assert entry.pop("actor_email") == root.email
    assert event["data"] == entry, f"{event['data']} instead of {entry}"
    assert (event["type"], event["timestamp"]) == (entry["action"], entry["at"]), event


def refuse_forgeries(secret, headers, body):
    """Answers how many."""
    lower = {name.lower(): value for name, value in headers.items()}
    old = str(int(lower["webhook-timestamp"]) - 3600)
    forgeries = {
        "with another body": (lower, body.replace(b"webhooks.made", b"webhooks.gone")),
        "with one more space": (lower, body + b" "),
        "with another id": (lower | {"webhook-id": "00000000-0000-0000-0000-000000000000"}, body),
        "of an hour ago": (lower | {"webhook-timestamp": old}, body),
        "a second later": (lower | {"webhook-timestamp": str(int(lower["webhook-timestamp"]) + 1)}, body),
        "without a signature": ({name: value for name, value in lower.items() if name != "webhook-signature"}, body),
    }
    for name, (forged_headers, forged_body) in forgeries.items():
        refused(name, Webhook(secret), forged_headers, forged_body)
    refused("by another secret", Webhook("whsec_" + "A" * 43 + "="), lower, body)
    return len(forgeries) + 1


def refused(name, verifier, headers, body):
    try:
        verifier.verify(body, headers)
    except WebhookVerificationError:
        return
    raise AssertionError(f"a message {name} was taken for ours")


def replay(root, receiver, webhook):
    """What did not arrive is tried again after five seconds, and what arrived is replayed: always under its id."""
    receiver.status = 500
    sent = len(receiver.got)
    root.post("admin/update-webhook", id=webhook, description="The receiver of the voices")
    first = receiver.wait_for("webhooks.changed")[0]
    receiver.status = 204
    second = receiver.wait_for("webhooks.changed", 2)[1]
    assert len(receiver.got) >= sent + 2
    deliveries = root.get(f"admin/webhook-deliveries?webhook_id={webhook}&state=delivered")["items"]
    delivery = next(item["id"] for item in deliveries if item["action"] == "webhooks.changed")
    root.post("admin/replay-webhook-deliveries", id=delivery)
    third = receiver.wait_for("webhooks.changed", 3)[2]
    ids = {headers["webhook-id"] for headers, _ in (first, second, third)}
    assert ids == {delivery}, f"{ids} instead of {delivery}"
    assert first[1] == second[1] == third[1], "the body changed between attempts"


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, Refused, WebhookVerificationError) as finding:
        sys.exit(f"webhooks: {finding!r}")

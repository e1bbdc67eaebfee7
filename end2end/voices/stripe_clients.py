"""Stripe's own client drives the stand-in of our tests, so that it stays honest; localstripe is asked the same where it can.

stripe (PyPI) speaks here; stripe (npm) speaks in stripe_clients.mjs, which is started at the end.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import stripe

HERE = Path(__file__).parent
NODE_LIMIT_S = 60
PEER = os.environ["STRIPE_PEER_URL"]
LOCALSTRIPE = os.environ["LOCALSTRIPE_URL"]
SECRET = "whsec_of_the_voices"
START = 1796119200  # 1 December 2026, 10:00 UTC
DAY = 86400


def main():
    client = client_with("sk_test_voices")
    customer = customers(client)
    errors(client)
    once(client)
    money(client)
    usage(client)
    pages(client, customer)
    events(client)
    signed = webhooks(client)
    agreed = compare()
    print(f"stripe for Python drove the stand-in and verified {signed} of its events; localstripe agrees on {agreed} amounts")
    subprocess.run(["node", HERE / "stripe_clients.mjs"], env=dict(os.environ), check=True, timeout=NODE_LIMIT_S)


def client_with(key, retries=2):
    return stripe.StripeClient(key, base_addresses={"api": PEER}, max_network_retries=retries)


def customers(client):
    made = client.v1.customers.create(params={"name": "Ann & Co", "email": "ann@example.com", "metadata": {"a": "1"}})
    assert client.v1.customers.retrieve(made.id).metadata.to_dict() == {"a": "1"}
    changed = client.v1.customers.update(made.id, params={"metadata": {"a": ""}, "name": "Bob"})
    assert (changed.name, changed.email, changed.metadata.to_dict()) == ("Bob", "ann@example.com", {})
    for number in range(5):
        client.v1.customers.create(params={"name": f"page {number}"})
    names = [it.name for it in client.v1.customers.list(params={"limit": 2}).auto_paging_iter()]
    assert names[:6] == ["page 4", "page 3", "page 2", "page 1", "page 0", "Bob"], names
    gone = client.v1.customers.create(params={"name": "gone"})
    assert client.v1.customers.delete(gone.id).deleted
    return made


def errors(client):
    refuse(stripe.AuthenticationError, lambda: client_with("nonsense").v1.customers.list())
    missing = refuse(stripe.InvalidRequestError, lambda: client.v1.customers.retrieve("cus_nobody"))
    assert (missing.http_status, missing.code) == (404, "resource_missing")
    unknown = refuse(stripe.InvalidRequestError, lambda: client.v1.customers.create(params={"nmae": "x"}))
    assert unknown.code == "parameter_unknown"
    card = client.v1.payment_methods.create(params={"type": "card", "card": {"number": "4000000000000002"}})
    someone = client.v1.customers.create(params={})
    attach = lambda: client.v1.payment_methods.attach(card.id, params={"customer": someone.id})
    assert refuse(stripe.CardError, attach).code == "card_declined"


def once(client):
    """What the client does by itself about faults, and what keys are good for."""
    count = lambda: len(list(client.v1.customers.list(params={"limit": 100}).auto_paging_iter()))
    for fault in ("error", "in-use"):
        before = count()
        control("faults", {"fault": fault, "calls": "POST /v1/customers"})
        client.v1.customers.create(params={"name": fault})
        assert count() == before + 1, fault
    control("faults", {"fault": "rate", "calls": "POST /v1/customers", "retry_after": 1})
    refuse(stripe.RateLimitError, lambda: client_with("sk_test_voices", 0).v1.customers.create(params={}))
    key = {"idempotency_key": "voices-1"}
    first = client.v1.customers.create(params={"name": "one"}, options=key)
    assert client.v1.customers.create(params={"name": "one"}, options=key).id == first.id
    refuse(stripe.IdempotencyError, lambda: client.v1.customers.create(params={"name": "two"}, options=key))


def money(client):
    """A subscription in a time of its own: begun, raised, lowered by plan, renewed, ended."""
    clock = client.v1.test_helpers.test_clocks.create(params={"frozen_time": START})
    customer = client.v1.customers.create(params={"test_clock": clock.id})
    card = client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
    client.v1.customers.update(customer.id, params={"invoice_settings": {"default_payment_method": card.id}})
    assert [it.id for it in client.v1.customers.payment_methods.list(customer.id).data] == [card.id]
    pro, team = (price(client, name, cents) for name, cents in (("Pro", 2000), ("Team", 5000)))

    begun = client.v1.subscriptions.create(
        params={"customer": customer.id, "items": [{"price": pro.id}], "expand": ["latest_invoice"]}
    )
    assert (begun.status, begun.latest_invoice.status, begun.latest_invoice.total) == ("active", "paid", 2000)
    item = begun["items"].data[0]
    assert item.current_period_end - item.current_period_start == 31 * DAY
    advance(client, clock, START + 10 * DAY)
    change = [{"id": item.id, "price": team.id}]
    details = {"items": change, "proration_behavior": "always_invoice"}
    preview = client.v1.invoices.create_preview(params={"subscription": begun.id, "subscription_details": details})
    raised = client.v1.subscriptions.update(begun.id, params=details | {"expand": ["latest_invoice"]})
    assert preview.total == raised.latest_invoice.total == 3387 - 1355
    parent = raised.latest_invoice.parent.subscription_details
    assert parent.subscription == begun.id

    plan = client.v1.subscription_schedules.create(params={"from_subscription": begun.id})
    first = plan.phases[0]
    phases = [
        {"items": [{"price": team.id}], "start_date": first.start_date, "end_date": first.end_date},
        {"items": [{"price": pro.id}]},
    ]
    client.v1.subscription_schedules.update(plan.id, params={"phases": phases, "end_behavior": "release"})
    advance(client, clock, START + 32 * DAY)
    lowered = client.v1.subscriptions.retrieve(begun.id, params={"expand": ["latest_invoice.lines"]})
    assert (lowered["items"].data[0].price.id, lowered.latest_invoice.total) == (pro.id, 2000)
    assert client.v1.subscription_schedules.release(plan.id).status == "released"
    assert client.v1.subscriptions.cancel(begun.id).status == "canceled"
    totals = [it.total for it in client.v1.invoices.list(params={"customer": customer.id}).data]
    assert totals == [2000, preview.total, 2000], totals
    refuse(stripe.InvalidRequestError, lambda: client.v1.subscriptions.cancel(begun.id))


def usage(client):
    meter = client.v1.billing.meters.create(
        params={"display_name": "Calls", "event_name": "voices_calls", "default_aggregation": {"formula": "sum"}}
    )
    customer = client.v1.customers.create(params={})
    now = int(time.time())
    report = {
        "event_name": "voices_calls",
        "identifier": "voices:1",
        "timestamp": now,
        "payload": {"stripe_customer_id": customer.id, "value": "7"},
    }
    client.v1.billing.meter_events.create(params=report)
    twice = refuse(stripe.InvalidRequestError, lambda: client.v1.billing.meter_events.create(params=report))
    assert "already exists with identifier" in str(twice)
    begin = now - now % 3600
    span = {"customer": customer.id, "start_time": begin, "end_time": begin + 7200}
    assert client.v1.billing.meters.event_summaries.list(meter.id, params=span).data[0].aggregated_value == 7


def pages(client, customer):
    """A person without a script pays, and looks after what they have."""
    plan = price(client, "Page", 900)
    session = client.v1.checkout.sessions.create(
        params={
            "mode": "subscription",
            "customer": customer.id,
            "line_items": [{"price": plan.id, "quantity": 1}],
            "success_url": f"{PEER}/done?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{PEER}/back",
        }
    )
    assert "<form method=\"post\">" in read(session.url)
    assert submit(session.url, card="4000 0000 0000 0002")[0] == 402
    assert submit(session.url, card="4242 4242 4242 4242") == (303, f"{PEER}/done?session={session.id}")
    done = client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["subscription"]})
    assert (done.status, done.payment_status, done.subscription.status) == ("complete", "paid", "active")
    portal = client.v1.billing_portal.sessions.create(params={"customer": customer.id, "return_url": PEER})
    assert done.subscription.id in read(portal.url)
    assert submit(portal.url, act="cancel", subscription=done.subscription.id)[0] == 303
    assert client.v1.subscriptions.retrieve(done.subscription.id).cancel_at_period_end


def events(client):
    listed = list(client.v1.events.list(params={"limit": 7}).auto_paging_iter())
    assert len(listed) > 30 and len({event.id for event in listed}) == len(listed)
    since = listed[5].created
    newer = list(client.v1.events.list(params={"created": {"gte": since}, "limit": 100}).auto_paging_iter())
    assert [event.id for event in newer] == [event.id for event in listed if event.created >= since]
    assert client.v1.events.retrieve(listed[0].id).type == listed[0].type


def webhooks(client):
    """What is told is signed as Stripe's library expects it. Answers how many events were verified."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers["Stripe-Signature"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    control("endpoint", {"url": f"http://127.0.0.1:{server.server_port}/in", "secret": SECRET, "held": True})
    for name in ("a", "b", "c"):
        client.v1.customers.create(params={"name": name})
    statuses = control("deliver", {"shuffle": 7, "duplicate": True, "drop": 1})["statuses"]
    assert statuses == [200] * 4, statuses
    ids = {client.construct_event(body, header, SECRET).id for header, body in got}
    assert len(ids) == 2, ids
    header, body = got[0]
    for wrong_header, wrong_body, secret in ((header, body + b" ", SECRET), (header, body, "whsec_other")):
        refuse(stripe.SignatureVerificationError, lambda: client.construct_event(wrong_body, wrong_header, secret))
    server.shutdown()
    return len(got)


def compare():
    """The same calls to both, as far as both know them; localstripe knows plans instead of prices."""
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2034", "cvc": "123"}
    ours, theirs = [], []
    for cents in (900, 2000, 123456):
        client = client_with("sk_test_voices")
        customer = client.v1.customers.create(params={"name": "both"})
        method = client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        client.v1.customers.update(customer.id, params={"invoice_settings": {"default_payment_method": method.id}})
        begun = client.v1.subscriptions.create(
            params={
                "customer": customer.id,
                "items": [{"price": price(client, "Both", cents).id, "quantity": 3}],
                "expand": ["latest_invoice"],
            }
        )
        invoice = begun.latest_invoice
        ours.append((begun.status, invoice.status, invoice.subtotal, invoice.total, invoice.amount_due))

        plan = f"both-{cents}"
        local("plans", id=plan, amount=cents, currency="usd", interval="month", product={"name": "Both"})
        customer = local("customers", name="both")["id"]
        method = local("payment_methods", type="card", card=card)["id"]
        local(f"payment_methods/{method}/attach", customer=customer)
        local(f"customers/{customer}", invoice_settings={"default_payment_method": method})
        begun = local("subscriptions", customer=customer, items=[{"plan": plan, "quantity": 3}])
        invoice = local_read(f"invoices?customer={customer}")["data"][0]
        theirs.append((begun["status"], invoice["status"], invoice["subtotal"], invoice["total"], invoice["amount_due"]))
    assert ours == theirs, f"{ours} here, {theirs} there"
    return 3 * len(ours)


def price(client, name, cents):
    return client.v1.prices.create(
        params={"currency": "usd", "unit_amount": cents, "recurring": {"interval": "month"}, "product_data": {"name": name}}
    )


def advance(client, clock, to):
    client.v1.test_helpers.test_clocks.advance(clock.id, params={"frozen_time": to})


def refuse(kind, call):
    try:
        call()
    except kind as refusal:
        return refusal
    raise AssertionError(f"{kind.__name__} was expected")


def control(path, body):
    request = urllib.request.Request(f"{PEER}/_peer/{path}", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.load(answer)


def flat(value, key=""):
    """Parameters as pairs with nested keys."""
    if isinstance(value, dict):
        return [pair for name, below in value.items() for pair in flat(below, f"{key}[{name}]" if key else name)]
    if isinstance(value, list):
        return [pair for place, below in enumerate(value) for pair in flat(below, f"{key}[{place}]")]
    return [(key, value)]


def local(path, **params):
    return local_read(path, urllib.parse.urlencode(flat(params)).encode())


def local_read(path, body=None):
    headers = {"Authorization": "Bearer sk_test_12345"}
    request = urllib.request.Request(f"{LOCALSTRIPE}/v1/{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        raise AssertionError(f"localstripe refuses {path}: {refusal.read().decode()}") from None


def read(url):
    with urllib.request.urlopen(url, timeout=15) as answer:
        return answer.read().decode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def submit(url, **fields):
    """Status and where it leads."""
    opener = urllib.request.build_opener(NoRedirect)
    try:
        with opener.open(url, urllib.parse.urlencode(fields).encode(), timeout=15) as answer:
            return answer.status, None
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers["Location"]


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, stripe.StripeError, subprocess.CalledProcessError) as finding:
        sys.exit(f"stripe_clients: {finding!r}")

"""Python's csv and DuckDB read the files that spreadsheets open, and find in them what the interface says.

Names begin like formulas, hold quotes, line ends and letters of other scripts: none of them may be run, lost or moved into another
cell.
"""

import csv
import io
import json
import os
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb

from client import Client, Refused
from letterbox import first_letter_to, link_in, token_of

# What a spreadsheet would run, or take apart.
ODD = [
    '=HYPERLINK("http://x.example","y")',
    "+49 30 1234",
    "-1+2",
    "@SUM(A1)",
    'a,"b";c',
    "Łódź Überfuß Ελλάδα 株式会社 🦊",
    "＝1",
]
# What makes a cell a formula; a quote in front keeps it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def main():
    root = Client("files")
    link = Path(os.environ["GATEHOUSE_FIRST_ADMIN_FILE"]).read_text().strip()
    root.post("identity/bootstrap", token=token_of(link), email=root.email, password=root.password)
    organization = root.post("organizations/create", name="Files")["id"]
    documents = invoices(root, organization)
    lines = usage(root, organization)
    entries = audit(root)
    print(
        f"Python's csv and DuckDB read {documents} documents, {lines} lines of usage and {entries} entries of the trail, "
        "and agree with each other and with the interface"
    )


def invoices(root, organization):
    """Each with a customer of another name; one is taken back in part. Answers how many."""
    for number, name in enumerate(ODD):
        address = f"{name}\nsecond line, \"quoted\""
        root.post("billing/set-details", organization_id=organization, company=name, address=address, country="PL")
        root.post("billing/change-plan", organization_id=organization, plan="PRO", extra_seats=str(number))
    first = items(root, f"billing/invoices?organization_id={organization}")[-1]
    root.post("admin/credit-invoice", invoice_id=first["id"], amount="1.50", reason="=1")

    rows = read(root, f"/exports/invoices.csv?organization_id={organization}")
    told = {item["id"]: item for item in items(root, f"billing/invoices?organization_id={organization}")}
    assert [row["id"] for row in rows] == list(told), "the same documents in the same order"
    assert {text(row["customer"]) for row in rows} == set(ODD), "every name is there as it was typed"
    for row in rows:
        head = told[row["id"]]
        whole = root.get(f"billing/invoice?organization_id={organization}&number={row['number']}")
        for name in ("number", "kind", "state", "provider", "issued_at", "organization_id"):
            assert row[name] == head[name], f"{name}: {row[name]} instead of {head[name]}"
        assert row["due_at"] == (head["due_at"] or ""), row
        for name in ("total", "credited"):
            assert minor(row, name) == head[name], f"{name}: {row[name]} instead of {head[name]}"
        assert minor(row, "net") == whole["net"], row
        assert Decimal(row["net"]) + Decimal(row["tax"]) == Decimal(row["total"]), row
        customer = whole["customer"]
        assert text(row["customer"]) == customer["name"], row
        assert text(row["customer_address"]) == customer["address"], row
        assert (row["customer_country"], text(row["customer_tax_id"])) == (customer["country"], customer["tax_id"])
    return len(rows)


def usage(root, organization):
    """Calls of models with odd names. Answers how many lines there are."""
    for number, name in enumerate(ODD * 2):
        root.post(
            "spend/record",
            organization_id=organization,
            event_id=f"event {number}",
            provider="somebody",
            item=name,
            amount="0.000012500",
        )
    path = f"organization_id={organization}&dimension=model"
    rows = read(root, f"/exports/usage.csv?{path}")
    report = root.get(f"spend/usage?{path}")
    sums = {}
    for row in rows:
        calls, amount = sums.get(text(row["key"]), (0, Decimal()))
        sums[text(row["key"])] = (calls + int(row["calls"]), amount + Decimal(row["amount_usd"]))
    told = {key["key"]: (key["calls"], Decimal(key["amount"])) for key in report["keys"]}
    assert sums == told, f"{sums} instead of {told}"
    assert set(told) == set(ODD), told
    return len(rows)


def audit(root):
    """Somebody's address begins like a formula. Answers how many entries there are."""
    person = Client("=1+1")
    person.register()
    letter = first_letter_to(person.email).get_body(("plain",)).get_content()
    person.post("identity/verify-email", token=token_of(link_in(letter)))
    person.sign_in()
    lines = root.file("/exports/audit.jsonl?action=identity")[1].decode().splitlines()
    told = [json.loads(line) for line in lines]
    rows = read(root, "/exports/audit.csv?action=identity")
    assert any(entry["actor_email"] == person.email for entry in told), "the odd address is in the trail"
    assert len(rows) == len(told), f"{len(rows)} rows instead of {len(told)}"
    for row, entry in zip(rows, told):
        for name in row:
            said = entry[name]
            assert text(row[name]) == ("" if said is None else str(said)), f"{name}: {row[name]} instead of {said}"
    return len(rows)


def read(root, path):
    """The rows of a file, in which two readers see the same and no spreadsheet a formula."""
    media_type, data = root.file(path)
    assert media_type.startswith("text/csv"), media_type
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))
    assert with_duckdb(data) == rows, f"two readers disagree about {path}"
    for row in rows:
        for name, cell in row.items():
            is_number = cell.removeprefix("-").replace(".", "", 1).isdecimal()
            assert is_number or not cell.startswith(FORMULA), f"{path}, {name}: {cell!r} would be run"
    return rows


def with_duckdb(data):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(data)
        file.flush()
        table = duckdb.read_csv(
            file.name, header=True, all_varchar=True, delimiter=",", quotechar='"', escapechar='"'
        )
        # It takes a cell without anything for none.
        return [{name: cell or "" for name, cell in zip(table.columns, row)} for row in table.fetchall()]


def text(cell):
    """What was typed: without the quote that keeps it text."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def minor(row, name):
    """An amount as the interface tells it; the euro has two places."""
    assert row["currency"] == "EUR", row
    return {"minor": int(Decimal(row[name]) * 100), "currency": "EUR"}


def items(root, endpoint):
    """All pages of a list."""
    found, cursor = [], ""
    while cursor is not None:
        page = root.get(f"{endpoint}&limit=3" + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["next_cursor"]
    return found


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, Refused, csv.Error, duckdb.Error) as finding:
        sys.exit(f"files: {finding!r}")

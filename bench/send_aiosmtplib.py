"""aiosmtplib as a Python program uses it: Jinja2, an EmailMessage for each member, twenty connections, no record.

`python -m bench.send_aiosmtplib` reads its order as JSON from stdin and prints what sending took, as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

import aiosmtplib
import uvloop
from jinja2 import Environment

from bench.order import FROM, address_of, slots_as, values_of
from bench.spent import Spent, cpu_s

PARTS = ("subject", "text", "html")


class Sender:
    """Keeps its connections from the warm-up on."""

    def __init__(self, letter: dict[str, Any], port: int, connections: int) -> None:
        plain, escaping = Environment(autoescape=False), Environment(autoescape=True)
        self._templates = {
            part: (escaping if part == "html" else plain).from_string(slots_as(letter[part], "{{ ", " }}"))
            for part in PARTS
        }
        self._values = letter["values"]
        self._clients = [
            aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False) for _ in range(connections)
        ]

    async def send(self, numbers: Iterator[int]) -> None:
        await asyncio.gather(*(self._send_over(client, numbers) for client in self._clients))

    async def close(self) -> None:
        for client in self._clients:
            await client.quit()

    async def _send_over(self, client: aiosmtplib.SMTP, numbers: Iterator[int]) -> None:
        if not client.is_connected:
            await client.connect()
        for number in numbers:
            await client.send_message(self._message(number))

    def _message(self, number: int) -> EmailMessage:
        values = values_of(self._values, number)
        subject, text, html = (self._templates[part].render(values) for part in PARTS)
        message = EmailMessage()
        message["From"] = FROM
        message["To"] = f"{values['name']} <{address_of(number)}>"
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="example.com")
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message


async def send(order: dict[str, Any]) -> Spent:
    sender = Sender(order["letter"], order["port"], order["connections"])
    await sender.send(iter(range(order["warm_up"])))
    cpu, began = cpu_s(), time.perf_counter()
    await sender.send(iter(range(order["messages"])))
    spent = Spent(order["messages"], cpu_s() - cpu, time.perf_counter() - began)
    await sender.close()
    return spent


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(send(json.load(sys.stdin))))))

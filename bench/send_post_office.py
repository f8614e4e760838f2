"""django-post-office with its own queue on SQLite, sent by `send_queued_mail` as its documentation says.

`python -m bench.send_post_office` reads its order as JSON from stdin and prints what sending took, as JSON.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from bench.order import FROM, address_of, slots_as, values_of
from bench.spent import Spent, cpu_s

BATCH = 1000


def configure(folder: Path, port: int, connections: int) -> None:
    """A Django site with nothing but the queue; its threads have a connection each."""
    settings.configure(
        INSTALLED_APPS=["post_office"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "post_office.sqlite3")}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        POST_OFFICE={"BATCH_SIZE": BATCH, "THREADS_PER_PROCESS": connections},
        LOGGING_CONFIG=None,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def queue(letter: dict[str, Any], count: int) -> None:
    """Rows of the queue that are rendered when they are sent: only then personalising counts, as with ours."""
    from post_office import mail  # noqa: PLC0415 - it reads the settings when it is imported

    messages = [
        {
            "recipients": [address_of(number)],
            "sender": FROM,
            "template": "notice",
            "context": values_of(letter["values"], number),
            "render_on_delivery": True,
        }
        for number in range(count)
    ]
    for first in range(0, count, BATCH):
        mail.send_many(messages[first : first + BATCH])


def add_template(letter: dict[str, Any]) -> None:
    from post_office.models import EmailTemplate  # noqa: PLC0415 - as above

    subject, text, html = (slots_as(letter[part], "{{ ", " }}") for part in ("subject", "text", "html"))
    EmailTemplate.objects.create(name="notice", subject=subject, content=text, html_content=html)


def send(order: dict[str, Any]) -> Spent:
    folder = Path(order["folder"])
    configure(folder, order["port"], order["connections"])
    add_template(order["letter"])
    lock = str(folder / "post_office")
    if order["warm_up"]:
        queue(order["letter"], order["warm_up"])
        call_command("send_queued_mail", lockfile=lock)
    queue(order["letter"], order["messages"])
    cpu, began = cpu_s(), time.perf_counter()
    call_command("send_queued_mail", lockfile=lock)
    return Spent(order["messages"], cpu_s() - cpu, time.perf_counter() - began)


if __name__ == "__main__":
    print(json.dumps(asdict(send(json.load(sys.stdin)))))

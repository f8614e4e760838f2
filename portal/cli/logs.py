"""Where the log goes: stderr, for people at a terminal and as JSON lines everywhere else."""

import logging
import sys

import structlog


def start_log(level: str) -> None:
    """Sets up structlog, and what libraries log, from `level` on."""
    number = logging.getLevelNamesMapping()[level.upper()]
    at_terminal = sys.stderr.isatty()
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if at_terminal else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *([] if at_terminal else [structlog.processors.format_exc_info]), last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if at_terminal else [structlog.processors.format_exc_info]),
                last,
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.INFO), force=True)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's: it shows every command, with its addresses
    logging.getLogger("tortoise").setLevel(logging.WARNING)  # it tells of each connection that closes
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)  # what breaks there is told once by the jobs themselves

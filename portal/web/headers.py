"""The headers that protect every answer."""

from starlette.datastructures import MutableHeaders

PRIVATE = (
    "/staff",
    "/account",
    "/n/",
    "/opt-out/",
    "/address/",
    "/sign-",
    "/hand-over",
    "/unsubscribe/",
    "/api/",
    "/mailbox",
)
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "X-Frame-Options": "DENY",
}
FOR_TWO_YEARS = "max-age=63072000; includeSubDomains"


def harden(headers: MutableHeaders, path: str, base_url: str) -> None:
    """Adds what is missing of the security headers, and of Cache-Control: private pages are stored nowhere."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if base_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", FOR_TWO_YEARS)
    headers.setdefault("Cache-Control", "no-store" if path.startswith(PRIVATE) else "no-cache")

"""Who a request comes from, as far as that can be told."""

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

from portal.actions.limit import limit_key


def client_key(what: str, request: Request) -> str:
    """The key under which tries of this client are counted. Of IPv6 the /64 counts: one client has all of it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return limit_key(what, host)
    network = ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address
    return limit_key(what, str(network))

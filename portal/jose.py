"""Tokens that others sign (RFC 7519), as the portal takes them: signature algorithms, and no others."""

from collections.abc import Collection
from copy import copy

from joserfc.jws import JWSRegistry

# A public key verifies, so that whoever can read the portal's settings can sign nothing. `none` is never among them.
ASYMMETRIC = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
SECONDS_OF_SKEW = 60  # by how much the clock of the one who signs may be wrong

# RFC 9864 gives it another name for each curve; the libraries that companies sign with still write this one.
_EDDSA = copy(JWSRegistry.algorithms["EdDSA"])
_EDDSA.security_warning = None


def signatures(algorithms: Collection[str]) -> JWSRegistry:
    """For `joserfc.jwt.decode`: these algorithms, and headers that we need not know unless they are critical."""
    taken = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    taken.algorithms = {**JWSRegistry.algorithms, "EdDSA": _EDDSA}
    return taken

"""What is known of the texts of tokens, and which character stands for each of their keys."""

from portal.rules.changes.tokens import Token, token_of


class Known(dict[str, Token]):
    """What is known of a token's text. A key has one character, which is never NUL: `of_word` leads from it to the keys
    that are words, `of_sign` has it if the key is that of a sign.

    One comparison hands it on to the next: most words of a text are those of the one before, and which character
    stands for a key says nothing, only whether two are equal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str, str] = {}
        self.of_word: dict[str, str] = {}
        self.of_sign: set[str] = set()

    def __missing__(self, text: str) -> Token:
        token = token_of(text)
        if token.visible:
            code = self._codes.get(token.key)
            if code is None:
                number = len(self._codes) + 1
                code = self._codes[token.key] = chr(number if number < 0xD800 else number + 0x800)  # no surrogates
            token.code = code
            if token.words:
                self.of_word[code] = token.key
            else:
                self.of_sign.add(code)
        self[text] = token
        return token

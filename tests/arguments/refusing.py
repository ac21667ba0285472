"""What the tests of all checks ask: this very error, with this very message."""

import pytest


def refused(error, message, check, *arguments, **settings):
    with pytest.raises(error) as raised:
        check(*arguments, **settings)
    assert str(raised.value) == message

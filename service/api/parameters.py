"""Query parameters: none that the route does not know, none twice, numbers in plain digits."""

from typing import Annotated, Final

from fastapi import Request
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from analysis.documents.cutoffs import decimal
from analysis.errors import InvalidParameterError
from analysis.messages import Joined, message
from service.validation import cut_name

_KIND: Final = "number"  # as service.validation knows it


def known_parameters(request: Request) -> None:
    """Refuse a parameter that the route does not know, or one that is given more than once.

    A router or an application takes it as a dependency; what is known is read from the route
    itself. Raises :class:`InvalidParameterError`.
    """
    known = tuple(one.alias for one in request.scope["route"].dependant.query_params)
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        told = cut_name(name)
        if name not in known:
            remedy = "api.parameter.unknown.remedy" if known else "api.parameter.none.remedy"
            raise InvalidParameterError(
                message("api.parameter.unknown", name=told),
                remedy=message(remedy, known=Joined(known)),
                source=told,
                value=request.query_params[name],
            )
        if given.count(name) > 1:
            raise InvalidParameterError(
                message("api.parameter.repeated", name=told, count=given.count(name)),
                remedy=message("api.parameter.repeated.remedy", name=told),
                source=told,
                value=", ".join(request.query_params.getlist(name)),
            )


def _plain_number(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return decimal(value)
    except ValueError as error:
        raise PydanticCustomError(_KIND, "not a number") from error


Number = Annotated[float, BeforeValidator(_plain_number)]
"""A float that a client writes in plain digits: neither 1_0 nor full-width digits nor nan."""

"""From the address of a list to what it shows; the lists and their exports read it alike."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.permissions import Scope
from registry.recognitions.forms import RecognitionQuery
from registry.recognitions.queries import RecognitionFilter
from registry.regions.scoping import narrow_by_words


@dataclass(frozen=True, slots=True)
class Listing:
    """`scope` is already narrowed to the region asked for, `region_name` is empty without one."""

    form: RecognitionQuery
    scope: Scope
    wanted: RecognitionFilter
    sort: str
    region_name: str = ""


def read_listing(session: Session, scope: Scope, args: MultiDict[str, str]) -> Listing:
    """What `args` (of a request, or `MultiDict` of options) ask for within `scope`.

    Raises NotFound for a region that does not exist or lies outside.
    """
    form = RecognitionQuery(args)
    scope, name = narrow_by_words(session, scope, form.typed("region"))
    return Listing(form, scope, form.filter(), form.asked_sort, name)

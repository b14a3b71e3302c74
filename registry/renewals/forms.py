"""The query bar of the due list, and the form that ends what a round has not confirmed."""

from __future__ import annotations

from datetime import date

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from registry import clock
from registry.applications.rounds import OFFERED
from registry.forms import ListQuery, ReasonForm
from registry.recognitions.catalogue import Title
from registry.renewals.lapsing import LONGEST_NUMBER
from registry.renewals.queries import DueFilter


def years_around(today: date) -> list[int]:
    """Last year, this one, and the three in which what is valid today comes due."""
    return list(range(today.year - 1, today.year + 4))


class DueQuery(ListQuery):
    """What a due list is asked for: this year and every title, unless something else is."""

    sorts = ()
    usual_sort = ""

    title = StringField("称号")
    year = SelectField("复核年度", validate_choice=False)

    def offer(self) -> None:
        """The years to choose from, and the one that is chosen."""
        years = years_around(clock.today())
        self.year.choices = [(str(year), f"{year}年") for year in years]
        if self.year.data not in {str(year) for year in years}:
            self.year.data = str(clock.today().year)

    def filter(self) -> DueFilter:
        """After `offer`."""
        title = self.title.data
        return DueFilter(
            year=int(self.year.data),
            title=Title(title) if title in set(OFFERED) else None,
            text=self.typed("q"),
        )


class CloseForm(ReasonForm):
    document_no = StringField(
        "文号",
        validators=[
            InputRequired("请填写文号"),
            Length(max=LONGEST_NUMBER, message=f"文号最多 {LONGEST_NUMBER} 个字，请缩短"),
        ],
    )

"""Every table of the product, imported in one place for migrations and checks."""

from __future__ import annotations

from registry.accounts import models as accounts
from registry.audit import models as audit
from registry.db import Base
from registry.enterprises import models as enterprises
from registry.indicators import models as indicators
from registry.industries import models as industries
from registry.recognitions import models as recognitions
from registry.regions import models as regions

ROOMS = (accounts, audit, enterprises, indicators, industries, recognitions, regions)
metadata = Base.metadata

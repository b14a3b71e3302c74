"""Every table of the product, imported in one place for migrations and checks."""

from __future__ import annotations

from registry.accounts import models as accounts
from registry.applications import models as applications
from registry.assessments import models as assessments
from registry.audit import models as audit
from registry.bulletins import models as bulletins
from registry.changes import models as changes
from registry.db import Base
from registry.enterprises import models as enterprises
from registry.evidence import models as evidence
from registry.imports import models as imports
from registry.indicators import models as indicators
from registry.industries import models as industries
from registry.installation import models as installation
from registry.jobs import models as jobs
from registry.notices import models as notices
from registry.recognitions import models as recognitions
from registry.regions import models as regions
from registry.reviews import models as reviews
from registry.targets import models as targets
from registry.worklist import models as worklist

ROOMS = (
    accounts,
    applications,
    assessments,
    audit,
    changes,
    bulletins,
    enterprises,
    evidence,
    imports,
    indicators,
    industries,
    installation,
    jobs,
    notices,
    recognitions,
    regions,
    reviews,
    targets,
    worklist,
)
metadata = Base.metadata

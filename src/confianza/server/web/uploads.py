"""Tables that people upload: looked at first, then stored."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from confianza.errors import ConfianzaError
from confianza.server.language import told
from confianza.server.requests import AccountRequest


def take_table(request: AccountRequest, take: Callable[..., Any]) -> dict[str, Any]:
    """What `take(path, actor=…, dry_run=…)` makes of the table sent, and whether it only looked; or a refusal."""
    upload = request.FILES.get("file")
    name = Path(upload.name or "").name if upload else ""
    if upload is None:
        return {"refusal": _("Choose a file to import.")}
    if Path(name).suffix.lower() not in {".csv", ".xlsx"}:
        return {"refusal": _("The file must be a CSV or an XLSX.")}
    is_dry = "store" not in request.POST
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as file:
            file.writelines(upload.chunks())
        try:
            return {"taken": take(path, actor=request.user.actor, dry_run=is_dry), "is_dry": is_dry}
        except ConfianzaError as error:
            return {"refusal": told(error)}

"""Working hours: what falls outside of them takes from somebody's night or week-end."""

from datetime import tzinfo

import msgspec

from hotfix.record import moment


class Hours(msgspec.Struct, frozen=True):
    """From `begins` to `ends` (``09:00``), Monday to Friday, in a time zone."""

    zone: tzinfo
    begins: str
    ends: str

    def out(self, at: str) -> bool:
        """Whether that moment lies outside."""
        local = moment.from_text(at).astimezone(self.zone)
        return local.weekday() > 4 or not self.begins <= f"{local:%H:%M}" < self.ends

    @property
    def told(self) -> str:
        """For a figure to say."""
        return f"{self.begins} to {self.ends}, Monday to Friday, {self.zone}"

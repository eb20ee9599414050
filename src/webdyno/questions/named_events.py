"""Events told in other words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..lab.events import Emit, Event, Launching, Measuring, Remark, SettingUp, StackReady, TrialDone


class Named:
    """Passes events on with `base` and `head` in place of notations, which hold long temporary paths."""

    def __init__(self, emit: Emit, names: Mapping[str, str]) -> None:
        self.setting_up = ""
        self._emit = emit
        self._names = names

    def __call__(self, event: Event) -> None:
        """Pass one on."""
        match event:
            case SettingUp():
                self.setting_up = self._names[event.stack]
                event = replace(event, stack=self.setting_up)
            case Launching() | Measuring():
                event = replace(event, stack=self._names[event.stack])
            case StackReady(record):
                event = StackReady(record.model_copy(update={"notation": self._names[record.notation]}))
            case TrialDone(trial):
                failure = self._text(trial.failure) if trial.failure else None
                event = TrialDone(trial.model_copy(update={"stack": self._names[trial.stack], "failure": failure}))
            case Remark(text, always):
                event = Remark(self._text(text), always)
        self._emit(event)

    def _text(self, text: str) -> str:
        for notation in sorted(self._names, key=len, reverse=True):
            text = text.replace(notation, self._names[notation])
        return text

"""Events told in other words."""

from __future__ import annotations

from collections.abc import Mapping

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
                event = event.model_copy(update={"stack": self.setting_up})
            case Launching() | Measuring():
                event = event.model_copy(update={"stack": self._names[event.stack]})
            case StackReady(record=record):
                event = StackReady(record=record.model_copy(update={"notation": self._names[record.notation]}))
            case TrialDone(trial=trial):
                failure = trial.failure and trial.failure.rewritten(self._text)
                update = {"stack": self._names[trial.stack], "failure": failure}
                event = TrialDone(trial=trial.model_copy(update=update))
            case Remark():
                event = event.model_copy(update={"text": self._text(event.text)})
        self._emit(event)

    def _text(self, text: str) -> str:
        for notation in sorted(self._names, key=len, reverse=True):
            text = text.replace(notation, self._names[notation])
        return text

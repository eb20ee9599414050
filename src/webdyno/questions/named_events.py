"""Events told in other words."""

from __future__ import annotations

from collections.abc import Mapping

from ..lab.events import Emit, Event, Launching, Measuring, Remark, SettingUp, StackReady, Standings, TrialDone, remark
from ..model.note import Note
from ..model.trial import Trial
from ..texts.catalogue import as_note, fact_of


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
            case Launching():
                event = event.model_copy(update={"stack": self._names[event.stack]})
            case Measuring():
                event = event.model_copy(update={"stacks": tuple(self._names[stack] for stack in event.stacks)})
            case StackReady(record=record):
                event = StackReady(record=record.model_copy(update={"notation": self._names[record.notation]}))
            case TrialDone(trial=trial):
                event = TrialDone(trial=self._trial(trial))
            case Standings(standings=standings, baseline=baseline):
                named = tuple(one.model_copy(update={"stack": self._names[one.stack]}) for one in standings)
                event = event.model_copy(update={"standings": named, "baseline": self._names[baseline]})
            case Remark(what=what, always=always) if what:
                event = remark(what.rewritten(self._name), always=always)
        self._emit(event)

    def _trial(self, trial: Trial) -> Trial:
        failure = trial.failure and self._note(trial.failure)
        return trial.model_copy(update={"stack": self._names[trial.stack], "failure": failure})

    def _note(self, note: Note) -> Note:
        what = fact_of(note)
        return as_note(what.rewritten(self._name)) if what else note

    def _name(self, text: str) -> str:
        return self._names.get(text, text)

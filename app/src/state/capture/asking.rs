//! Questions: they follow the view by themselves, of each kind one at a time.

use super::{Capture, ShownSources};
use crate::state::question::Question;
use crate::state::{Screen, Selection};
use leptos::prelude::*;
use std::time::Duration;
use underlay_model::access::AccessRow;
use underlay_model::sources::{SourceOf, SourceQuery, Sources, TextOf};
use underlay_model::view::{EntityKey, MinuteRange};
use underlay_model::wire::PageRequest;

/// A brush that has not moved for so long rests.
const REST: Duration = Duration::from_millis(300);

/// Questions under way, by kind.
#[derive(Default)]
pub(super) struct Questions {
    pub(super) topology: Question,
    pub(super) timeline: Question,
    pub(super) detail: Question,
    pub(super) edge: Question,
    pub(super) summary: Question,
    pub(super) findings: Question,
    pub(super) sources: Question,
    pub(super) snippet: Question,
    pub(super) coverage: Question,
    pub(super) charts: Question,
    pub(super) requests: Question,
    pub(super) matrix: Question,
    pub(super) journey: Question,
    /// Lists of rows that were asked for.
    lists: u32,
}

impl Questions {
    /// Nothing that is under way counts any longer.
    pub(super) fn forget(&mut self) {
        for question in [
            &mut self.topology,
            &mut self.timeline,
            &mut self.detail,
            &mut self.edge,
            &mut self.summary,
            &mut self.findings,
            &mut self.sources,
            &mut self.snippet,
            &mut self.coverage,
            &mut self.charts,
            &mut self.requests,
            &mut self.matrix,
            &mut self.journey,
        ] {
            question.forget();
        }
    }
}

impl Capture {
    /// Shows the rows behind a number, in the time range in force or in all of it.
    pub fn show_sources(self, title: String, of: SourceOf, whole: bool) {
        let range = if whole { None } else { self.view.range.get_untracked() };
        let query = SourceQuery { of, range, from: Default::default() };
        let list = self.questions.try_update_value(|questions| {
            questions.lists += 1;
            questions.lists
        });
        let (list, sources, ends) = (list.unwrap_or_default(), Sources::default(), Vec::new());
        self.sources.set(Some(ShownSources { title, query, sources, waiting: true, list, ends }));
        self.ask_sources();
    }

    /// Asks for the rows that follow.
    pub fn more_sources(self) {
        self.sources.update(|shown| {
            if let Some(shown) = shown
                && let Some(next) = shown.sources.next
            {
                shown.query.from = next;
                shown.waiting = true;
            }
        });
        self.ask_sources();
    }

    pub(super) fn ask_sources(self) {
        let query = self.sources.with_untracked(|shown| shown.as_ref().map(|shown| shown.query.clone()));
        if let Some(query) = query
            && let Some(id) = self.begin(|questions| &mut questions.sources)
        {
            self.send(&PageRequest::Sources { id, query }, &[]);
        }
    }

    /// Shows a text of an input, or hides it again.
    pub fn toggle_snippet(self, of: TextOf) {
        let same = self.snippet.with_untracked(|shown| matches!(shown, Some((known, _)) if *known == of));
        self.snippet.set(if same { None } else { Some((of, None)) });
        self.ask_snippet();
    }

    pub(super) fn ask_snippet(self) {
        if let Some((of, _)) = self.snippet.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.snippet)
        {
            self.send(&PageRequest::Snippet { id, of }, &[]);
        }
    }

    pub(super) fn ask_charts(self) {
        if let Some(id) = self.begin(|questions| &mut questions.charts) {
            self.send(&PageRequest::Charts { id, selection: self.selected_thing() }, &[]);
        }
    }

    pub(super) fn ask_requests(self) {
        if let Some(filter) = self.requests_wanted.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.requests)
        {
            self.send(&PageRequest::Requests { id, filter }, &[]);
        }
    }

    pub(super) fn ask_matrix(self) {
        if let Some(fold) = self.matrix_wanted.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.matrix)
        {
            self.send(&PageRequest::Matrix { id, fold, range: self.view.range.get_untracked() }, &[]);
        }
    }

    /// Asks for a request's way, or forgets it.
    pub fn show_journey(self, row: Option<AccessRow>) {
        self.journey.set(None);
        self.journey_wanted.set(row);
        self.ask_journey();
    }

    pub(super) fn ask_journey(self) {
        if let Some(row) = self.journey_wanted.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.journey)
        {
            self.send(&PageRequest::Journey { id, row: Box::new(row) }, &[]);
        }
    }

    pub(super) fn ask_coverage(self) {
        if let Some(id) = self.begin(|questions| &mut questions.coverage) {
            self.send(&PageRequest::Coverage { id }, &[]);
        }
    }

    /// Asks again whatever the view shows, when the view or the content changes.
    pub(super) fn follow_view(self) {
        let view = self.view;
        let looking =
            Memo::new(move |_| matches!(view.screen.get(), Screen::Topology | Screen::Table | Screen::Charts));
        Effect::new(move |_| {
            view.range.track();
            view.playhead.track();
            if self.generation.get() > 0 && looking.get() {
                self.ask_topology();
            }
        });
        let resting = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |before: Option<Option<MinuteRange>>| {
            let range = view.range.get();
            if let Some(earlier) = resting.try_update_value(Option::take).flatten() {
                earlier.clear();
            }
            if self.generation.get() > 0 && looking.get() {
                // Of a large capture they take far longer than the picture, which would wait for them: they are asked for when the brush rests.
                match before.filter(|before| *before != range) {
                    Some(_) => resting.set_value(set_timeout_with_handle(move || self.ask_findings(), REST).ok()),
                    None => self.ask_findings(),
                }
            }
            range
        });
        Effect::new(move |_| {
            view.selection.track();
            if self.generation.get() > 0 && looking.get() {
                self.ask_timeline();
            }
        });
        Effect::new(move |_| {
            view.selection.track();
            if self.generation.get() > 0 && view.screen.get() == Screen::Charts {
                self.ask_charts();
            }
        });
        Effect::new(move |_| {
            view.range.track();
            let wanted = self.matrix_wanted.get().is_some();
            if self.generation.get() > 0 && view.screen.get() == Screen::Charts && wanted {
                self.ask_matrix();
            }
        });
        Effect::new(move |_| {
            let wanted = self.requests_wanted.with(Option::is_some);
            if self.generation.get() > 0 && view.screen.get() == Screen::Charts && wanted {
                self.ask_requests();
            }
        });
        Effect::new(move |_| {
            if self.generation.get() > 0 && self.coverage_open.get() && view.screen.get() == Screen::Import {
                self.ask_coverage();
            }
        });
        Effect::new(move |before: Option<Option<Selection>>| {
            view.range.track();
            view.playhead.track();
            let selection = view.selection.get();
            if before.is_some_and(|before| before != selection) {
                self.detail.set(None);
                self.edge.set(None);
            }
            if self.generation.get() > 0 && looking.get() {
                self.ask_detail();
            }
            selection
        });
    }

    pub(super) fn begin(self, which: impl Fn(&mut Questions) -> &mut Question) -> Option<u64> {
        self.questions.try_update_value(|questions| which(questions).begin()).flatten()
    }

    /// Whether an answer for the picture is on its way.
    pub fn awaits_picture(self) -> bool {
        self.questions.with_value(|questions| questions.topology.is_under_way())
    }

    pub(super) fn ask_topology(self) {
        if let Some(id) = self.begin(|questions| &mut questions.topology) {
            self.send(&PageRequest::Topology { id, range: untrack(|| self.view.shown_range()) }, &[]);
        }
    }

    pub(super) fn ask_findings(self) {
        if let Some(id) = self.begin(|questions| &mut questions.findings) {
            self.send(&PageRequest::Findings { id, range: self.view.range.get_untracked() }, &[]);
        }
    }

    /// The selected thing, when it is one.
    pub(super) fn selected_thing(self) -> Option<EntityKey> {
        self.view.selection.with_untracked(|selection| selection.as_ref()?.entity().cloned())
    }

    pub(super) fn ask_timeline(self) {
        let selection = self.selected_thing();
        if let Some(id) = self.begin(|questions| &mut questions.timeline) {
            self.send(&PageRequest::Timeline { id, selection }, &[]);
        }
    }

    pub(super) fn ask_detail(self) {
        let range = untrack(|| self.view.shown_range());
        match self.view.selection.get_untracked() {
            Some(Selection::Entity(key)) => {
                if let Some(id) = self.begin(|questions| &mut questions.detail) {
                    self.send(&PageRequest::Detail { id, key, range }, &[]);
                }
            }
            Some(Selection::Edge { source, target, kind }) => {
                if let Some(id) = self.begin(|questions| &mut questions.edge) {
                    self.send(&PageRequest::Edge { id, source, target, kind, range }, &[]);
                }
            }
            None => {}
        }
    }
}

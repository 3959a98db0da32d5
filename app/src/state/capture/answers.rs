//! Answers and news of the engine: each goes to its signal when it is still the one that is waited for.

use super::asking::Questions;
use super::{Capture, Failure};
use crate::state::Screen;
use crate::state::question::Question;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::sources::Sources;
use underlay_model::wire::{PageEvent, WorkerLoss};

type Which = fn(&mut Questions) -> &mut Question;

impl Capture {
    /// Whether the answer is the one that is waited for; asks again if something changed meanwhile.
    fn accept(self, id: u64, which: Which, again: fn(Self)) -> bool {
        match self.questions.try_update_value(|questions| which(questions).answered(id)).flatten() {
            Some(true) => {
                again(self);
                true
            }
            Some(false) => true,
            None => false,
        }
    }

    /// As [`Self::accept`], and no newer answer is on its way: for what is added to what is there.
    fn accept_last(self, id: u64, which: Which, again: fn(Self)) -> bool {
        self.accept(id, which, again)
            && self.questions.try_update_value(|questions| !which(questions).is_under_way()).unwrap_or(false)
    }

    /// News, and answers by whose question they are of.
    pub(super) fn receive(self, event: PageEvent) {
        match event {
            PageEvent::Ready { workers, .. } => self.workers.set(Some(workers)),
            PageEvent::Progress(progress) => self.note_progress(progress),
            PageEvent::Report(report) => self.report.set(Arc::new(report)),
            PageEvent::Changed { generation, reading } => self.note_change(generation, reading),
            PageEvent::Vitals { memory, requests } => self.vitals.set((memory, requests)),
            PageEvent::WorkerFailed { message, path, loss } => {
                if loss == WorkerLoss::Session {
                    self.reading.set(false);
                }
                self.failures.update(|failures| failures.push(Failure { message, path, loss }));
            }
            PageEvent::Summary { id, json } => {
                if self.accept(id, |questions| &mut questions.summary, |_| {}) && self.summary_wanted.get_untracked() {
                    self.summary_wanted.set(false);
                    crate::export::save_text("underlay-summary.json", "application/json", &json);
                }
            }
            PageEvent::Sources { id, sources } => {
                if self.accept_last(id, |questions| &mut questions.sources, Self::ask_sources) {
                    self.take_sources(*sources);
                }
            }
            PageEvent::Snippet { id, snippet } => {
                if self.accept_last(id, |questions| &mut questions.snippet, Self::ask_snippet) {
                    self.snippet.update(|shown| {
                        if let Some(shown) = shown {
                            shown.1 = Some(snippet);
                        }
                    });
                }
            }
            other => self.receive_for_view(other),
        }
    }

    /// Answers of what the screens show.
    fn receive_for_view(self, event: PageEvent) {
        match event {
            PageEvent::Topology { id, topology } => {
                if self.accept(id, |questions| &mut questions.topology, Self::ask_topology) {
                    self.topology.set(Some(Arc::new(topology)));
                }
            }
            PageEvent::Timeline { id, timeline } => {
                if self.accept(id, |questions| &mut questions.timeline, Self::ask_timeline) {
                    self.timeline.set(Some(Arc::new(timeline)));
                }
            }
            PageEvent::Detail { id, detail } => {
                if self.accept(id, |questions| &mut questions.detail, Self::ask_detail) {
                    let wanted = self.selected_thing();
                    self.detail.set(detail.filter(|detail| Some(&detail.key) == wanted.as_ref()).map(|d| Arc::new(*d)));
                }
            }
            PageEvent::Edge { id, detail } => {
                if self.accept(id, |questions| &mut questions.edge, Self::ask_detail) {
                    self.edge.set(detail.map(|detail| Arc::new(*detail)));
                }
            }
            PageEvent::Findings { id, report } => {
                if self.accept(id, |questions| &mut questions.findings, Self::ask_findings) {
                    self.findings.set(Some(Arc::new(*report)));
                }
            }
            PageEvent::Coverage { id, coverage } => {
                if self.accept(id, |questions| &mut questions.coverage, Self::ask_coverage) {
                    self.coverage.set(Some(Arc::new(coverage)));
                }
            }
            other => self.receive_for_charts(other),
        }
    }

    /// Answers of what the charts' screen shows.
    fn receive_for_charts(self, event: PageEvent) {
        match event {
            PageEvent::Charts { id, charts } if self.accept(id, |all| &mut all.charts, Self::ask_charts) => {
                self.charts.set(Some(Arc::from(charts)));
            }
            PageEvent::Requests { id, page } if self.accept(id, |all| &mut all.requests, Self::ask_requests) => {
                self.requests.set(Some(Arc::from(page)));
            }
            PageEvent::Matrix { id, matrix } if self.accept(id, |all| &mut all.matrix, Self::ask_matrix) => {
                self.matrix.set(Some(Arc::from(matrix)));
            }
            PageEvent::Journey { id, journey }
                if self.accept(id, |all| &mut all.journey, Self::ask_journey)
                    && self.journey_wanted.with_untracked(|wanted| wanted.as_ref() == Some(&journey.row)) =>
            {
                self.journey.set(Some(Arc::from(journey)));
            }
            _ => {}
        }
    }

    fn take_sources(self, mut more: Sources) {
        self.sources.update(|shown| {
            let Some(shown) = shown else { return };
            shown.waiting = false;
            let before = u32::try_from(shown.sources.records.len()).unwrap_or(u32::MAX);
            more.rows.iter_mut().for_each(|row| row.record += before);
            shown.sources.rows.append(&mut more.rows);
            shown.sources.records.append(&mut more.records);
            shown.sources.requests.append(&mut more.requests);
            shown.ends.push(shown.sources.rows.len());
            shown.sources.troubles.append(&mut more.troubles);
            shown.sources.troubles.dedup();
            (shown.sources.total, shown.sources.next) = (more.total, more.next);
        });
    }

    fn note_change(self, generation: u64, reading: bool) {
        self.generation.set(generation);
        let stopped_reading = self.reading.get_untracked() && !reading;
        self.reading.set(reading);
        if !stopped_reading {
            return;
        }
        let empty = self.report.with_untracked(|report| report.inputs.is_empty());
        if empty && self.view.screen.get_untracked() == Screen::Import {
            // Cancelled before there was anything: nothing is open.
            self.clear();
            self.view.reset();
        } else if self.open_when_read.get_untracked() {
            self.open_when_read.set(false);
            self.open_topology();
        }
    }
}

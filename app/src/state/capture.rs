//! The capture as the page knows it: the last answers of the engine, and the few things one can do to it. Questions follow
//! the view by themselves; nothing is computed here.

use super::question::Question;
use super::{CameraWish, Screen, Selection, View};
use crate::engine::Engine;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::access::{AccessFilter, AccessPage, AccessRow};
use underlay_model::charts::Charts;
use underlay_model::coverage::Coverage;
use underlay_model::finding::FindingsReport;
use underlay_model::journey::Journey;
use underlay_model::matrix::{Matrix, MatrixFold};
use underlay_model::sources::{Snippet, SourceOf, SourceQuery, Sources};
use underlay_model::view::{CaptureOptions, EntityKey, Detail, EdgeDetail, Progress, Report, Timeline, Topology};
use underlay_model::wire::{FileOffer, PageEvent, PageRequest, WorkerLoss};

/// A file under the path that the summary will know it by.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// Base name, or `folder/inner/path`.
    pub path: String,
    /// The handle; nothing has been read.
    pub file: web_sys::File,
}

/// A worker that panicked or could not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it said.
    pub message: String,
    /// The file that it was reading.
    pub path: Option<String>,
    /// How it came.
    pub loss: WorkerLoss,
}

/// The rows behind a number, as far as they have been asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownSources {
    /// Whose rows, in words.
    pub title: String,
    /// What was asked last.
    pub query: SourceQuery,
    /// All that has come.
    pub sources: Sources,
    /// More is on its way.
    pub waiting: bool,
}

/// The text around the place of a note: input, byte, and the text when it has come.
pub type ShownSnippet = (u32, u64, Option<Snippet>);

/// Questions under way, by kind.
#[derive(Default)]
struct Questions {
    topology: Question,
    timeline: Question,
    detail: Question,
    edge: Question,
    summary: Question,
    findings: Question,
    sources: Question,
    snippet: Question,
    coverage: Question,
    charts: Question,
    requests: Question,
    matrix: Question,
    journey: Question,
}

/// A speed that does not jump: bytes a second over the last few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// When reading began, page clock in milliseconds.
    pub began_ms: f64,
    /// Bytes a second; 0 while unknown.
    pub bytes_per_second: f64,
    at_ms: f64,
    at_bytes: u64,
}

/// Signals with the last answers. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Capture {
    view: View,
    engine: StoredValue<Option<Engine>, LocalStorage>,
    questions: StoredValue<Questions>,
    /// Parsing workers; `None` until they run.
    pub workers: RwSignal<Option<u32>>,
    /// What the capture is called: its folder or its first file.
    pub name: RwSignal<String>,
    /// Files are being read.
    pub reading: RwSignal<bool>,
    /// How far.
    pub progress: RwSignal<Option<Progress>>,
    /// How fast.
    pub pace: RwSignal<Pace>,
    /// The import report.
    pub report: RwSignal<Arc<Report>>,
    /// Counts changes of the content; 0 is an empty capture.
    pub generation: RwSignal<u64>,
    /// The picture's content for the range in force; `None` until the first answer.
    pub topology: RwSignal<Option<Arc<Topology>>>,
    /// Minute by minute, for the selection in force.
    pub timeline: RwSignal<Option<Arc<Timeline>>>,
    /// Of the selected thing; `None` while none is selected or there is no such thing.
    pub detail: RwSignal<Option<Arc<Detail>>>,
    /// Of the selected edge.
    pub edge: RwSignal<Option<Arc<EdgeDetail>>>,
    /// What the checks say of the whole capture; `None` until the first answer.
    pub findings: RwSignal<Option<Arc<FindingsReport>>>,
    /// The rows behind a number, while they are shown.
    pub sources: RwSignal<Option<ShownSources>>,
    /// The text around a note, while it is shown.
    pub snippet: RwSignal<Option<ShownSnippet>>,
    /// Which NIC has logs for which minute; `None` until it was asked for.
    pub coverage: RwSignal<Option<Arc<Coverage>>>,
    /// The coverage is shown: it is asked for again when the content changes.
    pub coverage_open: RwSignal<bool>,
    /// Metrics, requests and events over time; `None` until asked for.
    pub charts: RwSignal<Option<Arc<Charts>>>,
    /// Which requests are listed; `None` while they are not shown.
    pub requests_wanted: RwSignal<Option<AccessFilter>>,
    /// Single requests, as far as they were asked for.
    pub requests: RwSignal<Option<Arc<AccessPage>>>,
    /// What rows of the matrix stand for; `None` while it is not shown.
    pub matrix_wanted: RwSignal<Option<Option<MatrixFold>>>,
    /// Which gateway instance sends what to which pod.
    pub matrix: RwSignal<Option<Arc<Matrix>>>,
    /// The request whose way is shown.
    pub journey_wanted: RwSignal<Option<AccessRow>>,
    /// Its way, when it has come.
    pub journey: RwSignal<Option<Arc<Journey>>>,
    /// Memory of all workers in bytes, and requests that they made.
    pub vitals: RwSignal<(u64, u32)>,
    /// What was declared because no file names it. Lasts as long as the capture.
    pub options: RwSignal<CaptureOptions>,
    /// Handles of everything that was added, to begin again when the session is lost.
    files: StoredValue<Vec<NamedFile>, LocalStorage>,
    /// Failures that nobody has read yet.
    pub failures: RwSignal<Vec<Failure>>,
    /// Reading goes straight on to the picture (the sample).
    open_when_read: RwSignal<bool>,
    /// What waits for the summary's bytes.
    summary_wanted: RwSignal<bool>,
}

impl Capture {
    /// An empty capture with its engine running.
    pub fn start(view: View) -> Self {
        let capture = Self {
            view,
            engine: StoredValue::new_local(None),
            questions: StoredValue::new(Questions::default()),
            workers: RwSignal::new(None),
            name: RwSignal::new(String::new()),
            reading: RwSignal::new(false),
            progress: RwSignal::new(None),
            pace: RwSignal::new(Pace::default()),
            report: RwSignal::new(Arc::default()),
            generation: RwSignal::new(0),
            topology: RwSignal::new(None),
            timeline: RwSignal::new(None),
            detail: RwSignal::new(None),
            edge: RwSignal::new(None),
            findings: RwSignal::new(None),
            sources: RwSignal::new(None),
            snippet: RwSignal::new(None),
            coverage: RwSignal::new(None),
            coverage_open: RwSignal::new(false),
            charts: RwSignal::new(None),
            requests_wanted: RwSignal::new(None),
            requests: RwSignal::new(None),
            matrix_wanted: RwSignal::new(None),
            matrix: RwSignal::new(None),
            journey_wanted: RwSignal::new(None),
            journey: RwSignal::new(None),
            vitals: RwSignal::new((0, 0)),
            options: RwSignal::new(CaptureOptions::default()),
            files: StoredValue::new_local(Vec::new()),
            failures: RwSignal::new(Vec::new()),
            open_when_read: RwSignal::new(false),
            summary_wanted: RwSignal::new(false),
        };
        capture.engine.set_value(Some(Engine::start(move |event| capture.receive(event))));
        capture.follow_view();
        capture
    }

    /// Whether any file has been read or is being read.
    pub fn has_content(self) -> bool {
        self.reading.get() || !self.report.with(|report| report.inputs.is_empty())
    }

    /// As [`Self::has_content`], without subscribing.
    pub fn has_content_untracked(self) -> bool {
        untrack(|| self.has_content())
    }

    /// Reads files, in addition to those that are there, and shows the import screen. `name` is what to call the capture if
    /// it has no name yet; `open` goes on to the picture when all is read.
    pub fn add(self, files: Vec<NamedFile>, name: &str, open: bool) {
        if files.is_empty() {
            return;
        }
        if self.name.with_untracked(String::is_empty) {
            self.name.set(name.to_owned());
        }
        let now = now_ms();
        self.pace.set(Pace { began_ms: now, at_ms: now, ..Pace::default() });
        self.progress.set(None);
        self.reading.set(true);
        self.open_when_read.set(open);
        self.view.screen.set(Screen::Import);
        let offers = files
            .iter()
            // A file's size is a whole number below 2^53.
            .map(|file| FileOffer { path: file.path.clone(), bytes: file.file.size() as u64 })
            .collect();
        let handles: Vec<_> = files.iter().map(|file| file.file.clone()).collect();
        self.files.update_value(|known| known.extend(files));
        self.send(&PageRequest::AddFiles(offers), &handles);
    }

    /// Stops reading and forgets what this go has read.
    pub fn cancel(self) {
        self.open_when_read.set(false);
        self.send(&PageRequest::Cancel, &[]);
    }

    /// Stops reading and keeps what was read.
    pub fn stop_and_keep(self) {
        self.send(&PageRequest::StopAndKeep, &[]);
    }

    /// Forgets one input.
    pub fn remove(self, path: &str) {
        self.send(&PageRequest::Remove(path.to_owned()), &[]);
    }

    /// Reads an input again that was taken out.
    pub fn put_back(self, path: &str) {
        self.reading.set(true);
        self.send(&PageRequest::PutBack(path.to_owned()), &[]);
    }

    /// Declares what no file names.
    pub fn declare(self, options: CaptureOptions) {
        self.send(&PageRequest::SetOptions(options.clone()), &[]);
        self.options.set(options);
    }

    /// Shows the rows behind a number, in the time range in force or in all of it.
    pub fn show_sources(self, title: String, of: SourceOf, whole: bool) {
        let range = if whole { None } else { self.view.range.get_untracked() };
        let query = SourceQuery { of, range, from: Default::default() };
        self.sources.set(Some(ShownSources { title, query, sources: Sources::default(), waiting: true }));
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

    fn ask_sources(self) {
        let query = self.sources.with_untracked(|shown| shown.as_ref().map(|shown| shown.query.clone()));
        if let Some(query) = query
            && let Some(id) = self.begin(|questions| &mut questions.sources)
        {
            self.send(&PageRequest::Sources { id, query }, &[]);
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
            shown.sources.troubles.append(&mut more.troubles);
            shown.sources.troubles.dedup();
            (shown.sources.total, shown.sources.next) = (more.total, more.next);
        });
    }

    /// Shows the text around a byte of an input, or hides it again.
    pub fn toggle_snippet(self, input: u32, byte: u64) {
        let same = self.snippet.with_untracked(|shown| matches!(shown, Some((i, b, _)) if (*i, *b) == (input, byte)));
        self.snippet.set(if same { None } else { Some((input, byte, None)) });
        self.ask_snippet();
    }

    fn ask_snippet(self) {
        if let Some((input, byte, _)) = self.snippet.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.snippet)
        {
            self.send(&PageRequest::Snippet { id, input, byte }, &[]);
        }
    }

    fn ask_charts(self) {
        if let Some(id) = self.begin(|questions| &mut questions.charts) {
            self.send(&PageRequest::Charts { id, selection: self.selected_thing() }, &[]);
        }
    }

    fn ask_requests(self) {
        if let Some(filter) = self.requests_wanted.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.requests)
        {
            self.send(&PageRequest::Requests { id, filter }, &[]);
        }
    }

    fn ask_matrix(self) {
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

    fn ask_journey(self) {
        if let Some(row) = self.journey_wanted.get_untracked()
            && let Some(id) = self.begin(|questions| &mut questions.journey)
        {
            self.send(&PageRequest::Journey { id, row: Box::new(row) }, &[]);
        }
    }

    fn ask_coverage(self) {
        if let Some(id) = self.begin(|questions| &mut questions.coverage) {
            self.send(&PageRequest::Coverage { id }, &[]);
        }
    }

    /// The session was lost: starts another one with the same files, less those that were taken out.
    pub fn start_again(self) {
        let out = self.report.with_untracked(|report| report.out.clone());
        let (name, options) = (self.name.get_untracked(), self.options.get_untracked());
        let files: Vec<NamedFile> = self
            .files
            .try_update_value(std::mem::take)
            .unwrap_or_default()
            .into_iter()
            .filter(|file| !out.iter().any(|(path, _)| *path == file.path))
            .collect();
        self.clear();
        self.engine.update_value(|engine| {
            if let Some(engine) = engine.take() {
                engine.end();
            }
        });
        self.engine.set_value(Some(Engine::start(move |event| self.receive(event))));
        self.declare(options);
        self.add(files, &name, false);
    }

    /// Forgets everything and goes back to the empty page.
    pub fn close(self) {
        self.send(&PageRequest::Reset, &[]);
        self.files.set_value(Vec::new());
        self.clear();
        self.view.reset();
    }

    /// Asks for the summary, which is then saved as a file.
    pub fn save_summary(self) {
        self.summary_wanted.set(true);
        let id = self.questions.try_update_value(|questions| questions.summary.begin()).flatten();
        if let Some(id) = id {
            self.send(&PageRequest::Summary { id, pretty: false }, &[]);
        }
    }

    fn clear(self) {
        self.name.set(String::new());
        self.reading.set(false);
        self.progress.set(None);
        self.report.set(Arc::default());
        self.generation.set(0);
        self.topology.set(None);
        self.timeline.set(None);
        self.detail.set(None);
        self.edge.set(None);
        self.findings.set(None);
        self.sources.set(None);
        self.snippet.set(None);
        self.coverage.set(None);
        self.charts.set(None);
        self.requests_wanted.set(None);
        self.requests.set(None);
        self.matrix_wanted.set(None);
        self.matrix.set(None);
        self.journey_wanted.set(None);
        self.journey.set(None);
        self.options.set(CaptureOptions::default());
        self.questions.update_value(|questions| {
            for question in [
                &mut questions.topology,
                &mut questions.timeline,
                &mut questions.detail,
                &mut questions.edge,
                &mut questions.summary,
                &mut questions.findings,
                &mut questions.sources,
                &mut questions.snippet,
                &mut questions.coverage,
                &mut questions.charts,
                &mut questions.requests,
                &mut questions.matrix,
                &mut questions.journey,
            ] {
                question.forget();
            }
        });
    }

    fn send(self, request: &PageRequest, files: &[web_sys::File]) {
        self.engine.with_value(|engine| {
            if let Some(engine) = engine {
                engine.send(request, files);
            }
        });
    }

    /// Asks again whatever the view shows, when the view or the content changes.
    fn follow_view(self) {
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
        Effect::new(move |_| {
            view.range.track();
            if self.generation.get() > 0 && looking.get() {
                self.ask_findings();
            }
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

    fn begin(self, which: impl Fn(&mut Questions) -> &mut Question) -> Option<u64> {
        self.questions.try_update_value(|questions| which(questions).begin()).flatten()
    }

    /// Whether the answer is the one that is waited for; asks again if something changed meanwhile.
    fn accept(self, id: u64, which: impl Fn(&mut Questions) -> &mut Question, again: impl Fn()) -> bool {
        match self.questions.try_update_value(|questions| which(questions).answered(id)).flatten() {
            Some(true) => {
                again();
                true
            }
            Some(false) => true,
            None => false,
        }
    }

    /// Whether an answer for the picture is on its way.
    pub fn awaits_picture(self) -> bool {
        self.questions.with_value(|questions| questions.topology.is_under_way())
    }

    fn ask_topology(self) {
        if let Some(id) = self.begin(|questions| &mut questions.topology) {
            self.send(&PageRequest::Topology { id, range: untrack(|| self.view.shown_range()) }, &[]);
        }
    }

    fn ask_findings(self) {
        if let Some(id) = self.begin(|questions| &mut questions.findings) {
            self.send(&PageRequest::Findings { id, range: self.view.range.get_untracked() }, &[]);
        }
    }

    /// The selected thing, when it is one.
    fn selected_thing(self) -> Option<EntityKey> {
        self.view.selection.with_untracked(|selection| selection.as_ref()?.entity().cloned())
    }

    fn ask_timeline(self) {
        let selection = self.selected_thing();
        if let Some(id) = self.begin(|questions| &mut questions.timeline) {
            self.send(&PageRequest::Timeline { id, selection }, &[]);
        }
    }

    fn ask_detail(self) {
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

    fn receive(self, event: PageEvent) {
        match event {
            PageEvent::Ready { workers, .. } => self.workers.set(Some(workers)),
            PageEvent::Progress(progress) => self.note_progress(progress),
            PageEvent::Report(report) => self.report.set(Arc::new(report)),
            PageEvent::Changed { generation, reading } => self.note_change(generation, reading),
            PageEvent::Topology { id, topology } => {
                if self.accept(id, |questions| &mut questions.topology, move || self.ask_topology()) {
                    self.topology.set(Some(Arc::new(topology)));
                }
            }
            PageEvent::Timeline { id, timeline } => {
                if self.accept(id, |questions| &mut questions.timeline, move || self.ask_timeline()) {
                    self.timeline.set(Some(Arc::new(timeline)));
                }
            }
            PageEvent::Detail { id, detail } => {
                if self.accept(id, |questions| &mut questions.detail, move || self.ask_detail()) {
                    let wanted =
                        self.view.selection.with_untracked(|s| s.as_ref().and_then(Selection::entity).cloned());
                    self.detail.set(detail.filter(|detail| Some(&detail.key) == wanted.as_ref()).map(|d| Arc::new(*d)));
                }
            }
            PageEvent::Edge { id, detail } => {
                if self.accept(id, |questions| &mut questions.edge, move || self.ask_detail()) {
                    self.edge.set(detail.map(|detail| Arc::new(*detail)));
                }
            }
            PageEvent::Findings { id, report } => {
                if self.accept(id, |questions| &mut questions.findings, move || self.ask_findings()) {
                    self.findings.set(Some(Arc::new(*report)));
                }
            }
            PageEvent::Summary { id, json } => {
                if self.accept(id, |questions| &mut questions.summary, || {}) && self.summary_wanted.get_untracked() {
                    self.summary_wanted.set(false);
                    crate::export::save_text("underlay-summary.json", "application/json", &json);
                }
            }
            PageEvent::Sources { id, sources } => {
                if self.accept(id, |questions| &mut questions.sources, move || self.ask_sources()) {
                    // An answer that was overtaken is of another list.
                    let under_way = self.questions.with_value(|questions| questions.sources.is_under_way());
                    if !under_way {
                        self.take_sources(*sources);
                    }
                }
            }
            PageEvent::Snippet { id, snippet } => {
                if self.accept(id, |questions| &mut questions.snippet, move || self.ask_snippet())
                    && !self.questions.with_value(|questions| questions.snippet.is_under_way())
                {
                    self.snippet.update(|shown| {
                        if let Some(shown) = shown {
                            shown.2 = Some(snippet);
                        }
                    });
                }
            }
            PageEvent::Coverage { id, coverage } => {
                if self.accept(id, |questions| &mut questions.coverage, move || self.ask_coverage()) {
                    self.coverage.set(Some(Arc::new(coverage)));
                }
            }
            PageEvent::Charts { id, charts } => {
                if self.accept(id, |questions| &mut questions.charts, move || self.ask_charts()) {
                    self.charts.set(Some(Arc::from(charts)));
                }
            }
            PageEvent::Requests { id, page } => {
                if self.accept(id, |questions| &mut questions.requests, move || self.ask_requests()) {
                    self.requests.set(Some(Arc::from(page)));
                }
            }
            PageEvent::Matrix { id, matrix } => {
                if self.accept(id, |questions| &mut questions.matrix, move || self.ask_matrix()) {
                    self.matrix.set(Some(Arc::from(matrix)));
                }
            }
            PageEvent::Journey { id, journey } => {
                if self.accept(id, |questions| &mut questions.journey, move || self.ask_journey())
                    && self.journey_wanted.with_untracked(|wanted| wanted.as_ref() == Some(&journey.row))
                {
                    self.journey.set(Some(Arc::from(journey)));
                }
            }
            PageEvent::Vitals { memory, requests } => self.vitals.set((memory, requests)),
            PageEvent::WorkerFailed { message, path, loss } => {
                if loss == WorkerLoss::Session {
                    self.reading.set(false);
                }
                self.failures.update(|failures| failures.push(Failure { message, path, loss }));
            }
        }
    }

    fn note_progress(self, progress: Progress) {
        let now = now_ms();
        self.pace.update(|pace| {
            let elapsed = now - pace.at_ms;
            if elapsed >= 250.0 {
                // Bytes read are far below 2^53.
                let speed = progress.bytes_read.saturating_sub(pace.at_bytes) as f64 * 1000.0 / elapsed;
                pace.bytes_per_second =
                    if pace.bytes_per_second > 0.0 { pace.bytes_per_second * 0.7 + speed * 0.3 } else { speed };
                (pace.at_ms, pace.at_bytes) = (now, progress.bytes_read);
            }
        });
        self.progress.set(Some(progress));
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

    /// Goes from the report to the picture.
    pub fn open_topology(self) {
        if self.topology.with_untracked(Option::is_none) && self.view.camera.get_untracked().is_none() {
            self.view.camera_wanted.set(Some(CameraWish::Fit));
        }
        self.view.screen.set(Screen::Topology);
    }
}

/// The page's clock, milliseconds.
fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

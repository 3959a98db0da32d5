//! The capture as the page knows it: the last answers of the engine, and the few things one can do to it. Questions follow
//! the view by themselves; nothing is computed here.

mod answers;
mod asking;
mod pace;

pub use pace::Pace;

use super::{CameraWish, Screen, View};
use crate::engine::Engine;
use crate::wording;
use asking::Questions;
use leptos::prelude::*;
use pace::now_ms;
use std::ops::Range;
use std::sync::Arc;
use underlay_model::access::{AccessFilter, AccessPage, AccessRow};
use underlay_model::charts::Charts;
use underlay_model::coverage::Coverage;
use underlay_model::finding::FindingsReport;
use underlay_model::journey::Journey;
use underlay_model::matrix::{Matrix, MatrixFold};
use underlay_model::sources::{Snippet, SourceQuery, Sources, TextOf};
use underlay_model::time::minute_of;
use underlay_model::view::{CaptureOptions, Detail, EdgeDetail, Progress, Report, Timeline, Topology};
use underlay_model::wire::{FileOffer, PageRequest, WorkerLoss};

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
    /// Which list it is: no other has its number.
    pub list: u32,
    /// How many rows there were after each answer.
    pub ends: Vec<usize>,
}

impl ShownSources {
    /// There is no row to show, and none on its way.
    pub fn is_empty(&self) -> bool {
        self.sources.rows.is_empty() && !self.waiting
    }

    /// The rows of each answer, with the number of the list.
    pub fn parts(&self) -> Vec<(u32, Range<usize>)> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(&start, &end)| (self.list, start..end)).collect()
    }
}

/// Which text of an input is shown, and it when it has come.
pub type ShownSnippet = (TextOf, Option<Snippet>);

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
    /// The text around a note, or an object's, while it is shown.
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

    /// A sentence of the engine with its times as the page says times.
    pub fn said(self, sentence: &str) -> String {
        wording::times::in_sentence(sentence, self.report.with(|report| report.span))
    }

    /// The zone of the clock in force when the capture begins.
    pub fn zone(self) -> Memo<String> {
        Memo::new(move |_| {
            let first = self.report.with(|report| report.span.map_or(0, |span| span.0));
            wording::clock::zone(minute_of(first))
        })
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
        self.questions.update_value(Questions::forget);
    }

    fn send(self, request: &PageRequest, files: &[web_sys::File]) {
        self.engine.with_value(|engine| {
            if let Some(engine) = engine {
                engine.send(request, files);
            }
        });
    }

    /// Goes from the report to the picture.
    pub fn open_topology(self) {
        if self.topology.with_untracked(Option::is_none) && self.view.camera.get_untracked().is_none() {
            self.view.camera_wanted.set(Some(CameraWish::Fit));
        }
        self.view.screen.set(Screen::Topology);
    }
}

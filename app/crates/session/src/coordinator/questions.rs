//! The page's questions: of each kind the newest only, answered from what was settled and from sums that the shards make.

use super::{Coordinator, Purpose};
use crate::shard_wire::{ProbedPair, ShardRequestBody, ShardResponseBody};
use crate::{summary, view};
use std::collections::BTreeMap;
use underlay_model::access::AccessPage;
use underlay_model::connection::Connection;
use underlay_model::view::MinuteRange;
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_store::grouped::GroupSums;
use underlay_store::query::{MinuteSums, PairDetails, PairQuery, PairSums, Selector};
use underlay_store::sources::PointCoverage;

/// Rows of the access logs in one answer.
const REQUEST_ROWS: u32 = 200;

/// Questions that wait, and questions whose answers the shards are making.
#[derive(Debug, Default)]
pub(super) struct Questions {
    waiting: BTreeMap<Kind, PageRequest>,
    running: BTreeMap<Kind, Running>,
    /// How often a question of a kind was put again since one was answered.
    tries: BTreeMap<Kind, u32>,
}

/// A question is put again so often.
const TRIES: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Topology,
    Timeline,
    Detail,
    Edge,
    Summary,
    Findings,
    Sources,
    Coverage,
    Charts,
    Requests,
    Matrix,
    Journey,
}

#[derive(Debug)]
struct Running {
    run: u64,
    request: PageRequest,
    missing: usize,
    pairs: Vec<PairSums>,
    groups: Vec<GroupSums>,
    details: Vec<PairDetails>,
    minutes: Vec<MinuteSums>,
    coverage: Vec<Vec<PointCoverage>>,
    requests: Vec<AccessPage>,
    connections: Vec<(ProbedPair, Vec<Connection>)>,
}

impl Questions {
    /// Puts a question; an older one of its kind is forgotten.
    pub fn ask(&mut self, request: PageRequest) {
        let Some(kind) = kind_of(&request) else { return };
        self.running.remove(&kind);
        self.waiting.insert(kind, request);
    }

    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty() || !self.running.is_empty()
    }

    /// Their answers will not come or are of no use any more, and nobody waits for them.
    pub fn clear(&mut self) {
        self.running.clear();
        self.waiting.clear();
    }

    /// Their answers will not come: they are put again, but where a newer one waits.
    pub fn ask_again(&mut self) {
        for (_, running) in std::mem::take(&mut self.running) {
            self.put_again(running.request);
        }
    }

    /// Puts one question again, but not for ever: it may be what a shard fails by.
    pub fn put_again(&mut self, request: PageRequest) {
        let Some(kind) = kind_of(&request) else { return };
        let tries = self.tries.entry(kind).or_default();
        *tries += 1;
        if *tries <= TRIES {
            self.waiting.entry(kind).or_insert(request);
        }
    }

    /// A question of this kind was answered.
    pub fn answered(&mut self, request: &PageRequest) {
        if let Some(kind) = kind_of(request) {
            self.tries.remove(&kind);
        }
    }
}

fn kind_of(request: &PageRequest) -> Option<Kind> {
    match request {
        PageRequest::Topology { .. } => Some(Kind::Topology),
        PageRequest::Timeline { .. } => Some(Kind::Timeline),
        PageRequest::Detail { .. } => Some(Kind::Detail),
        PageRequest::Edge { .. } => Some(Kind::Edge),
        PageRequest::Summary { .. } => Some(Kind::Summary),
        PageRequest::Findings { .. } => Some(Kind::Findings),
        PageRequest::Sources { .. } => Some(Kind::Sources),
        PageRequest::Coverage { .. } => Some(Kind::Coverage),
        PageRequest::Charts { .. } => Some(Kind::Charts),
        PageRequest::Requests { .. } => Some(Kind::Requests),
        PageRequest::Matrix { .. } => Some(Kind::Matrix),
        PageRequest::Journey { .. } => Some(Kind::Journey),
        _ => None,
    }
}

impl Coordinator {
    /// Starts what waits, unless the capture is just being settled.
    #[inline(never)]
    pub(super) fn start_questions(&mut self) {
        if self.settling.is_running() {
            return;
        }
        if self.questions.waiting.is_empty() {
            return self.work_ahead();
        }
        // A summary is of the whole capture: it waits for the end of reading.
        let for_summary =
            !self.is_reading() && !self.settling.is_busy() && self.questions.waiting.contains_key(&Kind::Summary);
        let for_picture = self.questions.waiting.keys().any(|kind| *kind != Kind::Summary);
        if !for_summary && !for_picture {
            return;
        }
        if !self.capture.sums_known {
            return self.start_sums(for_picture);
        }
        if for_picture {
            self.answer_the_page();
        }
        if for_summary && !self.settling.is_running() {
            if self.capture.seen.is_none() {
                return self.start_seen();
            }
            if let Some(PageRequest::Summary { id, pretty }) = self.questions.waiting.remove(&Kind::Summary) {
                let json = summary::to_json(&self.capture.summary(&self.inputs), pretty);
                self.tell(PageEvent::Summary { id, json });
            }
        }
    }

    fn answer_the_page(&mut self) {
        if !self.capture.has_picture() {
            return self.start_picture();
        }
        let grouped = self.capture.grouped;
        let asked = self.questions.waiting.get(&Kind::Topology);
        if matches!(asked, Some(PageRequest::Topology { range: Some(_), .. })) && !grouped {
            return self.start_grouping();
        }
        // The first checks take longer than the picture: it is told before, and they are made when the shards have answered something.
        let checks_wait = !grouped && !self.capture.has_findings();
        let answered_now = |kind: &Kind| *kind != Kind::Summary && !(*kind == Kind::Findings && checks_wait);
        let kinds: Vec<Kind> = self.questions.waiting.keys().copied().filter(answered_now).collect();
        for kind in kinds {
            if let Some(request) = self.questions.waiting.remove(&kind) {
                self.start_question(kind, request);
            }
        }
        if checks_wait && self.questions.waiting.contains_key(&Kind::Findings) {
            self.start_grouping();
        }
    }

    /// Whoever has read will look, and whoever sees the picture will ask for a part of it.
    fn work_ahead(&mut self) {
        let idle = !self.is_reading() && !self.settling.is_busy() && self.questions.running.is_empty();
        if !idle {
            return;
        }
        if !self.capture.sums_known {
            if self.previews && self.capture.span().is_some() {
                self.start_sums(true);
            }
        } else if self.capture.has_picture() && !self.capture.grouped {
            self.start_grouping();
        }
    }

    fn start_question(&mut self, kind: Kind, request: PageRequest) {
        let Some(world) = self.capture.world() else { return };
        let bodies = match &request {
            PageRequest::Topology { id, range: None } => {
                let groups = &self.capture.groups;
                let topology = view::topology(world, groups, groups.whole());
                return self.tell(PageEvent::Topology { id: *id, topology });
            }
            PageRequest::Topology { range, .. } => vec![ShardRequestBody::GroupSums(*range)],
            PageRequest::Timeline { id, selection } => {
                match selection.as_ref().and_then(|key| view::selector(world, key)) {
                    Some(selector) => vec![ShardRequestBody::Timeline(selector)],
                    None => {
                        let timeline = view::timeline(world, &self.capture.timeline, false);
                        return self.tell(PageEvent::Timeline { id: *id, timeline });
                    }
                }
            }
            PageRequest::Findings { id, range: None } => {
                let report = Box::new(self.capture.findings(&self.inputs).clone());
                return self.tell(PageEvent::Findings { id: *id, report });
            }
            PageRequest::Findings { range, .. } => vec![self.pairs_in(*range, Selector::default())],
            PageRequest::Sources { id, query } => return self.start_sources(*id, query.clone()),
            PageRequest::Coverage { .. } => vec![ShardRequestBody::Coverage],
            PageRequest::Charts { id, selection } => {
                match selection.as_ref().and_then(|key| view::selector(world, key)) {
                    Some(selector) => vec![ShardRequestBody::Timeline(selector)],
                    None => {
                        let charts = Box::new(view::charts(world, None, &self.capture.timeline));
                        return self.tell(PageEvent::Charts { id: *id, charts });
                    }
                }
            }
            PageRequest::Matrix { id, fold, range: None } => {
                let matrix = Box::new(view::matrix(world, &self.capture.pairs, *fold));
                return self.tell(PageEvent::Matrix { id: *id, matrix });
            }
            PageRequest::Matrix { range, .. } => vec![self.pairs_in(*range, view::gateway_selector(world))],
            PageRequest::Journey { id, row } => {
                let pairs = view::carrying_pairs(world, row);
                if pairs.is_empty() {
                    let journey = Box::new(view::journey(world, (**row).clone(), Vec::new()));
                    return self.tell(PageEvent::Journey { id: *id, journey });
                }
                vec![ShardRequestBody::Connections(world.probes.thinned, pairs)]
            }
            PageRequest::Requests { filter, .. } => {
                vec![ShardRequestBody::AccessRows(Box::new(filter.clone()), REQUEST_ROWS)]
            }
            PageRequest::Detail { id, key, range } => match view::selector(world, key) {
                Some(selector) => self.about(*range, selector),
                None => return self.tell(PageEvent::Detail { id: *id, detail: None }),
            },
            PageRequest::Edge { id, source, target, kind, range } => {
                match view::edge_selector(world, source, target, *kind) {
                    Some(selector) => self.about(*range, selector),
                    None => return self.tell(PageEvent::Edge { id: *id, detail: None }),
                }
            }
            _ => return,
        };
        let run = self.number();
        let missing = bodies.len() * self.shards as usize;
        let (pairs, groups, details, minutes, coverage, requests, connections) = Default::default();
        self.questions.running.insert(
            kind,
            Running { run, request, missing, pairs, groups, details, minutes, coverage, requests, connections },
        );
        for body in bodies {
            self.ask_every_shard(Purpose::Question(run), &body);
        }
    }

    fn pairs_in(&self, range: Option<MinuteRange>, selector: Selector) -> ShardRequestBody {
        ShardRequestBody::Pairs(PairQuery { range, split: self.capture.contested.clone(), selector })
    }

    /// Pairs of the range, and details and minutes of the whole capture.
    fn about(&self, range: Option<MinuteRange>, selector: Selector) -> Vec<ShardRequestBody> {
        vec![
            self.pairs_in(range, selector.clone()),
            ShardRequestBody::PairDetails(selector.clone()),
            ShardRequestBody::Timeline(selector),
        ]
    }

    #[inline(never)]
    pub(super) fn question_response(&mut self, run: u64, body: ShardResponseBody) {
        let Some((kind, running)) = self.questions.running.iter_mut().find(|(_, running)| running.run == run) else {
            return;
        };
        match body {
            ShardResponseBody::Pairs(pairs) => running.pairs.push(pairs),
            ShardResponseBody::GroupSums(sums) => running.groups.push(sums),
            ShardResponseBody::PairDetails(details) => running.details.push(details),
            ShardResponseBody::Timeline(minutes) => running.minutes.push(minutes),
            ShardResponseBody::Coverage(coverage) => running.coverage.push(coverage),
            ShardResponseBody::AccessRows(page) => running.requests.push(*page),
            ShardResponseBody::Connections(lists) => running.connections.extend(lists),
            _ => {}
        }
        running.missing = running.missing.saturating_sub(1);
        let kind = *kind;
        if running.missing == 0
            && let Some(running) = self.questions.running.remove(&kind)
        {
            self.answer(running);
        }
    }

    fn answer(&mut self, running: Running) {
        let Running { request, pairs, groups, details, minutes, coverage, requests, connections, .. } = running;
        self.questions.answered(&request);
        let Some(world) = self.capture.world() else {
            // The capture has changed meanwhile: asked again on what it is now.
            return self.questions.ask(request);
        };
        let (pairs, minutes) = (PairSums::merge(pairs), MinuteSums::merge(minutes));
        let details = PairDetails::merge(details);
        let event = match request {
            PageRequest::Topology { id, range } => {
                let world = view::World { range, ..world };
                PageEvent::Topology {
                    id,
                    topology: view::topology(world, &self.capture.groups, &GroupSums::merge(&groups)),
                }
            }
            PageRequest::Findings { id, range: Some(range) } => {
                let report = self.capture.findings_within(&self.inputs, &pairs, range);
                PageEvent::Findings { id, report: Box::new(report) }
            }
            PageRequest::Timeline { id, .. } => {
                PageEvent::Timeline { id, timeline: view::timeline(world, &minutes, true) }
            }
            PageRequest::Requests { id, filter } => {
                let page = AccessPage::merge(requests, &filter, REQUEST_ROWS as usize);
                PageEvent::Requests { id, page: Box::new(page) }
            }
            PageRequest::Charts { id, selection } => {
                let charts = Box::new(view::charts(world, selection.as_ref(), &minutes));
                PageEvent::Charts { id, charts }
            }
            PageRequest::Matrix { id, fold, range } => {
                let world = view::World { range, ..world };
                PageEvent::Matrix { id, matrix: Box::new(view::matrix(world, &pairs, fold)) }
            }
            PageRequest::Journey { id, row } => {
                PageEvent::Journey { id, journey: Box::new(view::journey(world, *row, connections)) }
            }
            PageRequest::Coverage { id } => {
                let points = PointCoverage::merge(coverage);
                let coverage = view::coverage(world.resolver, self.capture.span(), points);
                PageEvent::Coverage { id, coverage }
            }
            PageRequest::Detail { id, key, range } => {
                let world = view::World { range, ..world };
                let detail = view::detail(world, &key, &pairs, &details, &minutes).map(Box::new);
                PageEvent::Detail { id, detail }
            }
            PageRequest::Edge { id, source, target, kind, range } => {
                let world = view::World { range, ..world };
                let detail = view::edge_detail(world, &source, &target, kind, &pairs, &details, &minutes);
                PageEvent::Edge { id, detail: detail.map(Box::new) }
            }
            _ => return,
        };
        self.tell(event);
    }
}

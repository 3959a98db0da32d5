//! The sums over the whole capture, and what the picture, the summary and ranges need beyond them: asked of the shards when somebody wants them.

use super::Step;
use crate::coordinator::Coordinator;
use crate::shard_wire::{ShardRequestBody, ShardResponseBody};
use underlay_findings::probes::{merge as merge_probes, shared_pairs};
use underlay_store::query::{MinuteSums, PairDetails, PairQuery, PairSums, Selector};

/// Questions of [`Step::Sums`], which every shard is asked together: while it sums up details, pairs are placed.
pub(super) const SUMS: usize = 4;

/// The place of an answer among those of [`Step::Sums`].
pub(super) fn kind_of_sum(answer: &ShardResponseBody) -> usize {
    match answer {
        ShardResponseBody::Timeline(_) => 0,
        ShardResponseBody::Probes(_) => 1,
        ShardResponseBody::Pairs(_) => 2,
        _ => 3,
    }
}

impl Coordinator {
    /// The sums of the whole capture: asked for by the first who wants a picture or the summary.
    pub(in super::super) fn start_sums(&mut self, for_picture: bool) {
        if self.settling.run.is_some() {
            return;
        }
        self.begin_run(false, Step::Sums);
        if let Some(run) = &mut self.settling.run {
            run.for_picture = for_picture;
        }
        let query = PairQuery { split: self.capture.contested.clone(), ..PairQuery::default() };
        let all = Selector::default;
        let bodies: [_; SUMS] = [
            ShardRequestBody::Timeline(all()),
            ShardRequestBody::Probes,
            ShardRequestBody::Pairs(query),
            ShardRequestBody::PairDetails(all()),
        ];
        let bodies = (0..self.shards).flat_map(|_| bodies.clone()).collect();
        self.ask_step(Step::Sums, bodies);
    }

    /// What only the summary needs.
    pub(in super::super) fn start_seen(&mut self) {
        if self.settling.run.is_none() {
            self.begin_run(false, Step::Seen);
            self.begin_step(Step::Seen);
        }
    }

    /// What the picture needs beyond the sums: asked for when somebody looks.
    pub(in super::super) fn start_picture(&mut self) {
        if self.settling.run.is_none() {
            if !self.capture.has_picture() {
                self.capture.place();
            }
            self.capture.group();
            self.begin_run(false, Step::Pulses);
            self.begin_step(Step::Pulses);
        }
    }

    /// Tells the shards by which groups a range is summed up: when the first range is asked for, or when there is nothing else to do.
    pub(in super::super) fn start_grouping(&mut self) {
        let Some(world) = self.capture.world().filter(|_| self.settling.run.is_none()) else { return };
        let grouping = Box::new(self.capture.groups.grouping(world, self.shards));
        self.begin_run(false, Step::Group);
        let bodies = (0..self.shards).map(|_| ShardRequestBody::Group(grouping.clone())).collect();
        self.ask_step(Step::Group, bodies);
    }

    /// When all but the details have come, things are placed, while the shards sum up these.
    pub(super) fn take_first_sums(&mut self) {
        let Some(run) = &mut self.settling.run else { return };
        let of_kind = |(at, answer): (usize, &Option<ShardResponseBody>)| at % SUMS == SUMS - 1 || answer.is_some();
        if !run.answers.iter().enumerate().all(of_kind) {
            return;
        }
        let mut take = |kind: usize| -> Vec<ShardResponseBody> {
            run.answers.iter_mut().skip(kind).step_by(SUMS).filter_map(Option::take).collect()
        };
        let [minutes, probes, pairs] = [take(0), take(1), take(2)];
        let reports = each!(probes, Probes);
        run.shared = shared_pairs(&reports);
        let may_place = run.for_picture && run.shared.is_empty();
        self.capture.timeline = MinuteSums::merge(each!(minutes, Timeline));
        self.capture.pairs = PairSums::merge(each!(pairs, Pairs));
        self.capture.set_probes(merge_probes(reports));
        if may_place {
            self.capture.place();
        }
    }

    pub(super) fn details_known(&mut self, details: Vec<PairDetails>) {
        self.capture.details = PairDetails::merge(details);
        let shared = self.settling.run.as_mut().map(|run| std::mem::take(&mut run.shared)).unwrap_or_default();
        if shared.is_empty() {
            return self.sums_known();
        }
        let body = ShardRequestBody::Connections(self.capture.thinned(), shared);
        self.ask_step(Step::Connections, (0..self.shards).map(|_| body.clone()).collect());
    }

    pub(super) fn sums_known(&mut self) {
        self.capture.sums_known = true;
        let for_picture = self.settling.run.take().is_some_and(|run| run.for_picture);
        if for_picture {
            self.start_picture();
        }
    }
}

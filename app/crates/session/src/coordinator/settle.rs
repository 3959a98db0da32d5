//! Settling: from what the shards hold to what is known of the capture. Steps that every shard takes together: the order of
//! inputs, records that several shards hold, whose report counts, the accounts, and the sums over the whole capture.

use super::inputs::State;
use super::{Coordinator, Purpose, ShardIndex};
use crate::shard_wire::{InputId, ProbedPair, ShardRequestBody, ShardResponseBody};
use underlay_findings::probes::{merge as merge_probes, shared_pairs};
use underlay_model::view::CaptureOptions;
use underlay_model::wire::PageEvent;
use underlay_store::duplicate::{copies_to_retract, shared_points};
use underlay_store::query::{AddressMinutes, MinuteSums, PairDetails, PairQuery, PairSums, SeenAddresses, Selector};
use underlay_store::settle::{Outline, contested, decide};

/// No picture is made of a part when the whole is read within this.
const NEAR_END_MS: u64 = 2_000;
/// It is thought over so often.
const PREVIEW_AGAIN_MS: u64 = 250;

/// The answers of one kind, one a shard; an answer of another kind, which no shard gives, is left out.
macro_rules! each {
    ($answers:expr, $kind:ident) => {
        $answers
            .into_iter()
            .filter_map(|answer| match answer {
                ShardResponseBody::$kind(value) => Some(value),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
}

/// The place of an answer among those of [`Step::Sums`].
fn kind_of_sum(answer: &ShardResponseBody) -> usize {
    match answer {
        ShardResponseBody::Timeline(_) => 0,
        ShardResponseBody::Probes(_) => 1,
        ShardResponseBody::Pairs(_) => 2,
        _ => 3,
    }
}

/// What is being settled, and whether anything has to be.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// Inputs or options have changed since the last settlement.
    pub dirty: bool,
    /// Digests that the order of inputs waits for.
    digests: Vec<InputId>,
    run: Option<Run>,
}

#[derive(Debug)]
struct Run {
    number: u64,
    preview: bool,
    step: Step,
    missing: usize,
    answers: Vec<Option<ShardResponseBody>>,
    /// One shard holds every record.
    alone: bool,
    /// Somebody wants the picture, not the sums alone.
    for_picture: bool,
    /// Probed pairs that several shards hold.
    shared: Vec<ProbedPair>,
    outlines: Vec<Outline>,
}

/// What every shard was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Digests,
    Ranks,
    Points,
    Copies,
    Retract,
    Alone,
    Outline,
    Minutes,
    Apply,
    Tallies,
    Sums,
    Connections,
    Pulses,
    Group,
    Seen,
}

/// Questions of [`Step::Sums`], which every shard is asked together: while it sums up details, pairs are placed.
const SUMS: usize = 4;

impl Settling {
    pub fn is_busy(&self) -> bool {
        self.dirty || self.run.is_some()
    }

    pub fn is_running(&self) -> bool {
        self.run.is_some()
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Coordinator {
    pub(super) fn set_options(&mut self, options: CaptureOptions) {
        if options == self.options {
            return;
        }
        self.options = options;
        self.gateways.stale = true;
        self.abandon_settling();
        self.settling.dirty = true;
        self.capture.inventory_changed();
        self.reading.next_preview_ms = self.reading.next_preview_ms.min(self.now_ms);
    }

    /// Settles when reading is done, or when a picture of what has been read so far is due.
    #[inline(never)]
    pub(super) fn start_settling(&mut self) {
        if self.settling.run.is_some() {
            return;
        }
        let preview = self.is_reading();
        let due = if preview {
            self.previews && self.now_ms >= self.reading.next_preview_ms && self.is_preview_worth_it()
        } else {
            self.settling.dirty
        };
        if !due {
            return;
        }
        if !preview {
            self.settling.dirty = false;
        }
        self.begin_run(preview, Step::Digests);
        if preview {
            self.begin_step(Step::Ranks);
        } else {
            self.settling.digests = self.inputs.undecided();
            self.next_digest();
        }
    }

    /// The sums of the whole capture: asked for by the first who wants a picture or the summary.
    pub(super) fn start_sums(&mut self, for_picture: bool) {
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
    pub(super) fn start_seen(&mut self) {
        if self.settling.run.is_none() {
            self.begin_run(false, Step::Seen);
            self.begin_step(Step::Seen);
        }
    }

    /// What the picture needs beyond the sums: asked for when somebody looks.
    pub(super) fn start_picture(&mut self) {
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
    pub(super) fn start_grouping(&mut self) {
        let Some(world) = self.capture.world().filter(|_| self.settling.run.is_none()) else { return };
        let grouping = Box::new(self.capture.groups.grouping(world, self.shards));
        self.begin_run(false, Step::Group);
        let bodies = (0..self.shards).map(|_| ShardRequestBody::Group(grouping.clone())).collect();
        self.ask_step(Step::Group, bodies);
    }

    fn begin_run(&mut self, preview: bool, step: Step) {
        let number = self.number();
        self.settling.run = Some(Run {
            number,
            preview,
            step,
            missing: 0,
            answers: Vec::new(),
            alone: false,
            outlines: Vec::new(),
            for_picture: false,
            shared: Vec::new(),
        });
    }

    /// Something was read, and the end is not near: then the picture of the whole comes sooner without one before it.
    fn is_preview_worth_it(&mut self) -> bool {
        let inputs = self.inputs.all.values();
        let any = inputs.clone().any(|input| matches!(input.state, State::Done(_)) || input.tuples > 0);
        let (read, all) =
            inputs.fold((0, self.intake.bytes()), |sum, input| (sum.0 + input.bytes_read, sum.1 + input.bytes));
        let worth_it = any && self.reading.goes_on_ms(self.now_ms, read, all) > NEAR_END_MS;
        if !worth_it {
            self.reading.next_preview_ms = self.now_ms + PREVIEW_AGAIN_MS;
        }
        worth_it
    }

    /// Gives the settlement up, because what it is about has changed.
    pub(super) fn abandon_settling(&mut self) {
        if let Some(run) = self.settling.run.take() {
            self.settling.dirty |= !run.preview;
            self.resume_shards();
        }
    }

    fn resume_shards(&mut self) {
        for shard in 0..self.shards {
            self.order_shard(shard, ShardRequestBody::Resume);
        }
    }

    fn next_digest(&mut self) {
        while let Some(id) = self.settling.digests.pop() {
            let Some(&shard) = self.schedule.idle_shards().first() else {
                // Somebody reads again: the order is decided after that.
                return self.abandon_settling();
            };
            let Some(input) = self.inputs.get(id) else { continue };
            let (slice, file) = (input.slice, input.file);
            self.schedule.set_busy(shard, true);
            self.ask_shard(shard, Purpose::Digest(id), ShardRequestBody::Digest(slice), Some(file));
            return;
        }
        self.begin_step(Step::Ranks);
    }

    #[inline(never)]
    pub(super) fn digest_response(&mut self, shard: ShardIndex, id: InputId, body: &ShardResponseBody) {
        self.schedule.set_busy(shard, false);
        if let (Some(input), ShardResponseBody::Digest(digest)) = (self.inputs.get_mut(id), body) {
            // A file that is gone sorts first among its equals.
            input.digest = Some(digest.unwrap_or_default());
        }
        if self.settling.run.as_ref().is_some_and(|run| run.step == Step::Digests) {
            self.next_digest();
        }
    }

    fn begin_step(&mut self, step: Step) {
        let body = match step {
            Step::Ranks => ShardRequestBody::SetRanks(self.inputs.ranks()),
            Step::Points => ShardRequestBody::Points,
            Step::Alone => ShardRequestBody::SettleAlone,
            Step::Outline => ShardRequestBody::Outline,
            Step::Tallies => ShardRequestBody::Tallies,
            Step::Seen => ShardRequestBody::SeenAddresses(self.capture.watched.clone()),
            Step::Pulses => ShardRequestBody::AddressMinutes(self.capture.pulse_addresses()),
            // These are asked with a list for each shard.
            Step::Digests
            | Step::Copies
            | Step::Retract
            | Step::Minutes
            | Step::Apply
            | Step::Sums
            | Step::Connections
            | Step::Group => return,
        };
        let bodies = (0..self.shards).map(|_| body.clone()).collect();
        self.ask_step(step, bodies);
    }

    /// Asks each shard its own question, or each its own ones.
    fn ask_step(&mut self, step: Step, bodies: Vec<ShardRequestBody>) {
        let Some(run) = &mut self.settling.run else { return };
        run.step = step;
        run.missing = bodies.len();
        run.answers = bodies.iter().map(|_| None).collect();
        let number = run.number;
        let of_each = bodies.len() / self.shards as usize;
        for (at, body) in bodies.into_iter().enumerate() {
            let shard = at / of_each.max(1);
            self.ask_shard(shard as ShardIndex, Purpose::Settling(number), body, None);
        }
    }

    #[inline(never)]
    pub(super) fn settling_response(&mut self, number: u64, shard: ShardIndex, body: ShardResponseBody) {
        let Some(run) = self.settling.run.as_mut().filter(|run| run.number == number) else { return };
        if matches!(body, ShardResponseBody::Stale) {
            return self.abandon_settling();
        }
        let place = if run.step == Step::Sums { shard as usize * SUMS + kind_of_sum(&body) } else { shard as usize };
        if let Some(place @ None) = run.answers.get_mut(place) {
            *place = Some(body);
            run.missing -= 1;
        }
        let (step, missing) = (run.step, run.missing);
        if step == Step::Sums {
            self.take_first_sums();
        }
        let Some(run) = self.settling.run.as_mut().filter(|_| missing == 0) else { return };
        let answers = std::mem::take(&mut run.answers);
        self.step_done(step, answers.into_iter().flatten().collect());
    }

    /// When all but the details have come, things are placed, while the shards sum up these.
    fn take_first_sums(&mut self) {
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

    fn step_done(&mut self, step: Step, answers: Vec<ShardResponseBody>) {
        match step {
            Step::Digests => {}
            Step::Ranks => self.begin_step(Step::Points),
            Step::Points => {
                let points = each!(answers, Points);
                let alone = points.iter().filter(|points| !points.is_empty()).count() < 2;
                if let Some(run) = &mut self.settling.run {
                    run.alone = alone;
                }
                if alone {
                    self.ask_step(
                        Step::Retract,
                        points.iter().map(|_| ShardRequestBody::Retract(Vec::new())).collect(),
                    );
                } else {
                    let copies = ShardRequestBody::Copies(shared_points(&points));
                    self.ask_step(Step::Copies, points.iter().map(|_| copies.clone()).collect());
                }
            }
            Step::Copies => {
                let lists = copies_to_retract(&each!(answers, Copies));
                self.ask_step(Step::Retract, lists.into_iter().map(ShardRequestBody::Retract).collect());
            }
            Step::Retract => {
                let alone = self.settling.run.as_ref().is_some_and(|run| run.alone);
                self.begin_step(if alone { Step::Alone } else { Step::Outline });
            }
            Step::Outline => {
                let outlines = each!(answers, Outline);
                let bodies = contested(&outlines).into_iter().map(ShardRequestBody::Minutes).collect();
                if let Some(run) = &mut self.settling.run {
                    run.outlines = outlines;
                }
                self.ask_step(Step::Minutes, bodies);
            }
            Step::Minutes => {
                let outlines = self.settling.run.as_mut().map(|run| std::mem::take(&mut run.outlines));
                let settlements = decide(&outlines.unwrap_or_default(), &each!(answers, Minutes));
                let bodies = settlements.into_iter().map(|s| ShardRequestBody::Apply(Box::new(s))).collect();
                self.ask_step(Step::Apply, bodies);
            }
            Step::Alone | Step::Apply => self.begin_step(Step::Tallies),
            Step::Tallies => {
                let tallies = each!(answers, Tallies).into_iter().flatten();
                self.capture.set_tallies(tallies);
                self.capture.identify(&mut self.inputs, &self.options);
                let preview = self.settling.run.as_ref().is_some_and(|run| run.preview);
                if preview || !self.read_again_for_gateways() {
                    self.settled();
                }
            }
            Step::Sums => {
                self.capture.details = PairDetails::merge(each!(answers, PairDetails));
                let shared = self.settling.run.as_mut().map(|run| std::mem::take(&mut run.shared)).unwrap_or_default();
                if shared.is_empty() {
                    return self.sums_known();
                }
                let body = ShardRequestBody::Connections(self.capture.thinned(), shared);
                self.ask_step(Step::Connections, (0..self.shards).map(|_| body.clone()).collect());
            }
            Step::Connections => {
                self.capture.observe_again(each!(answers, Connections).into_iter().flatten().collect());
                self.sums_known();
            }
            Step::Seen => {
                self.capture.seen = Some(SeenAddresses::merge(each!(answers, SeenAddresses)));
                self.settling.run = None;
            }
            Step::Pulses => {
                self.capture.set_pulses(&AddressMinutes::merge(each!(answers, AddressMinutes)));
                self.settling.run = None;
            }
            Step::Group => {
                self.capture.grouped = true;
                self.settling.run = None;
            }
        }
    }

    fn sums_known(&mut self) {
        self.capture.sums_known = true;
        let for_picture = self.settling.run.take().is_some_and(|run| run.for_picture);
        if for_picture {
            self.start_picture();
        }
    }

    fn settled(&mut self) {
        let Some(run) = self.settling.run.take() else { return };
        self.resume_shards();
        if run.preview {
            self.reading.after_preview(self.now_ms);
        } else {
            self.reading.forget_failures();
        }
        self.capture.generation += 1;
        self.capture.without_sums();
        let mut report = self.capture.report(&self.inputs);
        report.stopped = self.reading.stopped;
        report.memory = self.memory();
        report.workers = self.shards;
        report.elapsed_ms = self.reading.elapsed_ms;
        report.out = self.inputs.taken_out();
        report.options = self.options.clone();
        self.tell(PageEvent::Report(report));
        self.tell(PageEvent::Changed { generation: self.capture.generation, reading: self.is_reading() });
    }
}

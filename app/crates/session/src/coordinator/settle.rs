//! Settling: from what the shards hold to what is known of the capture. Steps that every shard takes together: the order of
//! inputs, records that several shards hold, whose report counts, the accounts, and the sums over the whole capture.

use super::inputs::State;
use super::{Coordinator, Purpose, ShardIndex};
use crate::shard_wire::{InputId, ShardRequestBody, ShardResponseBody};
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
    Seen,
    Pairs,
    Details,
    Probes,
    Connections,
    Timeline,
    Pulses,
    Group,
}

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
    pub(super) fn start_sums(&mut self) {
        if self.settling.run.is_none() {
            self.begin_run(false, Step::Seen);
            self.begin_step(Step::Seen);
        }
    }

    /// What the picture needs beyond the summary: asked for when somebody looks.
    pub(super) fn start_picture(&mut self) {
        if self.settling.run.is_none() {
            self.begin_run(false, Step::Timeline);
            self.begin_step(Step::Timeline);
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
        self.settling.run =
            Some(Run { number, preview, step, missing: 0, answers: Vec::new(), alone: false, outlines: Vec::new() });
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
        let selector = Selector::default;
        let body = match step {
            Step::Ranks => ShardRequestBody::SetRanks(self.inputs.ranks()),
            Step::Points => ShardRequestBody::Points,
            Step::Alone => ShardRequestBody::SettleAlone,
            Step::Outline => ShardRequestBody::Outline,
            Step::Tallies => ShardRequestBody::Tallies,
            Step::Seen => ShardRequestBody::SeenAddresses(self.capture.watched.clone()),
            Step::Pairs => {
                ShardRequestBody::Pairs(PairQuery { split: self.capture.contested.clone(), ..PairQuery::default() })
            }
            Step::Details => ShardRequestBody::PairDetails(selector()),
            Step::Probes => ShardRequestBody::Probes,
            Step::Timeline => ShardRequestBody::Timeline(selector()),
            Step::Pulses => ShardRequestBody::AddressMinutes(self.capture.pulse_addresses()),
            // These are asked with a list for each shard.
            Step::Digests
            | Step::Copies
            | Step::Retract
            | Step::Minutes
            | Step::Apply
            | Step::Connections
            | Step::Group => return,
        };
        let bodies = (0..self.shards).map(|_| body.clone()).collect();
        self.ask_step(step, bodies);
    }

    /// Asks each shard its own question.
    fn ask_step(&mut self, step: Step, bodies: Vec<ShardRequestBody>) {
        let Some(run) = &mut self.settling.run else { return };
        run.step = step;
        run.missing = bodies.len();
        run.answers = bodies.iter().map(|_| None).collect();
        let number = run.number;
        for (shard, body) in (0..).zip(bodies) {
            self.ask_shard(shard, Purpose::Settling(number), body, None);
        }
    }

    #[inline(never)]
    pub(super) fn settling_response(&mut self, number: u64, shard: ShardIndex, body: ShardResponseBody) {
        let Some(run) = self.settling.run.as_mut().filter(|run| run.number == number) else { return };
        if matches!(body, ShardResponseBody::Stale) {
            return self.abandon_settling();
        }
        if let Some(place @ None) = run.answers.get_mut(shard as usize) {
            *place = Some(body);
            run.missing -= 1;
        }
        if run.missing == 0 {
            let (step, answers) = (run.step, std::mem::take(&mut run.answers));
            self.step_done(step, answers.into_iter().flatten().collect());
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
            Step::Seen => {
                self.capture.seen = SeenAddresses::merge(each!(answers, SeenAddresses));
                self.begin_step(Step::Pairs);
            }
            Step::Pairs => {
                self.capture.pairs = PairSums::merge(each!(answers, Pairs));
                self.begin_step(Step::Details);
            }
            Step::Details => {
                self.capture.details = PairDetails::merge(each!(answers, PairDetails));
                self.begin_step(Step::Probes);
            }
            Step::Probes => {
                let reports = each!(answers, Probes);
                let shared = shared_pairs(&reports);
                let probes = merge_probes(reports);
                let thinned = probes.thinned;
                self.capture.set_probes(probes);
                if shared.is_empty() {
                    return self.sums_known();
                }
                let body = ShardRequestBody::Connections(thinned, shared);
                self.ask_step(Step::Connections, (0..self.shards).map(|_| body.clone()).collect());
            }
            Step::Connections => {
                self.capture.observe_again(each!(answers, Connections).into_iter().flatten().collect());
                self.sums_known();
            }
            Step::Timeline => {
                self.capture.place(MinuteSums::merge(each!(answers, Timeline)));
                self.begin_step(Step::Pulses);
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
        self.settling.run = None;
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

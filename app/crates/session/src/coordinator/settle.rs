//! Settling: from what the shards hold to what is known of the capture. Steps that every shard takes together: the order of
//! inputs, records that several shards hold, whose report counts, the accounts, and the sums over the whole capture.

use super::{Coordinator, Purpose, ShardIndex};
use crate::shard_wire::{InputId, ProbedPair, ShardRequestBody, ShardResponseBody};
use underlay_model::view::CaptureOptions;
use underlay_store::query::{AddressMinutes, SeenAddresses};
use underlay_store::settle::{handed_round, told_to_all};

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

mod count;
mod sums;

use sums::{SUMS, kind_of_sum};

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
    /// Somebody wants the picture, not the sums alone.
    for_picture: bool,
    /// Probed pairs that several shards hold.
    shared: Vec<ProbedPair>,
}

/// What every shard was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Digests,
    Ranks,
    Points,
    Copies,
    Alone,
    Sieve,
    Outlines,
    Minutes,
    Settle,
    Tallies,
    Sums,
    Connections,
    Pulses,
    Group,
    Seen,
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

    fn begin_run(&mut self, preview: bool, step: Step) {
        let number = self.number();
        self.settling.run = Some(Run {
            number,
            preview,
            step,
            missing: 0,
            answers: Vec::new(),
            for_picture: false,
            shared: Vec::new(),
        });
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

    fn begin_step(&mut self, step: Step) {
        let body = match step {
            Step::Ranks => ShardRequestBody::SetRanks(self.inputs.ranks()),
            Step::Points => ShardRequestBody::Points,
            Step::Alone => ShardRequestBody::SettleAlone,
            Step::Tallies => ShardRequestBody::Tallies,
            Step::Seen => ShardRequestBody::SeenAddresses(self.capture.watched.clone()),
            Step::Pulses => ShardRequestBody::AddressMinutes(self.capture.pulse_addresses()),
            // These are asked with a list for each shard.
            Step::Digests
            | Step::Copies
            | Step::Sieve
            | Step::Outlines
            | Step::Minutes
            | Step::Settle
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

    fn step_done(&mut self, step: Step, answers: Vec<ShardResponseBody>) {
        match step {
            Step::Digests => {}
            Step::Ranks => self.begin_step(Step::Points),
            Step::Points => self.points_known(&each!(answers, Points)),
            Step::Copies => self.hand_on(Step::Sieve, told_to_all(each!(answers, Parcel)), ShardRequestBody::Sieve),
            Step::Sieve => {
                self.hand_on(Step::Outlines, told_to_all(each!(answers, Parcel)), ShardRequestBody::Outlines)
            }
            Step::Outlines => {
                self.hand_on(Step::Minutes, handed_round(each!(answers, Parcels)), ShardRequestBody::Minutes)
            }
            Step::Minutes => {
                self.hand_on(Step::Settle, handed_round(each!(answers, Parcels)), ShardRequestBody::Settle)
            }
            Step::Alone | Step::Settle => self.begin_step(Step::Tallies),
            Step::Tallies => self.tallies_known(each!(answers, Tallies)),
            Step::Sums => self.details_known(each!(answers, PairDetails)),
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
}

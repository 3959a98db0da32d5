//! What counts: the order of inputs, records that several shards hold, whose report of a pair counts, and the accounts. The shards decide among
//! themselves; the coordinator carries what they tell one another.

use super::Step;
use crate::coordinator::inputs::State;
use crate::coordinator::{Coordinator, Purpose, ShardIndex};
use crate::shard_wire::{InputId, ShardRequestBody, ShardResponseBody};
use underlay_model::wire::PageEvent;
use underlay_store::duplicate::shared_points;
use underlay_store::key::PointKey;
use underlay_store::settle::Parcel;
use underlay_store::tally::InputTally;

/// No picture is made of a part when the whole is read within this.
const NEAR_END_MS: u64 = 2_000;
/// It is thought over so often.
const PREVIEW_AGAIN_MS: u64 = 250;

impl Coordinator {
    /// Something was read, and the end is not near: then the picture of the whole comes sooner without one before it.
    pub(super) fn is_preview_worth_it(&mut self) -> bool {
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

    pub(super) fn next_digest(&mut self) {
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
    pub(in super::super) fn digest_response(&mut self, shard: ShardIndex, id: InputId, body: &ShardResponseBody) {
        self.schedule.set_busy(shard, false);
        if let (Some(input), ShardResponseBody::Digest(digest)) = (self.inputs.get_mut(id), body) {
            // A file that is gone sorts first among its equals.
            input.digest = Some(digest.unwrap_or_default());
        }
        if self.settling.run.as_ref().is_some_and(|run| run.step == Step::Digests) {
            self.next_digest();
        }
    }

    pub(super) fn points_known(&mut self, points: &[Vec<PointKey>]) {
        let alone = points.iter().filter(|points| !points.is_empty()).count() < 2;
        if alone {
            return self.begin_step(Step::Alone);
        }
        let copies = ShardRequestBody::Copies(shared_points(points));
        self.ask_step(Step::Copies, points.iter().map(|_| copies.clone()).collect());
    }

    /// Each shard hears what the others have told, with the next question.
    pub(super) fn hand_on(&mut self, step: Step, told: Vec<Vec<Parcel>>, ask: fn(Vec<Parcel>) -> ShardRequestBody) {
        self.ask_step(step, told.into_iter().map(ask).collect());
    }

    pub(super) fn tallies_known(&mut self, tallies: Vec<Vec<InputTally>>) {
        self.capture.set_tallies(tallies.into_iter().flatten());
        self.capture.identify(&mut self.inputs, &self.options);
        let preview = self.settling.run.as_ref().is_some_and(|run| run.preview);
        if preview || !self.read_again_for_gateways() {
            self.settled();
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

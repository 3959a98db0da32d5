//! What shards tell one another while they settle, packed as bytes: records that another may have, too; which pairs a shard may have; what it
//! knows of those that another may have, and of contested ones their minutes. Who carries a parcel need not read it.

use super::draft::{SEVERAL_POINTS, SideSums};
use super::reports::Report;
use crate::duplicate::RecordCopy;
use crate::key::{PairKey, PointKey};
use crate::packed::{Cursor, Writer};
use serde::{Deserialize, Serialize};

/// What one shard tells another: bytes that shards of the same build read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel(Writer);

/// What each shard is told when `told[a]` is what shard `a` tells each of the others, in their order: for each shard, in the order of the
/// others, what they tell it.
pub fn handed_round(told: Vec<Vec<Parcel>>) -> Vec<Vec<Parcel>> {
    let shards = told.len();
    let mut received: Vec<Vec<Parcel>> = (0..shards).map(|_| Vec::with_capacity(shards)).collect();
    for (teller, parcels) in told.into_iter().enumerate() {
        let others = (0..shards).filter(|&shard| shard != teller);
        for (shard, parcel) in others.zip(parcels) {
            if let Some(received) = received.get_mut(shard) {
                received.push(parcel);
            }
        }
    }
    received
}

/// What each shard is told when `told[a]` is what shard `a` tells all others.
pub fn told_to_all(told: Vec<Parcel>) -> Vec<Vec<Parcel>> {
    let others = told.len().saturating_sub(1);
    handed_round(told.into_iter().map(|parcel| vec![parcel; others]).collect())
}

/// So many pairs share a word of a sieve, or half as many: of a hundred pairs that a shard does not have one seems to be there.
const PAIRS_A_WORD: usize = 4;

/// The word of a hash, and the three bits there that are set for it.
fn sieve_place(hash: u64, words: usize) -> (usize, u64) {
    let bit = |shift: u32| 1u64 << (hash >> shift & 63);
    ((hash >> 32) as usize & words.wrapping_sub(1), bit(0) | bit(6) | bit(12))
}

/// What a shard knows of a pair. Points are numbered as in the list before it.
pub(super) struct PairOutline {
    pub(super) pair: PairKey,
    /// Destination's first.
    pub(super) sides: [SideSums; 2],
    /// It is all of Traffic Analytics.
    pub(super) analytics: bool,
}

impl Parcel {
    /// Of hashes: [`Parcel::may_hold`] says which others may be among them.
    pub(super) fn sieve(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let words = if hashes.len() == 0 { 0 } else { (hashes.len() / PAIRS_A_WORD).next_power_of_two() };
        let mut bytes = vec![0; words * 8];
        for hash in hashes {
            let (at, bits) = sieve_place(hash, words);
            if let Some(word) = bytes.get_mut(at * 8..).and_then(|from| from.first_chunk_mut()) {
                *word = (u64::from_le_bytes(*word) | bits).to_le_bytes();
            }
        }
        Self(Writer(bytes))
    }

    /// Whether a sieve has this hash, or seems to.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        let (at, bits) = sieve_place(hash, self.0.0.len() / 8);
        let word = self.0.0.get(at * 8..).and_then(|from| from.first_chunk());
        word.is_some_and(|word| u64::from_le_bytes(*word) & bits == bits)
    }

    pub(crate) fn copy(&mut self, copy: &RecordCopy) {
        self.0.0.extend_from_slice(&copy.hash.to_le_bytes());
        self.0.number(copy.rank.into());
        self.0.number(copy.input.into());
        self.0.number(copy.byte);
    }

    pub(super) fn points(&mut self, points: &[PointKey]) {
        self.0.number(points.len() as u64);
        for point in points {
            self.0.text(&point.flow_log);
            self.0.text(&point.mac);
        }
    }

    pub(super) fn outline(&mut self, outline: &PairOutline) {
        let [destination, source] = outline.sides.map(|side| u8::from(side.is_reported()));
        self.0.pair(&outline.pair);
        self.0.0.push(destination | source << 1 | u8::from(outline.analytics) << 2);
        for side in outline.sides.iter().filter(|side| side.is_reported()) {
            self.0.number(if side.point == SEVERAL_POINTS { 0 } else { u64::from(side.point) + 1 });
            self.0.number(side.tuples);
            self.0.large(side.bytes);
        }
    }

    /// The minutes of a pair's contested sides.
    pub(super) fn reports(&mut self, pair: &PairKey, reports: &[Report]) {
        self.0.pair(pair);
        self.0.number(reports.len() as u64);
        for report in reports {
            self.0.number(u64::from(report.minute) << 1 | u64::from(report.side));
            self.0.number(report.point.into());
            self.0.number(report.tuples);
            self.0.large(report.bytes);
        }
    }

    /// From the front, what was written, in the same order.
    pub(crate) fn reader(&self) -> ParcelReader<'_> {
        ParcelReader(Cursor(&self.0.0))
    }
}

/// `None` when there is nothing more.
pub(crate) struct ParcelReader<'a>(Cursor<'a>);

impl ParcelReader<'_> {
    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.0.number()?).ok()
    }

    pub(crate) fn copy(&mut self) -> Option<RecordCopy> {
        let hash = u128::from_le_bytes(self.0.take()?);
        Some(RecordCopy { hash, rank: self.small()?, input: self.small()?, byte: self.0.number()? })
    }

    pub(super) fn points(&mut self) -> Vec<PointKey> {
        let count = self.0.number().unwrap_or(0);
        (0..count).map_while(|_| Some(PointKey { flow_log: self.0.text()?, mac: self.0.text()? })).collect()
    }

    pub(super) fn outline(&mut self) -> Option<PairOutline> {
        let pair = self.0.pair()?;
        let [flags] = self.0.take()?;
        let mut side = |reported: u8| {
            if flags & reported == 0 {
                return Some(SideSums::NONE);
            }
            let point = self.small()?.checked_sub(1).unwrap_or(SEVERAL_POINTS);
            Some(SideSums { point, tuples: self.0.number()?, bytes: self.0.large()? })
        };
        Some(PairOutline { pair, sides: [side(1)?, side(2)?], analytics: flags & 4 != 0 })
    }

    /// A pair and how many [`ParcelReader::report`]s of it follow.
    pub(super) fn pair(&mut self) -> Option<(PairKey, u64)> {
        Some((self.0.pair()?, self.0.number()?))
    }

    /// Of the pair with this number.
    pub(super) fn report(&mut self, pair: u32) -> Option<Report> {
        let when = self.0.number()?;
        let (minute, side) = (u32::try_from(when >> 1).ok()?, when & 1 == 1);
        Some(Report { pair, side, minute, point: self.small()?, tuples: self.0.number()?, bytes: self.0.large()? })
    }
}

//! A settlement in the making: what follows from who reports which pair, and the pairs that are disputed, because both sides or several points report
//! them, or Traffic Analytics may, or another shard.

use super::parcel::{PairOutline, Parcel};
use super::places::Places;
use super::reports::{Report, winners};
use super::{BY_ANALYTICS, CONTESTED, OF_SIDE};
use crate::key::PointKey;
use underlay_model::order::Order;
use underlay_model::time::Minute;

/// No reporting point.
pub(super) const NO_POINT: u32 = u32::MAX;
/// More than one.
pub(super) const SEVERAL_POINTS: u32 = u32::MAX - 1;

/// What one side of a pair reports.
#[derive(Clone, Copy, Debug)]
pub(super) struct SideSums {
    /// [`NO_POINT`], a point, or [`SEVERAL_POINTS`].
    pub(super) point: u32,
    pub(super) tuples: u64,
    /// Both ways.
    pub(super) bytes: u128,
}

impl SideSums {
    pub(super) const NONE: Self = Self { point: NO_POINT, tuples: 0, bytes: 0 };

    pub(super) fn is_reported(&self) -> bool {
        self.point != NO_POINT
    }

    pub(super) fn is_contested(&self) -> bool {
        self.point == SEVERAL_POINTS
    }

    #[inline]
    pub(super) fn add(&mut self, point: u32, tuples: u64, bytes: u128) {
        self.tuples += tuples;
        self.bytes += bytes;
        if self.point != point {
            self.point = if self.point == NO_POINT { point } else { SEVERAL_POINTS };
        }
    }

    /// Of two sides the one that weighs more counts: no report is less than any.
    fn weight(&self) -> Option<(u128, u64)> {
        self.is_reported().then_some((self.bytes, self.tuples))
    }
}

/// Whether the source's side of a pair counts: the destination's does when both weigh the same.
fn counts_source([destination, source]: &[SideSums; 2]) -> bool {
    source.weight() > destination.weight()
}

fn is_reported(sides: &[SideSums; 2]) -> bool {
    sides.iter().any(SideSums::is_reported)
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// By number of the pair, as [`super::Standings`] has it; of disputed ones nothing yet.
    ways: Vec<u8>,
    /// The disputed pairs.
    places: Places,
    /// By place, their numbers.
    pairs: Vec<u32>,
    /// By place, the destination's first: what is reported here and, once they have told, in the other shards.
    sides: Vec<[SideSums; 2]>,
    /// By place, what Traffic Analytics says, while rows are summed up.
    by_analytics: Vec<[SideSums; 2]>,
    /// By place: only Traffic Analytics knows of the pair, and `sides` are its. Empty when it has nothing here.
    analytics: Vec<bool>,
    any_analytics: bool,
    /// Names of reporting points: this shard's by its numbers, behind them those that only others have.
    pub(super) points: Vec<PointKey>,
    /// Of each other shard, which pairs it may have.
    pub(super) sieves: Vec<Parcel>,
    /// Of each other shard, the numbers of its points here.
    pub(super) numbers: Vec<Vec<u32>>,
    /// Minutes of contested sides, put together.
    pub(super) reports: Vec<Report>,
}

impl Draft {
    /// Of no pairs yet; `analytics` when some rows are of Traffic Analytics.
    pub(super) fn new(points: Vec<PointKey>, analytics: bool) -> Self {
        Self { points, any_analytics: analytics, ..Self::default() }
    }

    /// The next pair by number: which side counts when it is not disputed.
    pub(super) fn add_pair(&mut self, source: bool, disputed: bool) {
        let number = u32::try_from(self.ways.len()).unwrap_or(u32::MAX);
        self.ways.push(OF_SIDE << u8::from(source));
        self.places.push(disputed);
        if disputed {
            self.pairs.push(number);
            self.sides.push([SideSums::NONE; 2]);
            if self.any_analytics {
                self.by_analytics.push([SideSums::NONE; 2]);
            }
        }
    }

    /// Number and sides of the disputed pairs, and whether only Traffic Analytics knows of them.
    pub(super) fn disputed(&self) -> impl ExactSizeIterator<Item = (u32, &[SideSums; 2], bool)> {
        let analytics = |place: usize| self.analytics.get(place) == Some(&true);
        self.pairs
            .iter()
            .zip(&self.sides)
            .enumerate()
            .map(move |(place, (&pair, sides))| (pair, sides, analytics(place)))
    }

    /// Where a pair's rows are summed up; `None` when it is not disputed.
    #[inline]
    pub(super) fn sides_of_rows(&mut self, pair: u32, analytics: bool) -> Option<&mut [SideSums; 2]> {
        let place = self.places.of(pair)?;
        if analytics { self.by_analytics.get_mut(place) } else { self.sides.get_mut(place) }
    }

    /// Once the rows are summed up: what Traffic Analytics says is left where nothing else is known (contract rule 6).
    pub(super) fn let_flow_logs_win(&mut self) {
        let by_analytics = std::mem::take(&mut self.by_analytics);
        let only = |(sides, also): (&mut [SideSums; 2], [SideSums; 2])| {
            let only = !is_reported(sides) && is_reported(&also);
            if only {
                *sides = also;
            }
            only
        };
        self.analytics = self.sides.iter_mut().zip(by_analytics).map(only).collect();
    }

    /// What another shard has of a pair that is also here. Tuples of a flow log, wherever they are, drive out what Traffic Analytics says.
    pub(super) fn hear(&mut self, pair: u32, outline: &PairOutline, numbers: &[u32]) {
        let Some(place) = self.places.of(pair) else { return };
        let (Some(sides), analytics) = (self.sides.get_mut(place), self.analytics.get_mut(place)) else { return };
        if outline.analytics && analytics.as_ref().is_none_or(|analytics| !**analytics) {
            return;
        }
        if let Some(analytics) = analytics.filter(|analytics| **analytics && !outline.analytics) {
            *analytics = false;
            *sides = [SideSums::NONE; 2];
        }
        for (side, told) in sides.iter_mut().zip(outline.sides).filter(|(_, told)| told.is_reported()) {
            // Several have no number.
            let point = numbers.get(told.point as usize).copied().unwrap_or(SEVERAL_POINTS);
            side.add(point, told.tuples, told.bytes);
        }
    }

    /// Whether a row is of a side that several points report: minutes decide.
    #[inline]
    pub(super) fn is_contested(&self, pair: u32, source: bool, analytics: bool) -> bool {
        let Some(place) = self.places.of(pair) else { return false };
        let contested = self.sides.get(place).is_some_and(|sides| sides[usize::from(source)].is_contested());
        contested && analytics == (self.analytics.get(place) == Some(&true))
    }

    /// By number of a point, its place in the order of their names.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<(&PointKey, u32)> = self.points.iter().zip(0..).collect();
        order.order();
        let mut ranks = vec![0; order.len()];
        for ((_, point), rank) in order.into_iter().zip(0..) {
            if let Some(place) = ranks.get_mut(point as usize) {
                *place = rank;
            }
        }
        ranks
    }

    /// When everything was heard: which rows of each pair count, and the minutes that points of this shard win (they are numbered below
    /// `own_points`).
    pub(super) fn decided(mut self, own_points: usize) -> (Vec<u8>, Vec<(u32, Minute, u32)>) {
        let winners = winners(&self.reports, &self.ranks());
        // A contested side reports what its winners do.
        for side in self.sides.as_flattened_mut().iter_mut().filter(|side| side.is_contested()) {
            (side.tuples, side.bytes) = (0, 0);
        }
        for winner in &winners {
            let place = self.places.of(winner.pair);
            if let Some(sides) = place.and_then(|place| self.sides.get_mut(place)) {
                let side = &mut sides[usize::from(winner.side)];
                side.tuples += winner.tuples;
                side.bytes += winner.bytes;
            }
        }
        let mut ways = std::mem::take(&mut self.ways);
        for (pair, sides, analytics) in self.disputed() {
            let source = usize::from(counts_source(sides));
            let contested = if sides[source].is_contested() { CONTESTED } else { 0 };
            let analytics = if analytics { BY_ANALYTICS } else { 0 };
            if let Some(way) = ways.get_mut(pair as usize) {
                *way = OF_SIDE << source | contested | analytics;
            }
        }
        let counts = |winner: &&Report| {
            let way = ways.get(winner.pair as usize).copied().unwrap_or(0);
            (winner.point as usize) < own_points && way >> u8::from(winner.side) & OF_SIDE != 0
        };
        let winners = winners.iter().filter(counts).map(|w| (w.pair, w.minute.into(), w.point)).collect();
        (ways, winners)
    }
}

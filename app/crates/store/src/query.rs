//! Questions to a settled store. Every answer is a partial aggregate over one shard, plain and serialisable, and `merge` makes one of several
//! shards' answers. Sums are over counted rows, so that parts add up to wholes in every filtered view.

pub use crate::lists::{PairDetail, PairDetails, PairSum, PairSums, SeenAddress, SeenAddresses};
use crate::sums::Counters;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::time::Minute;
use underlay_model::tuple::Verdict;
use underlay_model::view::MinuteRange;

/// A set of addresses, each always or only in some minutes (when it belonged to the thing that is asked for).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressSet(pub Vec<AddressSpan>);

/// An address and when it belongs to a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressSpan {
    /// The address.
    pub address: IpAddr,
    /// Minutes in which it belongs to the set; empty means always.
    pub minutes: Vec<MinuteRange>,
}

impl FromIterator<IpAddr> for AddressSet {
    fn from_iter<T: IntoIterator<Item = IpAddr>>(addresses: T) -> Self {
        Self(addresses.into_iter().map(|address| AddressSpan { address, minutes: Vec::new() }).collect())
    }
}

/// Which traffic. All conditions that are given must hold; the default takes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    /// Source or destination is in the set.
    pub either: Option<AddressSet>,
    /// The source is in the set.
    pub source: Option<AddressSet>,
    /// The destination is in the set.
    pub destination: Option<AddressSet>,
    /// The verdict is this.
    pub verdict: Option<Verdict>,
}

/// What [`Store::pairs`](crate::Store::pairs) is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairQuery {
    /// Minutes to sum; `None` for all.
    pub range: Option<MinuteRange>,
    /// Pairs with one of these ends are split by minute (addresses that had several owners).
    pub split: Vec<IpAddr>,
    /// Which traffic.
    pub selector: Selector,
}

/// Counted traffic minute by minute: minutes that some record covers, in order, each once. A minute that is not listed is a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinuteSums(pub Vec<MinuteSum>);

/// One minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinuteSum {
    /// Which.
    pub minute: Minute,
    /// Everything counted.
    pub all: Counters,
    /// What the selector takes.
    pub selected: Counters,
    /// Of that, what has its source in [`Selector::either`].
    pub selected_as_source: Counters,
    /// Of that, what has its destination in [`Selector::either`].
    pub selected_as_destination: Counters,
}

/// Bytes of addresses minute by minute, sorted by address; those without traffic are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressMinutes(pub Vec<AddressSeries>);

/// Bytes of one address, as source and destination together, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressSeries {
    /// The address.
    pub address: IpAddr,
    /// (minute, bytes) in order, without zeros.
    pub minutes: Vec<(Minute, u64)>,
}

impl MinuteSums {
    /// One answer of several shards'.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let lists = parts.into_iter().map(|part| part.0);
        Self(merge_sorted(
            lists,
            |sum| sum.minute,
            |sum, more| {
                sum.all += more.all;
                sum.selected += more.selected;
                sum.selected_as_source += more.selected_as_source;
                sum.selected_as_destination += more.selected_as_destination;
            },
        ))
    }
}

impl AddressMinutes {
    /// One answer of several shards'.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let lists = parts.into_iter().map(|part| part.0);
        Self(merge_sorted(
            lists,
            |series| series.address,
            |series, more| {
                let lists = [std::mem::take(&mut series.minutes), more.minutes];
                series.minutes = merge_sorted(lists, |sum| sum.0, |sum, more| sum.1 = sum.1.saturating_add(more.1));
            },
        ))
    }
}

/// One sorted list of several; what has the same key is folded together.
fn merge_sorted<T, K: Ord>(
    lists: impl IntoIterator<Item = Vec<T>>,
    key: impl Fn(&T) -> K,
    mut fold: impl FnMut(&mut T, T),
) -> Vec<T> {
    let mut lists = lists.into_iter();
    let mut all = lists.next().unwrap_or_default();
    let before = all.len();
    all.extend(lists.flatten());
    if all.len() == before {
        return all;
    }
    // A stable sort finds the runs of the lists and merges them.
    all.order_by_key(&key);
    let mut merged: Vec<T> = Vec::with_capacity(all.len());
    for item in all {
        match merged.last_mut() {
            Some(last) if key(last) == key(&item) => fold(last, item),
            _ => merged.push(item),
        }
    }
    merged
}

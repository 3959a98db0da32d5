//! The long answers: lists of pairs and addresses, packed as they are made, sent and kept, and taken apart one by one by who reads them.

use crate::key::{PairKey, Side};
use crate::merged::{alone, merge};
use crate::packed::{Cursor, Writer};
use crate::sums::Counters;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::texts::Texts;
use underlay_model::time::{Millis, Minute};

/// To find a pair, at most so many are looked at.
const MARK_EVERY: u64 = 256;

/// Counted traffic of pairs, sorted by pair and minute, each once.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairSums(Writer);

/// Counted traffic of one pair, in the asked range or one minute of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairSum {
    /// The pair.
    pub pair: PairKey,
    /// Of a pair that is split, the minute; else `None`.
    pub minute: Option<Minute>,
    /// Its counters.
    pub counters: Counters,
}

/// What is known of pairs over the whole capture and both sides, sorted by pair, each once.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct PairDetails {
    packed: Writer,
    texts: Vec<Texts>,
    count: u64,
    /// Every so many pairs one, and where it stands.
    marks: Vec<(PairKey, u64)>,
    /// Numbers of the texts, while the list is made.
    #[serde(skip)]
    numbers: FxHashMap<Texts, u32>,
}

/// Everything of one pair but its counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairDetail {
    /// The pair.
    pub pair: PairKey,
    /// The side that counts.
    pub side: Side,
    /// First time of a tuple, any side.
    pub first_ms: Millis,
    /// Last time of a tuple, any side.
    pub last_ms: Millis,
    /// Raw rule names, sorted, any side.
    pub rules: Texts,
    /// Encryption texts, sorted, any side.
    pub encryption: Texts,
}

/// When addresses were seen, counted or not: what identity needs to name their owners. Sorted by address, each once.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAddresses(Writer);

/// One address that is an end of some pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAddress {
    /// The address.
    pub address: IpAddr,
    /// First minute.
    pub first: Minute,
    /// Last minute.
    pub last: Minute,
    /// Every minute in order, for the addresses that were asked for; else empty.
    pub minutes: Vec<Minute>,
    /// For the addresses that were asked for, who reported them as its own: minute and NIC (MAC), sorted, each once.
    pub reporters: Vec<(Minute, String)>,
}

impl PairSums {
    /// An empty list with room for about so many pairs.
    pub(crate) fn with_room_for(pairs: usize) -> Self {
        Self(Writer(Vec::with_capacity(pairs * 32)))
    }

    /// As [`Self::push`], of a pair that is not split.
    #[inline]
    pub(crate) fn push_whole(&mut self, pair: &PairKey, counters: &Counters) {
        self.0.pair(pair);
        self.0.number(0);
        self.0.counters(counters);
    }

    /// Appends these bytes of another list: whole sums.
    #[inline]
    pub(crate) fn push_part(&mut self, list: &Self, bytes: std::ops::Range<usize>) {
        self.0.0.extend_from_slice(list.0.0.get(bytes).unwrap_or_default());
    }

    /// An empty list with room for so many bytes.
    pub(crate) fn with_room_for_bytes(bytes: usize) -> Self {
        Self(Writer(Vec::with_capacity(bytes)))
    }

    /// Appends bytes of whole sums.
    #[inline]
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) {
        self.0.0.extend_from_slice(bytes);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.0
    }

    /// Whether the pair of the sum that begins at this byte is of denied traffic.
    #[inline]
    pub(crate) fn is_denied(&self, byte: usize) -> bool {
        let mut cursor = Cursor(self.0.0.get(byte..).unwrap_or_default());
        cursor.pass_pair_but_verdict().and_then(|()| cursor.0.first()).is_some_and(|denied| *denied != 0)
    }

    /// Appends other counters of a pair whose sum begins at this byte of another list.
    #[inline]
    pub(crate) fn push_of(&mut self, list: &Self, byte: usize, minute: Option<Minute>, counters: &Counters) {
        let sum = list.0.0.get(byte..).unwrap_or_default();
        let mut cursor = Cursor(sum);
        if cursor.pass_pair().is_some() {
            self.push_bytes(sum.get(..sum.len() - cursor.0.len()).unwrap_or_default());
            self.push_minute(minute);
            self.0.counters(counters);
        }
    }

    /// Appends these bytes of another list, one pair that is not split, as those of a minute.
    pub(crate) fn push_minute_of(&mut self, list: &Self, bytes: std::ops::Range<usize>, minute: Minute) {
        let sum = list.0.0.get(bytes).unwrap_or_default();
        let mut cursor = Cursor(sum);
        if cursor.pass_pair().is_some() {
            self.push_bytes(sum.get(..sum.len() - cursor.0.len()).unwrap_or_default());
            self.push_minute(Some(minute));
            // Behind the byte that says that there was none.
            self.push_bytes(cursor.0.get(1..).unwrap_or_default());
        }
    }

    fn push_minute(&mut self, minute: Option<Minute>) {
        // 0 is no minute.
        match minute {
            None => self.0.number(0),
            Some(minute) => {
                self.0.number(1);
                self.0.sorting(minute);
            }
        }
    }

    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.0.len()
    }

    /// As small as it can be, because it stays.
    pub(crate) fn shrink(&mut self) {
        self.0.0.shrink_to_fit();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.0.0.capacity()
    }

    /// Appends what sorts behind everything that is there.
    pub(crate) fn push(&mut self, sum: &PairSum) {
        self.0.pair(&sum.pair);
        self.push_minute(sum.minute);
        self.0.counters(&sum.counters);
    }

    /// One by one, in order.
    pub fn iter(&self) -> impl Iterator<Item = PairSum> + Clone + '_ {
        let mut cursor = Cursor(&self.0.0);
        std::iter::from_fn(move || read_sum(&mut cursor))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    /// One answer of several shards'.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if let Some(only) = alone(&mut parts) {
            return only;
        }
        let lists: Vec<&[u8]> = parts.iter().map(|part| part.0.0.as_slice()).collect();
        let mut all = Self(Writer(Vec::with_capacity(lists.iter().map(|list| list.len()).sum())));
        merge(&lists, measure_sum, &mut |same| match same {
            [only] => all.0.0.extend_from_slice(only.bytes),
            same => {
                let sums = same.iter().filter_map(|sum| read_sum(&mut Cursor(sum.bytes)));
                sums.reduce(PairSum::and).iter().for_each(|sum| all.push(sum));
            }
        });
        all
    }
}

impl PairSum {
    /// Both together.
    fn and(mut self, more: Self) -> Self {
        self.counters += more.counters;
        self
    }
}

fn read_sum(cursor: &mut Cursor<'_>) -> Option<PairSum> {
    let pair = cursor.pair()?;
    let minute = if cursor.number()? == 0 { None } else { Some(cursor.sorting()?) };
    Some(PairSum { pair, minute, counters: cursor.counters()? })
}

/// See [`crate::merged::Measure`].
fn measure_sum(cursor: &mut Cursor<'_>) -> Option<usize> {
    let before = cursor.0.len();
    cursor.pass_pair()?;
    if cursor.number()? != 0 {
        cursor.sorting()?;
    }
    let key = before - cursor.0.len();
    cursor.pass_counters()?;
    Some(key)
}

impl FromIterator<PairSum> for PairSums {
    /// Of sums in order.
    fn from_iter<T: IntoIterator<Item = PairSum>>(sums: T) -> Self {
        let mut list = Self::default();
        sums.into_iter().for_each(|sum| list.push(&sum));
        list
    }
}

impl PairDetails {
    /// Appends what sorts behind everything that is there.
    pub(crate) fn push(&mut self, detail: &PairDetail) {
        self.mark(|| Some(detail.pair));
        self.packed.pair(&detail.pair);
        self.packed.number(u64::from(detail.side == Side::Source));
        self.packed.signed(detail.first_ms);
        self.packed.signed(detail.last_ms - detail.first_ms);
        for texts in [&detail.rules, &detail.encryption] {
            let number = self.number(texts);
            self.packed.number(number);
        }
    }

    /// Counts the detail that comes next.
    fn mark(&mut self, pair: impl FnOnce() -> Option<PairKey>) {
        if self.count.is_multiple_of(MARK_EVERY) {
            self.marks.extend(pair().map(|pair| (pair, self.packed.0.len() as u64)));
        }
        self.count += 1;
    }

    fn number(&mut self, texts: &Texts) -> u64 {
        // Most are few: the very same list was there just before.
        let first = self.texts.len().saturating_sub(8);
        if let Some(at) = self.texts.iter().skip(first).position(|known| known.is_same(texts)) {
            return (first + at) as u64;
        }
        if let Some(&number) = self.numbers.get(texts) {
            return number.into();
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(texts.clone());
        self.numbers.insert(texts.clone(), number);
        number.into()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The detail of a pair.
    pub fn find(&self, pair: &PairKey) -> Option<PairDetail> {
        let before = self.marks.partition_point(|(first, _)| first <= pair).checked_sub(1)?;
        let (_, from) = self.marks.get(before)?;
        self.iter_from(*from as usize).take(MARK_EVERY as usize).find(|detail| detail.pair == *pair)
    }

    /// One by one, in order.
    pub fn iter(&self) -> impl Iterator<Item = PairDetail> + Clone + '_ {
        self.iter_from(0)
    }

    fn iter_from(&self, byte: usize) -> impl Iterator<Item = PairDetail> + Clone + '_ {
        let mut cursor = Cursor(self.packed.0.get(byte..).unwrap_or_default());
        std::iter::from_fn(move || self.read(&mut cursor))
    }

    fn read(&self, cursor: &mut Cursor<'_>) -> Option<PairDetail> {
        let texts = |number: u64| self.texts.get(number as usize).cloned().unwrap_or_default();
        let pair = cursor.pair()?;
        let side = if cursor.number()? == 0 { Side::Destination } else { Side::Source };
        let first_ms = cursor.signed()?;
        let last_ms = first_ms.saturating_add(cursor.signed()?);
        let (rules, encryption) = (texts(cursor.number()?), texts(cursor.number()?));
        Some(PairDetail { pair, side, first_ms, last_ms, rules, encryption })
    }

    /// One answer of several shards'.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if let Some(only) = alone(&mut parts) {
            return only;
        }
        let lists: Vec<&[u8]> = parts.iter().map(|part| part.packed.0.as_slice()).collect();
        let mut all = Self::default();
        all.packed.0.reserve(lists.iter().map(|list| list.len()).sum());
        // By list, the numbers that its texts have here.
        let number = |part: &Self| part.texts.iter().map(|texts| all.number(texts)).collect();
        let numbers: Vec<Vec<u64>> = parts.iter().map(number).collect();
        merge(&lists, measure_detail, &mut |same| match same {
            [only] => {
                let numbers = numbers.get(only.list).map(Vec::as_slice).unwrap_or_default();
                all.push_packed(only.bytes, numbers).unwrap_or_default();
            }
            same => {
                let details = same.iter().filter_map(|one| parts.get(one.list)?.read(&mut Cursor(one.bytes)));
                details.reduce(PairDetail::and).iter().for_each(|detail| all.push(detail));
            }
        });
        all
    }

    /// As [`Self::push`] of a detail that is packed already, whose texts have these numbers here.
    fn push_packed(&mut self, packed: &[u8], numbers: &[u64]) -> Option<()> {
        self.mark(|| Cursor(packed).pair());
        let mut cursor = Cursor(packed);
        pass_to_texts(&mut cursor)?;
        self.packed.0.extend_from_slice(packed.get(..packed.len() - cursor.0.len())?);
        for _ in 0..2 {
            self.packed.number(*numbers.get(usize::try_from(cursor.number()?).ok()?)?);
        }
        Some(())
    }
}

impl PairDetail {
    /// What is known when another shard knows this, too.
    fn and(mut self, more: Self) -> Self {
        self.first_ms = self.first_ms.min(more.first_ms);
        self.last_ms = self.last_ms.max(more.last_ms);
        for (list, more) in [(&mut self.rules, more.rules), (&mut self.encryption, more.encryption)] {
            if *list != more {
                let mut both = [&**list, &*more].concat();
                both.order();
                both.dedup();
                *list = both.into();
            }
        }
        self
    }
}

/// Over the pair, the side and the times of a detail.
fn pass_to_texts(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.pass_pair()?;
    (0..3).try_for_each(|_| cursor.pass_number())
}

/// See [`crate::merged::Measure`].
fn measure_detail(cursor: &mut Cursor<'_>) -> Option<usize> {
    let mut behind_pair = Cursor(cursor.0);
    behind_pair.pass_pair()?;
    let key = cursor.0.len() - behind_pair.0.len();
    pass_to_texts(cursor)?;
    (0..2).try_for_each(|_| cursor.pass_number())?;
    Some(key)
}

impl FromIterator<PairDetail> for PairDetails {
    /// Of details in order.
    fn from_iter<T: IntoIterator<Item = PairDetail>>(details: T) -> Self {
        let mut list = Self::default();
        details.into_iter().for_each(|detail| list.push(&detail));
        list
    }
}

impl PartialEq for PairDetails {
    /// However their texts are numbered.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for PairDetails {}

impl SeenAddresses {
    /// Appends what sorts behind everything that is there.
    pub(crate) fn push(&mut self, seen: &SeenAddress) {
        self.0.address(seen.address);
        self.0.signed(seen.first);
        self.0.signed(seen.last - seen.first);
        self.0.number(seen.minutes.len() as u64);
        seen.minutes.iter().for_each(|minute| self.0.signed(minute - seen.first));
        self.0.number(seen.reporters.len() as u64);
        for (minute, mac) in &seen.reporters {
            self.0.signed(minute - seen.first);
            self.0.text(mac);
        }
    }

    /// One by one, in order.
    pub fn iter(&self) -> impl Iterator<Item = SeenAddress> + Clone + '_ {
        let mut cursor = Cursor(&self.0.0);
        std::iter::from_fn(move || read_seen(&mut cursor))
    }

    /// One answer of several shards'.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| !part.0.0.is_empty()).collect();
        if let Some(only) = alone(&mut parts) {
            return only;
        }
        let lists: Vec<&[u8]> = parts.iter().map(|part| part.0.0.as_slice()).collect();
        let mut all = Self::default();
        merge(&lists, measure_seen, &mut |same| match same {
            [only] => all.0.0.extend_from_slice(only.bytes),
            same => {
                let seen = same.iter().filter_map(|one| read_seen(&mut Cursor(one.bytes)));
                seen.reduce(SeenAddress::and).iter().for_each(|seen| all.push(seen));
            }
        });
        all
    }
}

impl SeenAddress {
    /// What was seen when another shard saw this, too.
    fn and(mut self, more: Self) -> Self {
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
        self.minutes.extend(more.minutes);
        self.minutes.order();
        self.minutes.dedup();
        self.reporters.extend(more.reporters);
        self.reporters.order();
        self.reporters.dedup();
        self
    }
}

fn read_seen(cursor: &mut Cursor<'_>) -> Option<SeenAddress> {
    let address = cursor.address()?;
    let first = cursor.signed()?;
    let last = first.saturating_add(cursor.signed()?);
    let count = cursor.number()?;
    let minutes = (0..count).map_while(|_| Some(first.saturating_add(cursor.signed()?))).collect();
    let count = cursor.number()?;
    let mut reporter = || Some((first.saturating_add(cursor.signed()?), cursor.text()?));
    let reporters = (0..count).map_while(|_| reporter()).collect();
    Some(SeenAddress { address, first, last, minutes, reporters })
}

/// See [`crate::merged::Measure`].
fn measure_seen(cursor: &mut Cursor<'_>) -> Option<usize> {
    let before = cursor.0.len();
    cursor.pass_address()?;
    let key = before - cursor.0.len();
    (0..2).try_for_each(|_| cursor.pass_number())?;
    let minutes = cursor.number()?;
    (0..minutes).try_for_each(|_| cursor.pass_number())?;
    let reporters = cursor.number()?;
    (0..reporters).try_for_each(|_| cursor.pass_number().and_then(|()| cursor.pass_text()))?;
    Some(key)
}

macro_rules! shown_as_list {
    ($($list:ident),*) => {
        $(impl fmt::Debug for $list {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.debug_list().entries(self.iter()).finish()
            }
        })*
    };
}

shown_as_list!(PairSums, PairDetails, SeenAddresses);

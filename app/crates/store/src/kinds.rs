//! Rule and encryption of a block's rows as one number: there are few of them, and rows that follow each other mostly agree.

/// What a row belongs to besides its pair and minute. Numbers are the store's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) rule: u32,
    pub(crate) encryption: u32,
}

/// So many kinds that came last are looked through; one that is found again later has a second number.
const LOOKED_THROUGH: usize = 32;

/// A column of kinds, for at most 65,536 rows.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    table: Vec<Kind>,
    low: Vec<u8>,
    /// The numbers' high bytes; empty as long as all are zero.
    high: Vec<u8>,
}

impl Kinds {
    pub(crate) fn extend(&mut self, kinds: impl Iterator<Item = Kind>) {
        let mut last = self.last().and_then(|number| Some((*self.table.get(number)?, number)));
        for kind in kinds {
            let number = match last {
                Some((known, number)) if known == kind => number,
                _ => self.number_of(kind),
            };
            last = Some((kind, number));
            if !self.high.is_empty() {
                self.high.push((number >> 8) as u8);
            }
            self.low.push(number as u8);
        }
    }

    #[cold]
    fn number_of(&mut self, kind: Kind) -> usize {
        let from = self.table.len().saturating_sub(LOOKED_THROUGH);
        let recent = self.table.get(from..).unwrap_or_default();
        if let Some(place) = recent.iter().rposition(|known| *known == kind) {
            return from + place;
        }
        self.table.push(kind);
        let number = self.table.len() - 1;
        if number > 0xFF && self.high.is_empty() {
            self.high.resize(self.low.len(), 0);
        }
        number
    }

    fn last(&self) -> Option<usize> {
        self.low.len().checked_sub(1).map(|row| self.number(row))
    }

    #[inline]
    fn number(&self, row: usize) -> usize {
        let [low, high] = [&self.low, &self.high].map(|bytes| usize::from(bytes.get(row).copied().unwrap_or(0)));
        high << 8 | low
    }

    /// The kind of a row.
    #[inline]
    pub(crate) fn at(&self, row: usize) -> Kind {
        self.table.get(self.number(row)).copied().unwrap_or_default()
    }

    pub(crate) fn reserve(&mut self, rows: usize) {
        self.low.reserve_exact(rows);
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.table.capacity() * size_of::<Kind>() + self.low.capacity() + self.high.capacity()
    }
}

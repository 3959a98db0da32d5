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
    pub(crate) fn push(&mut self, kind: Kind) {
        let same = |known: &Kind| *known == kind;
        let from = self.table.len().saturating_sub(LOOKED_THROUGH);
        let recent = self.table.get(from..).unwrap_or_default();
        let number = match self.last().filter(|&number| self.table.get(number).is_some_and(same)) {
            Some(number) => number,
            None => match recent.iter().rposition(same) {
                Some(place) => from + place,
                None => {
                    self.table.push(kind);
                    self.table.len() - 1
                }
            },
        };
        if number > 0xFF && self.high.is_empty() {
            self.high.resize(self.low.len(), 0);
        }
        if !self.high.is_empty() {
            self.high.push((number >> 8) as u8);
        }
        self.low.push(number as u8);
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

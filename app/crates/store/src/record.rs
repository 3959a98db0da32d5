//! Records and the rows they own. Copies of a record (contract rule 7) share rows when their rows would be the same, and swap places
//! when it turns out which input sorts first.

use underlay_model::time::Millis;
use underlay_model::tuple::RejectCode;

/// End of a chain of copies.
pub(crate) const NO_RECORD: u32 = u32::MAX;

/// What a record is at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The first of its copies, or the only one.
    Original,
    /// All its tuples are duplicates.
    Copy,
}

/// A whole record of an input.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) hash: u128,
    /// Of how its tuples belong to rules: copies that agree in it have the same rows.
    pub(crate) content: u64,
    pub(crate) input: u32,
    pub(crate) body: u32,
    /// The next copy, or [`NO_RECORD`].
    pub(crate) next: u32,
    pub(crate) standing: Standing,
    /// Position in the decoded text.
    pub(crate) byte: u64,
    pub(crate) len: u64,
    pub(crate) accepted: u64,
    /// Rejected tuples: (code, count, byte of the first), in the order of the codes.
    pub(crate) rejected: Box<[(RejectCode, u64, u64)]>,
    /// Times of accepted tuples; first after last when there are none.
    pub(crate) span: (Millis, Millis),
}

impl Record {
    pub(crate) fn rejected_tuples(&self) -> u64 {
        self.rejected.iter().map(|&(_, count, _)| count).sum()
    }
}

/// Rows of a record, in one stretch over the blocks, and who reported them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub(crate) first_row: u64,
    pub(crate) rows: u64,
    pub(crate) point: u32,
    /// First and last minute of its rows; first after last when it has none.
    pub(crate) span: (u32, u32),
    /// Some record that owns it is an original.
    pub(crate) active: bool,
}

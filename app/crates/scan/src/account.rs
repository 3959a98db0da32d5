//! The account of one text: how many records and tuples it held, what was foreign to it, and what could not be read.

use underlay_model::input::Format;
use underlay_model::tuple::RejectCode;

/// What a scanner has seen. Counts are over whole records only; duplicates are not told apart here (the store does that).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanAccount {
    /// Whole flow log records of all kinds.
    pub records: u64,
    /// Whole records and objects that were read, by format, in the order of their first occurrence.
    pub formats: Vec<FormatRecords>,
    /// Of those, how many were not in the plain grammar and went through serde_json.
    pub careful_records: u64,
    /// Accepted tuples.
    pub accepted: u64,
    /// Rejected tuples by code, in the order of [`RejectCode::ALL`]; codes that did not occur are absent.
    pub rejected: Vec<Rejects>,
    /// Decoded text that no record could be made of, less blanks and commas (contract, Inputs, `lost_bytes`).
    pub lost_bytes: u64,
    /// Where it was: the first [`ScanAccount::LOST_LISTED`] ranges.
    pub lost: Vec<LostRange>,
    /// How many such ranges there were.
    pub lost_ranges: u64,
    /// Text before, between and behind JSON documents: prompts, warnings, log lines.
    pub passed_over: PassedOver,
    /// Whole records of another kind, by category, in the order of their first occurrence; at most 64 kinds, the rest
    /// are added to the last.
    pub foreign: Vec<ForeignRecords>,
    /// Format of the first recognised record; `None` when there was none.
    pub first_format: Option<Format>,
    /// Whole records of another version than those that are documented, by version, in the order of their first occurrence; at most 8.
    pub other_versions: Vec<OtherVersion>,
    /// Whole records that have nothing where their flows should stand, and where the first begins in the decoded text.
    pub without_flows: (u64, u64),
    /// Length of the decoded text so far.
    pub bytes: u64,
}

impl ScanAccount {
    /// How many lost ranges are listed.
    pub const LOST_LISTED: usize = 16;

    /// Versions beyond these are not told apart.
    const VERSIONS_LISTED: usize = 8;

    /// A record of this format, which begins at `byte`, says to be of this version.
    pub(crate) fn other_version(&mut self, format: Format, version: &str, byte: u64) {
        let version: String = version.chars().take(16).collect();
        let full = self.other_versions.len() >= Self::VERSIONS_LISTED;
        match self.other_versions.iter_mut().find(|known| known.version == version && known.format == format) {
            Some(known) => known.count += 1,
            None if full => {}
            None => self.other_versions.push(OtherVersion { format, version, count: 1, first_byte: byte }),
        }
    }

    /// A record that begins at `byte` has nothing where its flows should stand.
    pub(crate) fn no_flows(&mut self, byte: u64) {
        let (count, first) = &mut self.without_flows;
        if *count == 0 {
            *first = byte;
        }
        *count += 1;
    }

    /// Rejected tuples of all codes.
    pub fn rejected_tuples(&self) -> u64 {
        self.rejected.iter().map(|rejects| rejects.count).sum()
    }
}

/// Rejected tuples of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejects {
    /// Why.
    pub code: RejectCode,
    /// How many.
    pub count: u64,
    /// Opening quote of the first in the decoded text.
    pub first_byte: u64,
}

/// A stretch of text that no record could be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostRange {
    /// Where it begins in the decoded text.
    pub byte: u64,
    /// Up to the next whole record or the end.
    pub len: u64,
    /// Of that, what counts as lost: all but blanks and commas.
    pub lost: u64,
    /// What is wrong where it begins.
    pub why: LostWhy,
}

/// What is wrong with a stretch of lost text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostWhy {
    /// The text ends inside a record.
    CutOff,
    /// The text begins inside a record, or goes on inside one after something was left out.
    Headless,
    /// A record begins and then is not JSON.
    Malformed,
    /// Whole JSON that is no record, where a record should be.
    NoRecord,
    /// A record nested deeper than 128 levels.
    TooDeep,
    /// A record longer than the scanner holds in memory.
    TooLong,
}

/// Text that is no part of any document, and not lost (contract, Inputs, `lost_bytes`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// How much, but for blanks and commas.
    pub bytes: u64,
    /// Where the first begins in the decoded text.
    pub first_byte: u64,
}

/// Whole records of one format that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatRecords {
    /// What they are.
    pub format: Format,
    /// How many.
    pub count: u64,
    /// Where the first begins in the decoded text.
    pub first_byte: u64,
}

/// Whole records that say to be of a version that is not documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherVersion {
    /// What they are read as.
    pub format: Format,
    /// The version as they say it, at most 16 bytes of it.
    pub version: String,
    /// How many.
    pub count: u64,
    /// Where the first begins in the decoded text.
    pub first_byte: u64,
}

/// Whole records of a kind that nobody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignRecords {
    /// Text of `category`, empty when they have none.
    pub category: String,
    /// How many.
    pub count: u64,
    /// Where the first begins in the decoded text.
    pub first_byte: u64,
}

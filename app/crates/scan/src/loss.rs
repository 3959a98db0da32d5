//! What is lost: from where something is not a whole record to the next whole record or the end, less blanks and commas (contract, Inputs).
//! Text between JSON documents looks like a loss until it ends, so it is kept as a suspicion and judged then.

use crate::account::{LostRange, LostWhy, ScanAccount};

/// A stretch of text that has not come to a whole record yet.
#[derive(Clone, Debug)]
pub(crate) struct Loss {
    from: u64,
    to: u64,
    lost: u64,
    why: LostWhy,
    /// Ends with a colon: what follows is a member's value.
    in_member: bool,
    /// May be a prompt, a warning or a log line between documents.
    suspicion: Option<Suspicion>,
}

/// What tells a piece of a record from plain text: quotes and brackets that do not match.
#[derive(Clone, Copy, Debug, Default)]
struct Suspicion {
    odd_quotes: bool,
    /// A colon stood right behind a quote.
    key: bool,
    open: u64,
    last: u8,
}

impl Suspicion {
    /// Something of it can only stand inside a record.
    fn is_inside(self) -> bool {
        self.odd_quotes || self.key
    }
}

impl Loss {
    /// Something at `from` is not a whole record, though it should be.
    pub(crate) fn certain(from: u64, why: LostWhy) -> Self {
        Self { from, to: from, lost: 0, why, in_member: false, suspicion: None }
    }

    /// Something at `from` is not JSON, and need not be.
    pub(crate) fn between_documents(from: u64) -> Self {
        Self { suspicion: Some(Suspicion::default()), ..Self::certain(from, LostWhy::Headless) }
    }

    /// It is a piece of a record after all.
    pub(crate) fn make_certain(&mut self) {
        self.suspicion = None;
    }

    /// It goes at least to there, over separators.
    pub(crate) fn reach(&mut self, to: u64) {
        self.to = self.to.max(to);
    }

    /// A list was opened in it and not closed.
    pub(crate) fn ends_in_list(&self) -> bool {
        self.suspicion.is_some_and(|suspicion| suspicion.open > 0)
    }

    /// What stands right behind it is a part of something, not a thing of its own.
    pub(crate) fn is_before_value(&self) -> bool {
        self.in_member
    }

    /// More of it.
    pub(crate) fn add(&mut self, text: &[u8]) {
        if let Some(last) = text.iter().rfind(|byte| !byte.is_ascii_whitespace()) {
            self.in_member = *last == b':';
        }
        self.to += text.len() as u64;
        self.lost += text.iter().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',')).count() as u64;
        let Some(suspicion) = &mut self.suspicion else { return };
        for &byte in text {
            match byte {
                b'"' => suspicion.odd_quotes = !suspicion.odd_quotes,
                b':' => suspicion.key |= suspicion.last == b'"',
                b'{' | b'[' => {
                    suspicion.open += 1;
                    // A list may open right before the first record.
                    continue;
                }
                b'}' | b']' => match suspicion.open.checked_sub(1) {
                    Some(open) => suspicion.open = open,
                    None => {
                        self.suspicion = None;
                        return;
                    }
                },
                _ => {}
            }
            suspicion.last = byte;
        }
    }

    /// Something whole begins right behind it. Says whether the stretch was a piece of a record.
    pub(crate) fn is_piece_before_whole(&self) -> bool {
        self.suspicion.is_none_or(|suspicion| {
            suspicion.is_inside() || !matches!(suspicion.last, b' ' | b'\t' | b'\n' | b'\r' | b',')
        })
    }

    /// The text ends behind it. Says whether the stretch was a piece of a record.
    pub(crate) fn is_piece_at_end(&self) -> bool {
        self.suspicion.is_none_or(Suspicion::is_inside)
    }

    /// Enters it as text between documents.
    pub(crate) fn pass_over(self, account: &mut ScanAccount) {
        if account.passed_over.bytes == 0 {
            account.passed_over.first_byte = self.from;
        }
        account.passed_over.bytes += self.lost;
    }

    /// Enters it in the account.
    pub(crate) fn enter(self, account: &mut ScanAccount) {
        if self.lost == 0 {
            return;
        }
        account.lost_bytes += self.lost;
        account.lost_ranges += 1;
        if account.lost.len() < ScanAccount::LOST_LISTED {
            account.lost.push(LostRange { byte: self.from, len: self.to - self.from, lost: self.lost, why: self.why });
        }
    }
}

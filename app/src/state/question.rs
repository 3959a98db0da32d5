//! One question to the capture at a time of each kind: while an answer is on its way the newest wish waits, so that brushing
//! never queues work, and an old answer never replaces a newer one.

use underlay_model::wire::QueryId;

/// The state of asking one kind of question.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question {
    number: QueryId,
    under_way: bool,
    again: bool,
}

impl Question {
    /// Asks for leave to send. `None` while an answer is under way; it will then be asked again by [`Self::answered`].
    pub fn begin(&mut self) -> Option<QueryId> {
        if self.under_way {
            self.again = true;
            return None;
        }
        self.number += 1;
        self.under_way = true;
        self.again = false;
        Some(self.number)
    }

    /// Notes an answer. `None` when it is not the one that is waited for; else whether the question has to be put again.
    pub fn answered(&mut self, id: QueryId) -> Option<bool> {
        if id != self.number {
            return None;
        }
        self.under_way = false;
        Some(std::mem::take(&mut self.again))
    }

    /// Whether an answer is waited for.
    pub fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Nothing that is under way counts any longer.
    pub fn forget(&mut self) {
        self.number += 1;
        self.under_way = false;
        self.again = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_answer_counts_and_a_waiting_wish_is_asked_after_it() {
        let mut question = Question::default();
        let first = question.begin();
        assert!(first.is_some());
        assert_eq!(question.begin(), None);
        assert_eq!(question.answered(first.unwrap_or_default()), Some(true));
        let second = question.begin().unwrap_or_default();
        assert_eq!(question.answered(first.unwrap_or_default()), None);
        assert_eq!(question.answered(second), Some(false));
    }
}

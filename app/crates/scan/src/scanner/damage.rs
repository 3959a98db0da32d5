//! What the scanner does where no whole record stands: remembers what is lost, judges text between documents once it ends, and looks for
//! the next whole record.

use super::{Frame, Scanner, Step, follows};
use crate::account::LostWhy;
use crate::loss::Loss;
use crate::sink::Sink;
use memchr::memchr;

impl Scanner {
    /// Text at the outermost level that begins nothing.
    pub(super) fn begin_text(&mut self, rest: &[u8]) -> Step {
        self.whole_before = false;
        let mut loss = Loss::between_documents(self.opener.map_or(self.base, |(from, _)| from));
        if let Some((_, opener)) = self.opener.take() {
            loss.add(opener);
            loss.reach(self.base);
        }
        self.loss = Some(loss);
        Step::Used(self.lose_bytes(rest.get(..1).unwrap_or_default()))
    }

    /// A suspicion before something whole is judged.
    pub(super) fn settle_text(&mut self) {
        if let Some(loss) = &mut self.loss {
            if loss.is_piece_before_whole() {
                loss.make_certain();
            } else {
                if loss.ends_in_list() {
                    self.frames.push(Frame::List);
                }
                if let Some(loss) = self.loss.take() {
                    loss.pass_over(&mut self.account);
                }
            }
        }
    }

    /// A text that begins with a list of pieces began inside a record.
    pub(super) fn lose_opener(&mut self) {
        if let Some((from, opener)) = self.opener.take()
            && self.loss.is_none()
        {
            self.frames.clear();
            let mut loss = Loss::certain(from, LostWhy::Headless);
            loss.add(opener);
            loss.reach(self.base);
            self.loss = Some(loss);
        }
    }

    /// What stands here is not a whole record.
    pub(super) fn lose(&mut self, why: LostWhy) {
        self.frames.clear();
        self.opener = None;
        self.whole_before = false;
        match &mut self.loss {
            Some(loss) => loss.make_certain(),
            None => self.loss = Some(Loss::certain(self.base, why)),
        }
    }

    pub(super) fn lose_bytes(&mut self, text: &[u8]) -> usize {
        if let Some(loss) = &mut self.loss {
            loss.add(text);
        }
        text.len()
    }

    /// Looks for the next whole record behind something that is not one.
    pub(super) fn seek(&mut self, rest: &[u8], ended: bool, sink: &mut dyn Sink) -> Step {
        match memchr(b'{', rest) {
            None => Step::Used(self.lose_bytes(rest)),
            Some(0) => match follows(rest, b"\"}") {
                None if !ended => Step::Wait,
                Some(true) => self.object(rest, ended, sink),
                _ => Step::Used(self.lose_bytes(rest.get(..1).unwrap_or_default())),
            },
            Some(gap) => Step::Used(self.lose_bytes(rest.get(..gap).unwrap_or_default())),
        }
    }
}

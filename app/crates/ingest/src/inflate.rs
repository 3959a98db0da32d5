//! Gzip (any number of members) and raw deflate, pushed in pieces. A truncated or damaged stream yields what inflates and
//! says so. Sources: RFC 1951, RFC 1952. Sizes in headers are never looked at.

use flate2::{Decompress, FlushDecompress, Status};

/// First bytes of every gzip member that uses deflate, the only method there is.
pub(crate) const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

/// How decompression went wrong, or short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The stream ends before its end mark.
    CutOff,
    /// The stream is not valid from some place on (a wrong checksum at its end, too).
    Damaged,
    /// Something follows the last member that is neither gzip nor zeros.
    Trailing,
    /// More than the limit came out.
    Limit,
}

/// One compressed stream.
#[derive(Debug)]
pub(crate) struct Inflate {
    gzip: bool,
    engine: Decompress,
    state: State,
    /// Bytes between two members, until it is clear what they are: at most three.
    between: Vec<u8>,
    out: Vec<u8>,
    produced: u64,
    limit: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Inside,
    Between,
    Ended(Option<Trouble>),
}

/// So much comes out at once in the beginning, as much at most when there is much: few records are cut then, which are read twice.
const OUT_BYTES: usize = 64 * 1024;
const MOST_OUT_BYTES: usize = 1024 * 1024;
const WINDOW_BITS: u8 = 15;

impl Inflate {
    pub(crate) fn new(gzip: bool, limit: u64) -> Self {
        Self {
            gzip,
            engine: engine(gzip),
            state: State::Inside,
            between: Vec::new(),
            out: vec![0; OUT_BYTES],
            produced: 0,
            limit,
        }
    }

    /// Decompressed bytes so far.
    pub(crate) fn produced(&self) -> u64 {
        self.produced
    }

    pub(crate) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// True when further input changes nothing.
    pub(crate) fn ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    pub(crate) fn push(&mut self, mut input: &[u8], next: &mut dyn FnMut(&[u8])) {
        while !input.is_empty() {
            match self.state {
                State::Ended(_) => return,
                State::Inside => input = self.inflate(input, next),
                State::Between => input = self.between(input, next),
            }
        }
    }

    /// Says what was wrong, if anything, when no more bytes come.
    pub(crate) fn finish(&mut self, next: &mut dyn FnMut(&[u8])) -> Option<Trouble> {
        if self.state == State::Inside {
            // The engine may hold output back until it is asked once more.
            self.inflate(&[], next);
        }
        match self.state {
            State::Inside => Some(Trouble::CutOff),
            State::Between if self.between.iter().any(|&byte| byte != 0) => Some(Trouble::Trailing),
            State::Between => None,
            State::Ended(trouble) => trouble,
        }
    }

    fn inflate<'a>(&mut self, mut input: &'a [u8], next: &mut dyn FnMut(&[u8])) -> &'a [u8] {
        loop {
            let (read_before, written_before) = (self.engine.total_in(), self.engine.total_out());
            let result = self.engine.decompress(input, &mut self.out, FlushDecompress::None);
            let read = usize::try_from(self.engine.total_in() - read_before).unwrap_or(usize::MAX);
            let written = usize::try_from(self.engine.total_out() - written_before).unwrap_or(usize::MAX);
            input = input.get(read..).unwrap_or_default();
            let room = usize::try_from(self.limit - self.produced.min(self.limit)).unwrap_or(usize::MAX);
            let used = written.min(room);
            self.produced += used as u64;
            if let Some(output) = self.out.get(..used)
                && used > 0
            {
                next(output);
            }
            if written == self.out.len() && written < MOST_OUT_BYTES {
                self.out.resize(2 * written, 0);
            }
            if written > room {
                self.state = State::Ended(Some(Trouble::Limit));
                return &[];
            }
            match result {
                Err(_) => {
                    self.state = State::Ended(Some(Trouble::Damaged));
                    return &[];
                }
                Ok(Status::StreamEnd) => {
                    self.state = if self.gzip { State::Between } else { State::Ended(None) };
                    return input;
                }
                Ok(Status::Ok | Status::BufError) if read == 0 && written == 0 => return &[],
                Ok(_) => {}
            }
        }
    }

    fn between<'a>(&mut self, input: &'a [u8], next: &mut dyn FnMut(&[u8])) -> &'a [u8] {
        let mut rest = input;
        while let Some((&byte, tail)) = rest.split_first() {
            if self.between.is_empty() && byte == 0 {
                rest = tail;
                continue;
            }
            self.between.push(byte);
            rest = tail;
            if !GZIP_MAGIC.starts_with(&self.between) {
                self.state = State::Ended(Some(Trouble::Trailing));
                return &[];
            }
            if self.between.len() == GZIP_MAGIC.len() {
                self.engine = engine(true);
                self.state = State::Inside;
                self.between.clear();
                self.inflate(&GZIP_MAGIC, next);
                return rest;
            }
        }
        rest
    }
}

fn engine(gzip: bool) -> Decompress {
    if gzip { Decompress::new_gzip(WINDOW_BITS) } else { Decompress::new(false) }
}

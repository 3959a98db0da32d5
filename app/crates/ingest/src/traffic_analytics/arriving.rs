//! Tables of Traffic Analytics in JSON as they arrive: of the first table of flows each whole row is read and let go, so that an answer of
//! a hundred megabytes needs little memory. From the first thing on that is no such row the text is collected, and the walk over tables
//! goes on where this ended.

use super::columns::Header;
use super::row::Rows;
use super::tables::{self, Standing};
use crate::json::{Broken, Cursor};
use underlay_scan::Sink;

/// Bytes that are collected before they are looked at.
const PORTION: usize = 1 << 20;

/// Tables as they arrive.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// The beginning up to the first row, and what is not read yet.
    text: Vec<u8>,
    header: Option<Header>,
    standing: Standing,
    rows: Rows,
    /// Nothing is looked at before there is so much text; `usize::MAX` when all of the rest is collected.
    next_look: usize,
    portion: usize,
    lost_memory: bool,
}

impl Default for Arriving {
    fn default() -> Self {
        Self::with_portion(PORTION)
    }
}

impl Arriving {
    pub(super) fn with_portion(portion: usize) -> Self {
        Self {
            text: Vec::new(),
            header: None,
            standing: Standing::default(),
            rows: Rows::default(),
            next_look: portion,
            portion,
            lost_memory: false,
        }
    }

    /// The next text. What does not fit into memory is left out from here on.
    pub(crate) fn push(&mut self, text: &[u8], sink: &mut dyn Sink) {
        for part in text.chunks(PORTION) {
            if self.lost_memory || self.text.try_reserve(part.len()).is_err() {
                self.lost_memory = true;
                return;
            }
            self.text.extend_from_slice(part);
            if self.text.len() >= self.next_look {
                self.look(sink);
            }
        }
    }

    /// Whether text was left out.
    pub(crate) fn lost_memory(&self) -> bool {
        self.lost_memory
    }

    /// What was read, the text that is left, and where that stands.
    pub(crate) fn finish(self) -> (Rows, Vec<u8>, Standing) {
        (self.rows, self.text, self.standing)
    }

    fn look(&mut self, sink: &mut dyn Sink) {
        let text = std::mem::take(&mut self.text);
        let valid = crate::object_stream::valid_beginning(&text);
        if self.header.is_none()
            && let Some((head, header)) = tables::first_table(valid)
        {
            self.standing.head = head;
            self.header = Some(header);
        }
        let (end, more) = match self.header.take() {
            Some(header) => {
                let found = self.read(valid, &header, sink);
                self.header = Some(header);
                found
            }
            None => (self.standing.head, true),
        };
        self.text = text;
        self.text.drain(self.standing.head..end);
        self.standing.taken += (end - self.standing.head) as u64;
        // What is longer than a portion is looked at again when it has doubled.
        let left = self.text.len() - self.standing.head;
        self.next_look = if more { self.text.len() + self.portion.max(left) } else { usize::MAX };
    }

    /// Reads whole rows. Gives where the first thing begins that is none, and whether more may follow.
    fn read(&mut self, text: &str, header: &Header, sink: &mut dyn Sink) -> (usize, bool) {
        let mut end = self.standing.head;
        loop {
            let mut cursor = Cursor::new(text, end);
            cursor.separators();
            // No comma is left behind: the walk may read the list again, as a whole.
            let start = cursor.at();
            if cursor.peek() == Some(b']') {
                return (start, false);
            }
            match cursor.value() {
                Ok(row) if tables::fits(&row, header) => {
                    let place = self.standing.place(start)..self.standing.place(cursor.at());
                    tables::read_row(&row, header, place, &mut self.rows, sink);
                    end = cursor.at();
                }
                Err(Broken::End) => return (start, true),
                _ => return (start, false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage::{damaged, harm};
    use proptest::prelude::*;
    use underlay_model::tuple::{AnalyticsTuple, FlowTuple, RejectCode};
    use underlay_scan::RecordHead;

    /// What is told of rows, in words.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Sink for Told {
        fn group(&mut self, _: &[u8], _: &[u8]) {}
        fn tuple(&mut self, _: &FlowTuple<'_>) {}
        fn analytics(&mut self, tuple: &AnalyticsTuple<'_>) {
            self.0.push(format!("{tuple:?}"));
        }
        fn reject(&mut self, code: RejectCode, byte: u64) {
            self.0.push(format!("{code:?} at {byte}"));
        }
        fn commit(&mut self, head: &RecordHead<'_>) {
            self.0.push(format!("{} at {:?}", head.time, head.bytes));
        }
        fn rollback(&mut self) {}
    }

    /// Everything that comes of a text, and how much of it was left for the walk.
    fn read(text: &str, portion: usize) -> (Vec<String>, String, usize) {
        let (mut arriving, mut told) = (Arriving::with_portion(portion), Told::default());
        for piece in text.as_bytes().chunks(portion.min(7)) {
            arriving.push(piece, &mut told);
        }
        let (mut rows, rest, standing) = arriving.finish();
        let rest = String::from_utf8_lossy(&rest).into_owned();
        let tables = tables::read(&rest, standing, &mut rows, &mut told);
        (told.0, format!("{rows:?} {tables:?}"), rest.len())
    }

    fn texts() -> Vec<String> {
        let columns = r#""columns":[{"name":"FlowStartTime","type":"datetime"},{"name":"SrcIp"},{"name":"DestIp"},{"name":"DestPort"},{"name":"SubType"},{"name":"AclRule"}]"#;
        let row = |n: usize| format!(r#"["2026-11-20T09:00:{n:02}Z","10.0.0.{n}","10.1.0.1",{n},"FlowLog","ü"]"#);
        let rows: Vec<String> = (0..30).map(row).collect();
        let rows = rows.join(",\n");
        let table = format!(r#"{{"name":"PrimaryResult",{columns},"rows":[{rows}]}}"#);
        vec![
            format!(r#"{{"tables":[{table}],"error":{{"message":"only a part"}}}}"#),
            format!(r#"{{"tables":[{{"name":"Other","columns":[{{"name":"a"}}],"rows":[[1],[2]]}},{table},{table}]}}"#),
            format!("WARNING: x\n{{\"tables\":[{table}]}}\n{{\"tables\":[{table}]}}"),
            format!(r#"{{"tables":[{{"rows":[{rows}],{columns}}}]}}"#),
            format!(r#"{{"tables":[{{{columns},"rows":[{rows},{{"OneApiErrors":[]}},[1,2],{rows}]}}]}}"#),
            format!(r#"{{"tables":[{{{columns},"rows":[{rows},["2026-11,{rows}]}}]}}"#),
            format!(r#"{{"tables":[{{{columns},"rows":[{rows},,, {rows}"#),
        ]
    }

    #[test]
    fn rows_that_are_read_as_they_arrive_are_those_of_the_whole() {
        for text in texts() {
            for cut in (0..=text.len()).step_by(53).chain([text.len()]).filter(|&at| text.is_char_boundary(at)) {
                let part = &text[..cut];
                let (told, account, _) = read(part, usize::MAX);
                for portion in [1, 90, 700] {
                    let arrived = read(part, portion);
                    assert_eq!((arrived.0, arrived.1), (told.clone(), account.clone()), "{portion}: {part}");
                }
            }
        }
        // A row that does not fit, before its columns.
        let odd = texts()[3].replace(r#"Z","10.0.0.16","10.1.0.1",16,"Fl"#, "Z");
        let (told, account, _) = read(&odd, usize::MAX);
        assert_eq!(told.len(), 29 * 2);
        let arrived = read(&odd, 127);
        assert_eq!((arrived.0, arrived.1), (told, account));
        let (told, _, left) = read(&texts()[0], 100);
        assert!(told.len() >= 30 && left < 600, "{} told, {left} bytes kept", told.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn so_are_those_of_a_damaged_one(
            which in 0usize..7,
            harm in harm("[\\[\\]{}\",: \n5a-]{0,4}"),
            portion in 1usize..600,
        ) {
            let text = damaged(&texts()[which], &harm);
            let (whole, arrived) = (read(&text, usize::MAX), read(&text, portion));
            prop_assert_eq!((whole.0, whole.1), (arrived.0, arrived.1), "{}", text);
        }
    }
}

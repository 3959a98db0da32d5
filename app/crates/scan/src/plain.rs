//! The plain grammar: a record as Azure writes it, compact, without escapes, every key at most once, names before the lists they name. It is
//! read in one pass without building anything. What it cannot read it leaves to the careful path untouched.

use crate::account::ScanAccount;
use crate::hash::RecordHasher;
use crate::plain_tuple::{Ends, LONGEST, common_tuple};
use crate::sink::Sink;
use crate::transaction::{Identity, Transaction};
use crate::tuple::{NsgVersion, parse_nsg_tuple, parse_tuple};
use memchr::memchr;
use underlay_model::input::Format;
use underlay_model::tuple::FlowTuple;

/// So many tuples are told at once: few enough to stay in the processor's nearest cache.
const BATCH: usize = 64;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// A whole record of this format, committed; so many bytes.
    Whole(usize, Format),
    /// Plain so far, but the text ends before the record does.
    More,
    /// Not in the plain grammar.
    Careful,
}

/// Why reading stopped short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    More,
    Careful,
}

/// Reads the record that begins at `text[0]`; `base` is the position of that byte in the decoded text. Unless the record is whole, the sink is rolled back.
pub(crate) fn plain_record<S: Sink + ?Sized>(
    text: &[u8],
    base: u64,
    sink: &mut S,
    hasher: &mut RecordHasher,
    account: &mut ScanAccount,
) -> Plain {
    let mut reader = Reader { text, at: 0, base, record: Transaction::begin(sink, hasher), batch: Vec::new() };
    match reader.record() {
        Ok((identity, format)) => {
            let end = reader.at;
            reader.record.commit(&identity, base..base + end as u64, account);
            Plain::Whole(end, format)
        }
        Err(stop) => {
            reader.record.rollback();
            match stop {
                Stop::More => Plain::More,
                Stop::Careful => Plain::Careful,
            }
        }
    }
}

struct Reader<'a, 's, S: ?Sized> {
    text: &'a [u8],
    at: usize,
    base: u64,
    record: Transaction<'s, S>,
    /// Tuples of the group that is being read, to be told together.
    batch: Vec<FlowTuple<'a>>,
}

impl<'a, S: Sink + ?Sized> Reader<'a, '_, S> {
    fn next(&mut self) -> Result<u8, Stop> {
        let byte = *self.text.get(self.at).ok_or(Stop::More)?;
        self.at += 1;
        Ok(byte)
    }

    fn expect(&mut self, literal: &[u8]) -> Result<(), Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(literal) {
            self.at += literal.len();
            Ok(())
        } else if literal.starts_with(rest) {
            Err(Stop::More)
        } else {
            Err(Stop::Careful)
        }
    }

    /// The inside of a string whose opening quote was read: printable ASCII without escapes.
    fn string(&mut self) -> Result<&'a str, Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = memchr(b'"', rest);
        let inside = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if !is_plain(inside) {
            return Err(Stop::Careful);
        }
        let end = end.ok_or(Stop::More)?;
        self.at += end + 1;
        std::str::from_utf8(inside).map_err(|_| Stop::Careful)
    }

    /// `"text"`.
    fn quoted(&mut self) -> Result<&'a str, Stop> {
        if self.next()? != b'"' {
            return Err(Stop::Careful);
        }
        self.string()
    }

    fn record(&mut self) -> Result<(Identity<'a>, Format), Stop> {
        let mut identity = Identity::default();
        let (mut category, mut nsg, mut inside) = ("", "", None);
        let mut seen = 0u16;
        self.expect(b"{")?;
        loop {
            let key = self.quoted()?;
            self.expect(b":")?;
            let bit = match key {
                "time" => 0,
                "flowLogVersion" => 1,
                "flowLogGUID" => 2,
                "macAddress" => 3,
                "category" => 4,
                "flowLogResourceID" => 5,
                "targetResourceID" => 6,
                "operationName" => 7,
                "flowRecords" => 8,
                "properties" => 9,
                "resourceId" => 10,
                "systemId" => 11,
                _ => return Err(Stop::Careful),
            };
            if seen & 1 << bit != 0 {
                return Err(Stop::Careful);
            }
            seen |= 1 << bit;
            match bit {
                0 => identity.time = self.quoted()?,
                1 => self.expect(b"4")?,
                2 => identity.guid = self.quoted()?,
                3 => identity.mac = self.quoted()?,
                4 => category = self.quoted()?,
                5 => identity.resource = self.quoted()?,
                8 if inside.is_none() => self.flow_records()?,
                9 if seen & 1 << 8 == 0 => inside = Some(self.nsg_properties()?),
                8 | 9 => return Err(Stop::Careful),
                10 => nsg = self.quoted()?,
                _ => {
                    self.quoted()?;
                }
            }
            match self.next()? {
                b',' => {}
                b'}' => break,
                _ => return Err(Stop::Careful),
            }
        }
        match inside {
            None if seen & 1 << 8 != 0 => {
                let resource = if identity.resource.is_empty() { nsg } else { identity.resource };
                Ok((Identity { resource, ..identity }, Format::VnetFlowLog))
            }
            Some((version, mac)) if category == "NetworkSecurityGroupFlowEvent" => {
                let format = match version {
                    NsgVersion::One => Format::NsgFlowLogV1,
                    NsgVersion::Two => Format::NsgFlowLogV2,
                };
                Ok((Identity { guid: "", resource: nsg, mac: mac.unwrap_or(identity.mac), ..identity }, format))
            }
            _ => Err(Stop::Careful),
        }
    }

    /// `{"Version":2,"flows":[…]}`: the version, and the NIC that all its tuples name, if it has any.
    fn nsg_properties(&mut self) -> Result<(NsgVersion, Option<&'a str>), Stop> {
        self.expect(b"{\"Version\":")?;
        let version = match self.next()? {
            b'1' => NsgVersion::One,
            b'2' => NsgVersion::Two,
            _ => return Err(Stop::Careful),
        };
        self.expect(b",\"flows\":[")?;
        let mut mac = None;
        while self.text.get(self.at) != Some(&b']') {
            self.expect(b"{\"rule\":")?;
            let rule = self.quoted()?;
            self.expect(b",\"flows\":[")?;
            while self.text.get(self.at) != Some(&b']') {
                self.expect(b"{\"mac\":")?;
                let own = self.quoted()?;
                if *mac.get_or_insert(own) != own {
                    return Err(Stop::Careful);
                }
                self.expect(b",\"flowTuples\":[")?;
                self.record.group(b"", rule.as_bytes());
                self.nsg_tuples(version)?;
                self.expect(b"}")?;
                self.between()?;
            }
            self.expect(b"]}")?;
            self.between()?;
        }
        self.expect(b"]}")?;
        Ok((version, mac))
    }

    /// Behind an element of a list: a comma and another element, or the list's end, which is left.
    fn between(&mut self) -> Result<(), Stop> {
        match (self.text.get(self.at), self.text.get(self.at + 1)) {
            (Some(b']'), _) => Ok(()),
            (Some(b','), Some(b'{')) => {
                self.at += 1;
                Ok(())
            }
            (None, _) | (Some(b','), None) => Err(Stop::More),
            _ => Err(Stop::Careful),
        }
    }

    fn nsg_tuples(&mut self, version: NsgVersion) -> Result<(), Stop> {
        let start = self.at;
        if self.text.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let quote = self.base + self.at as u64;
            let text = self.quoted()?;
            match parse_nsg_tuple(text.as_bytes(), version) {
                Ok(tuple) => self.record.tuple(&tuple),
                Err(code) => self.record.reject(code, quote),
            }
            match self.next()? {
                b',' => {}
                b']' => break,
                _ => return Err(Stop::Careful),
            }
        }
        let inside = self.text.get(start..self.at - 1).unwrap_or_default();
        self.record.hasher.plain_list(inside);
        Ok(())
    }

    fn flow_records(&mut self) -> Result<(), Stop> {
        self.expect(b"{\"flows\":[")?;
        if self.text.get(self.at) == Some(&b']') {
            return self.expect(b"]}");
        }
        loop {
            self.expect(b"{\"aclID\":")?;
            let acl = self.quoted()?;
            self.expect(b",\"flowGroups\":[")?;
            if self.text.get(self.at) == Some(&b']') {
                self.at += 1;
            } else {
                self.groups(acl)?;
            }
            self.expect(b"}")?;
            match self.next()? {
                b',' => {}
                b']' => return self.expect(b"}"),
                _ => return Err(Stop::Careful),
            }
        }
    }

    fn groups(&mut self, acl: &str) -> Result<(), Stop> {
        loop {
            self.expect(b"{\"rule\":")?;
            let rule = self.quoted()?;
            self.expect(b",\"flowTuples\":[")?;
            self.record.group(acl.as_bytes(), rule.as_bytes());
            self.tuples()?;
            self.expect(b"}")?;
            match self.next()? {
                b',' => {}
                b']' => return Ok(()),
                _ => return Err(Stop::Careful),
            }
        }
    }

    fn tuples(&mut self) -> Result<(), Stop> {
        let start = self.at;
        if self.text.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(());
        }
        self.batch.reserve(BATCH);
        let mut ends = Ends::default();
        loop {
            if self.next()? != b'"' {
                return Err(Stop::Careful);
            }
            let rest = self.text.get(self.at..).unwrap_or_default();
            if let Some((tuple, end)) = rest.first_chunk::<LONGEST>().and_then(|text| common_tuple(text, &mut ends)) {
                self.batch.push(tuple);
                self.at += end + 1;
                if self.batch.len() == BATCH {
                    self.tell();
                }
            } else {
                self.uncommon_tuple()?;
            }
            match self.next()? {
                b',' => {}
                b']' => break,
                _ => return Err(Stop::Careful),
            }
        }
        self.tell();
        let inside = self.text.get(start..self.at - 1).unwrap_or_default();
        self.record.hasher.plain_list(inside);
        Ok(())
    }

    fn tell(&mut self) {
        self.record.tuples(&self.batch);
        self.batch.clear();
    }

    #[cold]
    fn uncommon_tuple(&mut self) -> Result<(), Stop> {
        let quote = self.base + self.at as u64 - 1;
        let text = self.string()?;
        self.tell();
        match parse_tuple(text.as_bytes()) {
            Ok(tuple) => self.record.tuple(&tuple),
            Err(code) => self.record.reject(code, quote),
        }
        Ok(())
    }
}

/// Printable ASCII but for the backslash.
fn is_plain(text: &[u8]) -> bool {
    // Without an early exit, so that it is done many bytes at a time.
    let odd =
        text.iter().fold(0u8, |odd, &byte| odd | u8::from(!(0x20..0x7F).contains(&byte)) | u8::from(byte == b'\\'));
    odd == 0
}

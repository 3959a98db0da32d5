//! Where a capture goes: files one after another, each in pieces, so that a capture of any size needs little memory.

use std::collections::BTreeMap;
use std::io;

/// Takes the files of a capture, one after another.
pub trait Sink {
    /// Begins a file; the one before it is complete. `path` is relative and has `/` between its parts.
    ///
    /// # Errors
    /// What the place that takes the file says.
    fn file(&mut self, path: &str) -> io::Result<()>;

    /// Appends to the file begun last.
    ///
    /// # Errors
    /// What the place that takes the file says.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The last file is complete.
    ///
    /// # Errors
    /// What the place that takes the file says.
    fn finish(&mut self) -> io::Result<()>;
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files.
    pub files: u64,
    /// Bytes over all files.
    pub bytes: u64,
    /// Bytes of flow logs.
    pub log_bytes: u64,
    /// Flow log records.
    pub records: u64,
    /// Flow tuples, malformed ones too.
    pub tuples: u64,
}

/// A capture in memory: path → content.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    current: Option<(String, Vec<u8>)>,
}

impl Memory {
    /// An empty capture.
    pub fn new() -> Self {
        Self::default()
    }

    fn close(&mut self) {
        if let Some((path, content)) = self.current.take() {
            self.files.insert(path, content);
        }
    }
}

impl Sink for Memory {
    fn file(&mut self, path: &str) -> io::Result<()> {
        self.close();
        self.current = Some((path.to_owned(), Vec::new()));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some((_, content)) = &mut self.current {
            content.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.close();
        Ok(())
    }
}

/// Counts and passes on.
pub(crate) struct Counted<'a> {
    sink: &'a mut dyn Sink,
    pub(crate) stats: Stats,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, stats: Stats::default() }
    }
}

impl Sink for Counted<'_> {
    fn file(&mut self, path: &str) -> io::Result<()> {
        self.stats.files += 1;
        self.sink.file(path)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stats.bytes += bytes.len() as u64;
        self.sink.write(bytes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.sink.finish()
    }
}

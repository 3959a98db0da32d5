//! Bytes of files: a range at once for the coordinator, one slab after another for a shard.

use crate::post;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// Bytes `offset..offset + length` of the file, as far as there are any. Errors, as a sentence, when the browser cannot read
/// it (it was moved, changed or locked since it was dropped).
pub async fn range(file: &File, offset: u64, length: u64) -> Result<Vec<u8>, String> {
    // A file that is gone has size 0, and a slice of nothing is read without looking; the file itself is not.
    let blob = if file.size() == 0.0 { file.clone().into() } else { slice(file, offset, length)? };
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|error| why(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// So much is handed to a shard at once.
const SLAB_BYTES: u64 = 4 << 20;
/// The first slab is small, so that work begins soon.
const FIRST_SLAB_BYTES: u64 = 1 << 20;
/// So many slabs may be on their way to a shard that has not taken them yet.
const AHEAD: u32 = 3;

/// Said of a file whose handle is not kept any more.
pub const GONE: &str = "The file's handle is gone.";

/// A slice of a file on its way to a shard, slab by slab, no faster than the shard takes them.
///
/// Who parses cannot read beside it: the browser hands out bytes through a pipe of little room, which only the event loop of the reader empties. So the
/// coordinator reads, whose event loop is free. Of the readers that browsers have this was the fastest (`tests/bench`): a stream comes in
/// two thousand small chunks, a synchronous reader stands still meanwhile.
pub struct Stream {
    /// The request that the slice belongs to.
    pub ticket: u64,
    file: Option<File>,
    at: u64,
    end: u64,
    /// Size of the next slab.
    most: u64,
    wanted: u32,
    reading: bool,
}

/// The next piece of a stream.
pub struct Slab {
    blob: Blob,
    /// Nothing follows.
    pub last: bool,
}

impl Stream {
    /// A slice that nothing was read of; none when it is empty.
    pub fn new(ticket: u64, file: Option<File>, offset: u64, length: u64) -> Option<Self> {
        let end = offset.saturating_add(length);
        (length > 0).then_some(Self {
            ticket,
            file,
            at: offset,
            end,
            most: FIRST_SLAB_BYTES,
            wanted: AHEAD,
            reading: false,
        })
    }

    /// The shard has taken a slab.
    pub fn want_more(&mut self) {
        self.wanted += 1;
    }

    /// The slab that is to be read now, if any: one after another, so that they arrive in order.
    pub fn next(&mut self) -> Option<Result<Slab, String>> {
        if self.reading || self.wanted == 0 || self.at >= self.end {
            return None;
        }
        let length = self.most.min(self.end - self.at);
        let blob = match &self.file {
            Some(file) => slice(file, self.at, length),
            None => Err(GONE.to_owned()),
        };
        self.at += length;
        self.most = SLAB_BYTES;
        self.wanted -= 1;
        self.reading = true;
        Some(blob.map(|blob| Slab { blob, last: self.at >= self.end }))
    }

    /// What [`Stream::next`] gave has been read.
    pub fn was_read(&mut self) {
        self.reading = false;
    }
}

impl Slab {
    /// Its bytes; fewer than were asked for when the file has become shorter.
    pub async fn read(&self) -> Result<JsValue, String> {
        JsFuture::from(self.blob.array_buffer()).await.map_err(|error| why(&error))
    }
}

#[allow(clippy::cast_precision_loss, reason = "a file's size is below 2^53")]
fn slice(file: &File, offset: u64, length: u64) -> Result<Blob, String> {
    file.slice_with_f64_and_f64(offset as f64, offset.saturating_add(length) as f64).map_err(|error| why(&error))
}

/// In plain words what browsers say in names.
fn why(error: &JsValue) -> String {
    let name = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name())).unwrap_or_default();
    match name.as_str() {
        "NotFoundError" => "it is not there any more: moved, renamed or deleted since it was chosen".to_owned(),
        "NotReadableError" => "it was changed or locked since it was chosen".to_owned(),
        "SecurityError" => "the browser does not allow it to be read".to_owned(),
        _ => post::sentence(error),
    }
}

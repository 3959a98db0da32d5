//! Bytes of files: a range at once for the coordinator, one slab after another for a shard.

use crate::post;
use js_sys::{ArrayBuffer, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, ReadableStreamByobReader, ReadableStreamGetReaderOptions, ReadableStreamReaderMode};

/// Bytes `offset..offset + length` of the file, as far as there are any. Errors, as a sentence, when the browser cannot read
/// it (it was moved, changed or locked since it was dropped).
pub async fn range(file: &File, offset: u64, length: u64) -> Result<Vec<u8>, String> {
    // A file that is gone has size 0, and a slice of nothing is read without looking; the file itself is not.
    let blob = if file.size() == 0.0 { file.clone().into() } else { slice(file, offset, length)? };
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|error| why(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// So much is handed to a shard at once: each message wakes a worker, which takes as long as reading 60 kB.
const SLAB_BYTES: u32 = 4 << 20;
/// The first slab is small, so that work begins soon; each is at most twice as large as the one before.
const FIRST_SLAB_BYTES: u32 = 256 << 10;
/// So much is asked of a stream at once.
const VIEW_BYTES: u32 = 256 << 10;
/// So many slabs may be on their way to a shard that has not taken them yet.
const AHEAD: u32 = 3;

/// Said of a file whose handle is not kept any more.
pub const GONE: &str = "The file's handle is gone.";

/// A slice of a file on its way to a shard, slab by slab, no faster than the shard takes them.
///
/// Who parses cannot read beside it: the browser hands out bytes through a pipe of little room, which only the event loop of the reader empties. So the
/// coordinator reads, whose event loop is free.
pub struct Stream {
    /// The request that the slice belongs to.
    pub ticket: u64,
    source: Result<Source, String>,
    at: u64,
    end: u64,
    /// Size of the next slab.
    most: u32,
    /// Buffers that the shard has given back.
    room: Vec<ArrayBuffer>,
    wanted: u32,
    reading: bool,
}

/// Where the bytes of a slice come from. Of the readers that browsers have the first took the least of the processors (`tests/bench`).
#[derive(Clone)]
enum Source {
    /// A stream that fills the buffers it is given: one pipe for the whole slice, and memory that is used again.
    Stream(ReadableStreamByobReader),
    /// In browsers that have no such stream: every slab is a slice of its own.
    Slices(Blob),
}

/// What a shard is handed at once.
pub struct Slab {
    /// All of what is in its buffer.
    pub bytes: Uint8Array,
    /// Nothing follows: the slice was read, or the file has become shorter.
    pub last: bool,
}

impl Source {
    fn new(file: Option<&File>, offset: u64, length: u64) -> Result<Self, String> {
        let blob = slice(file.ok_or(GONE)?, offset, length)?;
        let stream = blob.stream();
        let options = ReadableStreamGetReaderOptions::new();
        options.set_mode(ReadableStreamReaderMode::Byob);
        // Called by name, because browsers that do not know the mode throw.
        let reader = Reflect::get(&stream, &"getReader".into())
            .and_then(|function| function.unchecked_into::<Function>().call1(&stream, &options));
        Ok(reader.map_or(Self::Slices(blob), |reader| Self::Stream(reader.unchecked_into())))
    }

    /// The bytes from `from` on, at most `most`; fewer only where the file ends.
    async fn read(self, from: u64, most: u32, mut buffer: ArrayBuffer) -> Result<Uint8Array, JsValue> {
        let reader = match self {
            Self::Stream(reader) => reader,
            Self::Slices(blob) => {
                let slab = slice_of(&blob, from, most.into())?;
                return Ok(Uint8Array::new(&JsFuture::from(slab.array_buffer()).await?));
            }
        };
        let mut filled = 0;
        while filled < most {
            let room = VIEW_BYTES.min(most - filled);
            let view = Uint8Array::new_with_byte_offset_and_length(&buffer, filled, room);
            let result = JsFuture::from(reader.read_with_array_buffer_view(&view)).await?;
            let read: Uint8Array = Reflect::get(&result, &"value".into())?.dyn_into()?;
            buffer = read.buffer();
            filled += read.length();
            if Reflect::get(&result, &"done".into())?.is_truthy() {
                break;
            }
        }
        Ok(Uint8Array::new_with_byte_offset_and_length(&buffer, 0, filled))
    }
}

impl Stream {
    /// A slice that nothing was read of; none when it is empty.
    pub fn new(ticket: u64, file: Option<&File>, offset: u64, length: u64) -> Option<Self> {
        (length > 0).then(|| Self {
            ticket,
            source: Source::new(file, offset, length),
            at: 0,
            end: length,
            most: FIRST_SLAB_BYTES,
            room: Vec::new(),
            wanted: AHEAD,
            reading: false,
        })
    }

    /// The shard has taken a slab and gives its buffer back.
    pub fn want_more(&mut self, buffer: ArrayBuffer) {
        self.wanted += 1;
        if matches!(self.source, Ok(Source::Stream(_))) {
            self.room.push(buffer);
        }
    }

    /// The slab that is to be read now, if any: one after another, so that they arrive in order. [`Stream::was_read`] has to follow.
    pub fn next(&mut self) -> Option<impl Future<Output = Result<Slab, String>> + use<>> {
        if self.reading || self.wanted == 0 || self.at >= self.end {
            return None;
        }
        let (source, from, left) = (self.source.clone(), self.at, self.end - self.at);
        // At most four mebibytes.
        let shorter = |bytes: u32| left.min(bytes.into()) as u32;
        let (most, room) = (shorter(self.most), shorter(SLAB_BYTES));
        let buffer = self.room.pop().unwrap_or_else(|| ArrayBuffer::new(room));
        self.most = SLAB_BYTES.min(self.most * 2);
        self.wanted -= 1;
        self.reading = true;
        Some(async move {
            let bytes = source?.read(from, most, buffer).await.map_err(|error| why(&error))?;
            let last = bytes.length() < most || left == u64::from(most);
            Ok(Slab { bytes, last })
        })
    }

    /// What [`Stream::next`] gave has been read: so many bytes.
    pub fn was_read(&mut self, bytes: u32) {
        self.reading = false;
        self.at += u64::from(bytes);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Ok(Source::Stream(reader)) = &self.source
            && self.at < self.end
        {
            let cancelled = JsFuture::from(reader.cancel());
            // Fails when reading has failed, which was told.
            wasm_bindgen_futures::spawn_local(async { drop(cancelled.await) });
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a file's size is below 2^53")]
fn slice_of(blob: &Blob, offset: u64, length: u64) -> Result<Blob, JsValue> {
    blob.slice_with_f64_and_f64(offset as f64, offset.saturating_add(length) as f64)
}

fn slice(file: &File, offset: u64, length: u64) -> Result<Blob, String> {
    slice_of(file, offset, length).map_err(|error| why(&error))
}

/// In plain words what browsers say in names.
fn why(error: &JsValue) -> String {
    let name = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name())).unwrap_or_default();
    match name.as_str() {
        "NotFoundError" => "it is not there any more: moved, renamed or deleted since it was chosen".to_owned(),
        "NotReadableError" => "it was changed or locked since it was chosen".to_owned(),
        // All that a stream says, whatever became of the file.
        "TypeError" => "it is not there any more, or was changed since it was chosen".to_owned(),
        "SecurityError" => "the browser does not allow it to be read".to_owned(),
        _ => post::sentence(error),
    }
}

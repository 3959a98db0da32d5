//! Bytes of files: a range at once for the coordinator, one slab after another for a shard.

use crate::post;
use js_sys::{Promise, Uint8Array};
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

/// So much is asked for at once. Of the readers that browsers have this was the fastest beside parsing (`tests/bench`): a stream comes
/// in two thousand small chunks, a synchronous reader stands still meanwhile.
const SLAB_BYTES: u64 = 8 << 20;
/// The first slab is small, so that work begins soon.
const FIRST_SLAB_BYTES: u64 = 1 << 20;
/// So much is copied into the module's memory at a time: what was copied is parsed while the processor's caches hold it.
const PIECE_BYTES: usize = 256 << 10;

/// The slabs of a slice of a file, the next one always on its way.
pub struct Slabs {
    file: File,
    next: Option<Promise>,
    at: u64,
    end: u64,
}

/// A run of bytes outside the module's memory.
pub struct Slab(Uint8Array);

impl Slabs {
    /// Begins to read.
    pub fn open(file: File, offset: u64, length: u64) -> Result<Self, String> {
        let mut slabs = Self { file, next: None, at: offset, end: offset.saturating_add(length) };
        slabs.ask(FIRST_SLAB_BYTES)?;
        Ok(slabs)
    }

    fn ask(&mut self, most: u64) -> Result<(), String> {
        let length = most.min(self.end - self.at);
        if length > 0 {
            self.next = Some(slice(&self.file, self.at, length)?.array_buffer());
            self.at += length;
        }
        Ok(())
    }

    /// The next slab; `None` after the last. An empty one when the file has become shorter.
    pub async fn next(&mut self) -> Result<Option<Slab>, String> {
        let Some(coming) = self.next.take() else { return Ok(None) };
        let buffer = JsFuture::from(coming).await.map_err(|error| why(&error))?;
        self.ask(SLAB_BYTES)?;
        Ok(Some(Slab(Uint8Array::new(&buffer))))
    }
}

impl Slab {
    /// Copies piece by piece into `buffer` and hands on each.
    pub fn for_each_piece(&self, buffer: &mut Vec<u8>, mut each: impl FnMut(&[u8])) {
        buffer.resize(PIECE_BYTES, 0);
        let length = self.0.length();
        let mut from = 0;
        while from < length {
            let to = length.min(from + PIECE_BYTES as u32);
            if let Some(piece) = buffer.get_mut(..(to - from) as usize) {
                self.0.subarray(from, to).copy_to(piece);
                each(piece);
            }
            from = to;
        }
    }
}

impl Drop for Slabs {
    fn drop(&mut self) {
        // What was asked for ahead is not wanted any more, nor whether it failed.
        if let Some(unwanted) = self.next.take() {
            wasm_bindgen_futures::spawn_local(async {
                let _ = JsFuture::from(unwanted).await;
            });
        }
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

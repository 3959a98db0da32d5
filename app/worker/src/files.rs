//! Bytes of files: a range at once for the coordinator, a stream of chunks for a shard.

use crate::post;
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, ReadableStreamDefaultReader};

/// Bytes `offset..offset + length` of the file, as far as there are any. Errors, as a sentence, when the browser cannot read
/// it (it was moved, changed or locked since it was dropped).
pub async fn range(file: &File, offset: u64, length: u64) -> Result<Vec<u8>, String> {
    // A file that is gone has size 0, and a slice of nothing is read without looking; the file itself is not.
    let blob = if file.size() == 0.0 { file.clone().into() } else { slice(file, offset, length)? };
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|error| why(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// The chunks of a slice, in the sizes that the browser gives them, the next one always on its way.
pub struct Chunks {
    reader: ReadableStreamDefaultReader,
    next: Promise,
    buffer: Vec<u8>,
}

impl Chunks {
    /// Begins to read.
    pub fn open(file: &File, offset: u64, length: u64) -> Result<Self, String> {
        let reader: ReadableStreamDefaultReader = slice(file, offset, length)?.stream().get_reader().unchecked_into();
        let next = reader.read();
        Ok(Self { reader, next, buffer: Vec::new() })
    }

    /// The next chunk; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, String> {
        let result = JsFuture::from(self.next.clone()).await.map_err(|error| why(&error))?;
        let chunk = Reflect::get(&result, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let Some(chunk) = chunk.dyn_ref::<Uint8Array>() else { return Ok(None) };
        self.next = self.reader.read();
        let length = chunk.length() as usize;
        if self.buffer.len() < length {
            self.buffer.resize(length, 0);
        }
        let filled = &mut self.buffer[..length];
        chunk.copy_to(filled);
        Ok(Some(filled))
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        // What was asked for ahead is not wanted any more, nor whether it failed.
        for unwanted in [self.next.clone(), self.reader.cancel()] {
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

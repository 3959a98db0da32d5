//! Handles of dropped, chosen and pasted files under the paths that the summary will know them by: a base name, or the
//! folder's name and the inner path.

use crate::state::NamedFile;
use js_sys::{Array, Function, Promise};
use underlay_model::order::Order;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

/// Names that are passed over (summary contract, Inputs): hidden files and what macOS adds to archives.
fn passed_over(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}

fn path_is_passed_over(path: &str) -> bool {
    path.split('/').any(passed_over)
}

/// The files of an input element; of a folder input with their paths inside the folder.
pub fn of_list(list: &FileList) -> Vec<NamedFile> {
    (0..list.length())
        .filter_map(|at| {
            let file = list.item(at)?;
            let inside =
                js_sys::Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
            let path = inside.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
            (!path_is_passed_over(&path)).then_some(NamedFile { path, file })
        })
        .collect()
}

/// Files that are looked up in one task.
const LOOKED_UP: usize = 24;

/// Has the browser look up size and date of all files, a few at a time. It asks the system for each, at the latest when the file goes to the worker: for
/// two thousand that is a task of half a second.
pub async fn look_up(files: &[NamedFile]) {
    for few in files.chunks(LOOKED_UP) {
        for NamedFile { file, .. } in few {
            file.size();
        }
        // What comes next is a task of its own, too.
        next_task().await;
    }
}

/// Lets a page that somebody looks at do what it has to do meanwhile; in others the browser makes pauses long.
async fn next_task() {
    let promise = Promise::new(&mut |resolve, _| {
        let shown = web_sys::window().filter(|page| page.document().is_some_and(|document| !document.hidden()));
        let asked = shown.map(|page| page.set_timeout_with_callback(&resolve));
        if !matches!(asked, Some(Ok(_))) {
            // Without a clock there is no pause.
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = JsFuture::from(promise).await;
}

/// What a drop holds. All of it must be taken while the event is handled; afterwards the browser forgets it.
#[derive(Default)]
pub struct Dropped {
    /// Folders, still to be walked.
    pub folders: Vec<FileSystemEntry>,
    /// Files that lay beside them.
    pub files: Vec<NamedFile>,
}

/// Takes hold of what was dropped.
pub fn take(transfer: &DataTransfer) -> Dropped {
    let items = transfer.items();
    let mut dropped = Dropped::default();
    for at in 0..items.length() {
        let Some(item) = items.get(at) else { continue };
        let entry = item.webkit_get_as_entry().ok().flatten();
        if let Some(folder) = entry.filter(FileSystemEntry::is_directory) {
            dropped.folders.push(folder);
        } else if let Some(file) = item.get_as_file().ok().flatten()
            && !passed_over(&file.name())
        {
            dropped.files.push(NamedFile { path: file.name(), file });
        }
    }
    dropped
}

/// Calls that answer through one of two callbacks, as a promise.
fn promised(call: impl Fn(&Function, &Function) + 'static) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, reject| call(&resolve, &reject)))
}

/// All files of a drop, in the order of their paths. Folders that cannot be read give none.
pub async fn walk(dropped: Dropped) -> Vec<NamedFile> {
    let Dropped { folders: mut waiting, mut files } = dropped;
    while let Some(entry) = waiting.pop() {
        if passed_over(&entry.name()) {
            continue;
        }
        if entry.is_directory() {
            waiting.extend(children(entry.unchecked_into()).await);
        } else if let Some(file) = handle(entry.clone().unchecked_into()).await {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            files.push(NamedFile { path, file });
        }
    }
    files.order_by(|a, b| a.path.cmp(&b.path));
    files
}

/// A folder gives its entries in batches; the last batch is empty.
async fn children(folder: FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let source = reader.clone();
        let batch = promised(move |resolve, reject| {
            // An error is told through the second callback.
            let _ = source.read_entries_with_callback_and_callback(resolve, reject);
        })
        .await;
        let Ok(batch) = batch else { return all };
        let batch: Array = batch.unchecked_into();
        if batch.length() == 0 {
            return all;
        }
        all.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn handle(entry: FileSystemFileEntry) -> Option<File> {
    let got = promised(move |resolve, reject| entry.file_with_callback_and_callback(resolve, reject)).await;
    got.ok().map(JsCast::unchecked_into)
}

/// Pasted text as a file of its own.
pub fn of_text(text: &str, number: u32) -> Option<NamedFile> {
    let name = if number <= 1 { "pasted.txt".to_owned() } else { format!("pasted-{number}.txt") };
    let file = File::new_with_str_sequence(&Array::of1(&text.into()), &name).ok()?;
    Some(NamedFile { path: name, file })
}

/// What to call a capture of these files: the folder that holds them all, else the first file.
pub fn name_of(files: &[NamedFile]) -> String {
    let Some(first) = files.first() else { return String::new() };
    let folder = first.path.split_once('/').map(|(folder, _)| folder);
    match folder {
        Some(folder)
            if files.iter().all(|file| file.path.split_once('/').is_some_and(|(other, _)| other == folder)) =>
        {
            folder.to_owned()
        }
        _ if files.len() == 1 => first.path.clone(),
        _ => format!("{} and {} more", first.path, files.len() - 1),
    }
}

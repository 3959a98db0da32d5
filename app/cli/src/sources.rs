//! Native files as inputs: the walk through folders, the paths that the contract gives them, standard input, and reading.

use crate::patterns;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use underlay_ingest::order::passed_over;
use underlay_model::wire::FileOffer;
use underlay_session::in_process::{ByteReader, ByteSource};

/// A file and the path by which the capture knows it.
pub type Offered = (FileOffer, Arc<dyn ByteSource>);

/// What the paths named on the command line hold.
#[derive(Default)]
pub struct Found {
    /// All files, in the order of the command line, folders by name.
    pub files: Vec<Offered>,
    /// Sentences about what was passed over.
    pub passed_over: Vec<String>,
}

/// Finds all files of the paths named on the command line. Errors with a sentence when a path does not exist.
pub fn collect(paths: &[OsString]) -> Result<Found, String> {
    let mut found = Found::default();
    for path in paths {
        if path == "-" {
            found.files.push(standard_input()?);
            continue;
        }
        let path = Path::new(path);
        match std::fs::metadata(path) {
            Ok(metadata) => take(path, &metadata, &mut found)?,
            Err(error) => {
                let unknown = |error: &io::Error| format!("{}: {}", path.display(), reason(error));
                for path in patterns::expanded(path).ok_or_else(|| unknown(&error))? {
                    let metadata =
                        std::fs::metadata(&path).map_err(|error| format!("{}: {}", path.display(), reason(&error)))?;
                    take(&path, &metadata, &mut found)?;
                }
            }
        }
    }
    Ok(found)
}

/// A file or folder that was named.
fn take(path: &Path, metadata: &Metadata, found: &mut Found) -> Result<(), String> {
    if metadata.is_dir() {
        walk(path, &base_name(path), found);
        return Ok(());
    }
    let offer = FileOffer { path: base_name(path), bytes: metadata.len() };
    let seekable = metadata.is_file();
    found.files.push(if seekable { (offer, file_source(path)) } else { spooled(&offer.path, path)? });
    Ok(())
}

/// The last component, also of `.`, `..` and `folder/`.
fn base_name(path: &Path) -> String {
    let plain = |name: &OsStr| name.to_string_lossy().into_owned();
    if let Some(name) = path.file_name()
        && !path.as_os_str().to_string_lossy().ends_with("/.")
    {
        return plain(name);
    }
    path.canonicalize().ok().and_then(|full| full.file_name().map(plain)).unwrap_or_else(|| "root".to_owned())
}

/// Files below a folder. A folder that cannot be listed becomes an input that cannot be read, so that it is not lost in
/// silence; links to folders are not followed, because they may lead in a circle, and that is said.
fn walk(folder: &Path, prefix: &str, found: &mut Found) {
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => {
            let source = Unreadable(reason(&error));
            found.files.push((FileOffer { path: prefix.to_owned(), bytes: 0 }, Arc::new(source)));
            return;
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if passed_over(&name) {
            continue;
        }
        let (path, inner) = (entry.path(), format!("{prefix}/{name}"));
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&path, &inner, found);
            continue;
        }
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {
                found.files.push((FileOffer { path: inner, bytes: metadata.len() }, file_source(&path)));
            }
            Ok(metadata) if metadata.is_dir() => {
                found
                    .passed_over
                    .push(format!("{inner}: a link to a folder, not followed. Name that folder, too, to read it"));
            }
            Ok(_) => {
                found.passed_over.push(format!("{inner}: no file, but a pipe, socket or device. It was passed over"))
            }
            Err(error) => {
                found.files.push((FileOffer { path: inner, bytes: 0 }, Arc::new(Unreadable(reason(&error)))));
            }
        }
    }
}

/// The reason of an error as a clause without the number that the standard library appends.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn file_source(path: &Path) -> Arc<dyn ByteSource> {
    Arc::new(FileSource { path: path.to_owned() })
}

/// A file by its path; opened for each reading, so that a hundred thousand files need no hundred thousand handles.
struct FileSource {
    path: PathBuf,
}

impl ByteSource for FileSource {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        let file = File::open(&self.path).map_err(|error| reason(&error))?;
        Ok(Box::new(FileReader { file, position: 0 }))
    }
}

struct FileReader {
    file: File,
    position: u64,
}

impl ByteReader for FileReader {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, String> {
        if offset != self.position {
            self.file.seek(SeekFrom::Start(offset)).map_err(|error| reason(&error))?;
            self.position = offset;
        }
        let count = loop {
            match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(|error| reason(&error))?,
            }
        };
        self.position += count as u64;
        Ok(count)
    }
}

struct Unreadable(String);

impl ByteSource for Unreadable {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        Err(self.0.clone())
    }
}

/// Bytes of a stream, laid down in a temporary file: an archive is read from its end, and the size is told first.
struct Spool {
    path: PathBuf,
}

impl ByteSource for Spool {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        FileSource { path: self.path.clone() }.open()
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Nothing can be done about a temporary file that will not go.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn standard_input() -> Result<Offered, String> {
    spool("-", &mut io::stdin().lock()).map_err(|error| format!("standard input: {}", reason(&error)))
}

fn spooled(name: &str, path: &Path) -> Result<Offered, String> {
    File::open(path)
        .and_then(|mut file| spool(name, &mut file))
        .map_err(|error| format!("{}: {}", path.display(), reason(&error)))
}

fn spool(name: &str, stream: &mut impl Read) -> io::Result<Offered> {
    for number in 0..u16::MAX {
        let path = std::env::temp_dir().join(format!("underlay-{}-{number}", std::process::id()));
        match File::options().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                let source = Spool { path };
                let bytes = io::copy(stream, &mut file)?;
                return Ok((FileOffer { path: name.to_owned(), bytes }, Arc::new(source)));
            }
        }
    }
    Err(io::Error::other("no temporary file could be made"))
}

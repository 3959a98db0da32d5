//! A capture as a folder of the file system; native only.

use crate::sink::Sink;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Writes files below a folder.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    current: Option<BufWriter<File>>,
}

impl Directory {
    /// Writes below `root`, which is made when it does not exist; files of the same name are replaced, others stay.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn create(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        fs::create_dir_all(&root)?;
        Ok(Self { root, current: None })
    }
}

impl Sink for Directory {
    fn file(&mut self, path: &str) -> io::Result<()> {
        self.finish()?;
        let target = path.split('/').fold(self.root.clone(), |folder, part| folder.join(part));
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        self.current = Some(BufWriter::with_capacity(1 << 18, File::create(target)?));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.current {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(mut file) = self.current.take() {
            file.flush()?;
        }
        Ok(())
    }
}

//! How files come in: dropped, chosen, pasted, or the sample; and the landing page that asks for them. Only handles are
//! gathered here; nothing is read on the page's thread.

mod collect;
mod files;
mod ink;
mod landing;
mod sample;
mod sheet;

pub use collect::CommandLine;
pub use ink::Ink;
pub use landing::Landing;
pub use sheet::{DropSheet, pick_files, pick_folder};
